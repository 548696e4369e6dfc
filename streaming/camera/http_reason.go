package camera

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"traycam/streaming/jpeg"
)

// problem is about where v is; detail is what belongs at %v.
func (v *visit) problem(sentence, detail string) *Problem {
	return webProblem(hostPort(v.at), sentence, detail, nil)
}

func webProblem(address, sentence, detail string, err error) *Problem {
	r := Reason{Sentence: sentence, Address: address, Detail: detail}
	if err == nil {
		err = errors.New(r.String())
	}
	return &Problem{Reason: r, Err: fmt.Errorf("ask camera %s: %w", address, err)}
}

// clean is what a camera said, fit for people: short, and without the password,
// which it may have sent back.
func (v *visit) clean(said string) string {
	if v.user != nil {
		if password, _ := v.user.Password(); password != "" {
			said = strings.ReplaceAll(said, password, "…")
		}
	}
	said = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(said, "?"))
	said = strings.Join(strings.Fields(said), " ")
	if short := []rune(said); len(short) > 80 {
		said = string(short[:80]) + "…"
	}
	return said
}

// answerProblem explains why there was no answer to read.
func answerProblem(address string, err error) error {
	sentence := "The connection to the camera at %s broke off."
	silent := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case silent:
		sentence = "The camera at %s is connected but does not answer. Does it have to be started anew?"
	case errors.Is(err, io.EOF):
		sentence = "The camera at %s hangs up at once. It may be serving somebody else: many cameras allow one viewer."
	case errors.Is(err, errNotHTTP):
		sentence = "What answers at %s is not a web camera. Is the port right?"
	}
	p := webProblem(address, sentence, "", err)
	p.Stalled = silent
	return p
}

// tlsProblem explains why address could not be spoken to in secret.
func tlsProblem(address string, err error) error {
	sentence, detail := "The encrypted connection to the camera at %s failed. Perhaps it is too old for that: try http:// in its address.", ""
	unverified, isCertificate := errors.AsType[*tls.CertificateVerificationError](err)
	other, isOther := errors.AsType[*otherCertificate](err)
	_, isPlain := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case isCertificate:
		sentence = certificateSentence(unverified.Err)
		if len(unverified.UnverifiedCertificates) > 0 {
			detail = fingerprint(unverified.UnverifiedCertificates[0].Raw)
		}
	case isOther:
		detail = other.fingerprint
		sentence = "The camera at %s shows another certificate than the one that is trusted. If it was set up anew, put pin=%v into its address; if not, somebody may be in between."
	case isPlain:
		sentence = "The camera at %s does not encrypt. Use http:// in its address, with the right port."
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		sentence = "The camera at %s is connected but does not answer to https://. Is the port right?"
	}
	return webProblem(address, sentence, detail, err)
}

func certificateSentence(err error) string {
	_, isName := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case isName:
		return "The camera at %s has a certificate for another name. Use that name, or if this is your camera, put #pin=%v at the end of its address."
	case isInvalid && invalid.Reason == x509.Expired:
		return "The camera at %s has a certificate that has expired, or the clock of this computer is wrong. If this is your camera, put #pin=%v at the end of its address."
	}
	return "The camera at %s made its certificate itself, as anybody can. If this is your camera, put #pin=%v at the end of its address; its own settings should show that fingerprint."
}

// refused explains an answer that is neither a picture nor a way to one.
func (v *visit) refused(a *answer) error {
	if a.code == 400 && v.at.Scheme == "http" && v.wantsTLS(a) {
		return v.problem("The camera at %s wants an encrypted connection. Use https:// in its address.", "")
	}
	sentence := "The camera at %s refuses to send its picture: it answered “%v”."
	switch a.code {
	case 403:
		sentence = "The camera at %s does not let this user see its picture, or nobody from this computer: it answered “%v”. Change that in the camera's settings."
	case 404, 410:
		sentence = "The camera at %s has no picture at this address; is the path right? It answered “%v”."
	case 429, 503:
		sentence = "The camera at %s is busy, perhaps with somebody else, since many cameras allow one viewer: it answered “%v”."
	case 500, 502, 504:
		sentence = "The camera at %s has trouble of its own: it answered “%v”. Does it have to be started anew?"
	}
	return v.problem(sentence, v.clean(a.status))
}

// wantsTLS tells whether a is what servers answer to plain HTTP on a port for TLS.
func (v *visit) wantsTLS(a *answer) bool {
	if v.conn.SetReadDeadline(time.Now().Add(lastByte)) != nil {
		return false
	}
	text, _ := io.ReadAll(io.LimitReader(newBody(a), 4<<10))
	text = bytes.ToLower(text)
	return bytes.Contains(text, []byte("https")) || bytes.Contains(text, []byte("ssl-enabled"))
}

// notPicture explains a body without a picture, which ended with err.
func (v *visit) notPicture(b *body, r *jpeg.Reader, err error) error {
	address := hostPort(v.at)
	title, isPage := pageTitle(b.begin)
	silent := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case r.Stats().Images > 0 || r.Stats().Dropped() > 0 && !isPage:
	case len(b.begin) > 1 && b.begin[0] == 0x15 && b.begin[1] == 3: // a TLS alert
		return webProblem(address, "The camera at %s wants an encrypted connection. Use https:// in its address.", "", err)
	case isPage && title != "":
		return webProblem(address, "What comes from %s is not a picture but a web page titled “%v”. Look in the camera's manual for the address of its picture.", v.clean(title), err)
	case isPage:
		return webProblem(address, "What comes from %s is not a picture but a web page. Look in the camera's manual for the address of its picture.", "", err)
	case len(b.begin) == 0 && !silent && b.length == 0:
		return webProblem(address, "The camera at %s sends an empty picture. Is it still starting?", "", err)
	case len(b.begin) > 0 && !silent && r.Sniff() == "":
		return webProblem(address, "What comes from %s is not a picture. Is the path right?", "", err)
	}
	return streamProblem(address, r, err)
}

// pageTitle finds the title in the beginning of a web page.
func pageTitle(begin []byte) (title string, isPage bool) {
	lower := bytes.ToLower(begin)
	if len(lower) != len(begin) { // letters that are longer in small
		begin = lower
	}
	isPage = bytes.Contains(lower[:min(len(lower), 1<<10)], []byte("<html")) || bytes.Contains(lower[:min(len(lower), 1<<10)], []byte("<!doctype html"))
	from := bytes.Index(lower, []byte("<title"))
	if from < 0 {
		return "", isPage
	}
	text := begin[from:]
	open := bytes.IndexByte(text, '>')
	if open < 0 {
		return "", isPage
	}
	text = text[open+1:]
	end := bytes.IndexByte(text, '<')
	if end < 0 {
		return "", isPage
	}
	return html.UnescapeString(string(text[:end])), true
}
