// Package assets holds the files that are built into Traycam.
package assets

import _ "embed"

// Icons for windows and rows. PNG and SVG files, made from the sources in icons
// by "make icons".
var (
	// AppIcon is Traycam's own icon, a PNG of 128×128.
	//
	//go:embed icons/app-128.png
	AppIcon []byte

	// The shapes that tell a state beside its word, as SVG. Each is a colour and
	// a shape of its own, readable on light and dark.
	//
	//go:embed icons/state-live.svg
	StateLive []byte
	//go:embed icons/state-waiting.svg
	StateWaiting []byte
	//go:embed icons/state-attention.svg
	StateAttention []byte
	//go:embed icons/state-off.svg
	StateOff []byte

	// NoPicture stands where a camera has no picture, as SVG.
	//
	//go:embed icons/no-picture.svg
	NoPicture []byte
)
