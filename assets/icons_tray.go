//go:build !windows

package assets

import _ "embed"

// Icons for the tray: PNG files of 64×64.
var (
	//go:embed icons/tray-stopped.png
	TrayStopped []byte
	//go:embed icons/tray-streaming.png
	TrayStreaming []byte
	//go:embed icons/tray-attention.png
	TrayAttention []byte
)
