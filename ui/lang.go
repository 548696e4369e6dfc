package ui

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"traycam/sentence"
)

// Every text that people read goes through tr, count or inWords. Its key is the
// English text; translations/LANGUAGE.json has the others, and en.json only what
// has a plural.
//
//go:embed translations
var translations embed.FS

// numbers writes figures as the person's country does. Set by speak.
var numbers = message.NewPrinter(language.English)

// speak finds out the person's language. Before it, all is English.
var speak = sync.OnceFunc(func() {
	if err := lang.AddTranslationsFS(translations, "translations"); err != nil {
		fyne.LogError("translations", err)
	}
	numbers = message.NewPrinter(language.Make(string(lang.SystemLocale())))
})

// tr is an English text in the person's language, filled in as fmt.Sprintf does.
func tr(text string, args ...any) string {
	said := lang.L(text)
	if len(args) == 0 {
		return said
	}
	return fmt.Sprintf(said, args...)
}

// count is "1 camera", "2 cameras"; things is the key of its plural forms, such as "%d cameras".
func count(n int, things string) string {
	return strings.Replace(lang.XN(things, things, n), "%d", numbers.Sprint(n), 1)
}

// inWords is an error as people read it.
func inWords(err error) string { return sentence.In(err, translated) }

// translated looks a sentence up that was written elsewhere. What a camera said
// may stand in it, which is not to be run as a template.
func translated(text string) string {
	if text == "" || strings.Contains(text, "{{") {
		return text
	}
	return lang.L(text)
}

// decimal has one digit after the point below 100, without a trailing zero, and none above.
func decimal(v float64) string {
	digits := 1
	if v >= 99.95 {
		digits = 0
	}
	return numbers.Sprint(number.Decimal(v, number.MaxFractionDigits(digits), number.NoSeparator()))
}
