package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// muted is the colour of what is said beside the main thing.
const muted fyne.ThemeColorName = "muted"

// look is Fyne's theme with a few colours that are easier to see: outlines of
// fields and radio buttons at 3:1 on their ground, faint text at 4.5:1. It is
// "light" or "dark", or follows the "system".
type look struct {
	fyne.Theme
	chosen string
}

func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch l.chosen {
	case "light":
		variant = theme.VariantLight
	case "dark":
		variant = theme.VariantDark
	}
	light := variant == theme.VariantLight
	pick := func(onLight, onDark uint8) color.Color {
		grey := onDark
		if light {
			grey = onLight
		}
		return color.NRGBA{grey, grey, grey, 0xff}
	}
	switch name {
	case muted:
		return pick(0x6a, 0xa4)
	case theme.ColorNamePlaceHolder:
		return pick(0x70, 0x90)
	case theme.ColorNameInputBorder:
		return pick(0x92, 0x6c)
	}
	return l.Theme.Color(name, variant)
}

// colorOf is a colour of th in the variant that the system shows now.
func colorOf(th fyne.Theme, name fyne.ThemeColorName) color.Color {
	return th.Color(name, fyne.CurrentApp().Settings().ThemeVariant())
}
