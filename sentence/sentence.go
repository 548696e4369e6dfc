// Package sentence is errors that people read: a sentence with its parts kept
// apart, so that a view can say it in the person's language.
package sentence

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a sentence with places for what it is about. Format is English, and
// the key of its translations.
type Error struct {
	Format string
	Args   []any // as fmt takes them; an error among them is wrapped
}

// Errorf makes an [Error] as fmt.Errorf would. Format must be a constant, and
// hold nothing that belongs into the arguments: it is looked up.
func Errorf(format string, args ...any) error { return &Error{Format: format, Args: args} }

func (e *Error) Error() string { return fmt.Errorf(e.Format, e.Args...).Error() }

// Unwrap gives the errors among the arguments.
func (e *Error) Unwrap() (wrapped []error) {
	for _, a := range e.Args {
		if err, ok := a.(error); ok {
			wrapped = append(wrapped, err)
		}
	}
	return wrapped
}

// Of is err as a person reads it, in English: a capital first, a stop last.
func Of(err error) string { return In(err, func(s string) string { return s }) }

// In is err as a person reads it, with the sentences in it translated.
func In(err error, translate func(string) string) string { return finished(said(err, translate)) }

func said(err error, translate func(string) string) string {
	e, ok := err.(*Error)
	if !ok {
		// What wraps a sentence names the thing for the log; people read the sentence.
		if inner, found := errors.AsType[*Error](err); found {
			return said(inner, translate)
		}
		return err.Error()
	}
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		if inner, ok := a.(error); ok {
			a = said(inner, translate)
		}
		args[i] = a
	}
	return fmt.Sprintf(strings.ReplaceAll(translate(e.Format), "%w", "%v"), args...)
}

// finished begins with a capital, unless with a quote or a place in a file, and ends with a stop.
func finished(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}
