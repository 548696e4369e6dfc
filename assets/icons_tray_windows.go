package assets

import _ "embed"

// Icons for the tray: ICO files, which is what Windows loads, 16×16 to 48×48.
var (
	//go:embed icons/tray-stopped.ico
	TrayStopped []byte
	//go:embed icons/tray-streaming.ico
	TrayStreaming []byte
	//go:embed icons/tray-attention.ico
	TrayAttention []byte
)
