package discover

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1" // #nosec G505 -- WS-UsernameToken knows no other
	"crypto/tls"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"traycam/sentence"
	"traycam/streaming/camera"
)

const (
	deviceSpace = "http://www.onvif.org/ver10/device/wsdl"
	mediaSpace  = "http://www.onvif.org/ver10/media/wsdl"
	schemaSpace = "http://www.onvif.org/ver10/schema"
	security    = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"

	maxAnswer  = 1 << 20
	answerTime = 8 * time.Second // for one question
)

// client asks one ONVIF device, on one host.
type client struct {
	device         *url.URL
	host           string
	user, password string
	ahead          time.Duration // of the camera's clock
	http           *http.Client
}

// refusal is what a camera answered in place of what was asked for.
type refusal struct {
	password bool // it is about the password
	error
}

func (r *refusal) Unwrap() error { return r.error }

func newClient(f Found, user, password string) (*client, error) {
	u, err := url.Parse(f.URL)
	if err != nil || !f.ONVIF || u.Hostname() != f.Host {
		return nil, sentence.Errorf("%s is not an ONVIF camera", f.Host)
	}
	return &client{device: u, host: f.Host, user: user, password: password, http: &http.Client{
		Timeout: answerTime,
		Transport: &http.Transport{
			DisableKeepAlives:      true, // some cameras' servers lose the second request
			MaxResponseHeaderBytes: 64 << 10,
			// Cameras make their certificates themselves. Only digests are sent, as over plain HTTP.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // #nosec G402 -- see above
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// name is the camera's address, for people.
func (c *client) name() string { return c.device.Host }

// reply is everything that answers may hold, by local names.
type reply struct {
	Fault struct {
		Codes   []string `xml:"Code>Value"`
		Sub     []string `xml:"Code>Subcode>Value"`
		SubSub  []string `xml:"Code>Subcode>Subcode>Value"`
		Reasons []string `xml:"Reason>Text"`
		Code11  string   `xml:"faultcode"` // SOAP 1.1
		Said11  string   `xml:"faultstring"`
	}
	Clock       clock                               `xml:"GetSystemDateAndTimeResponse>SystemDateAndTime>UTCDateTime"`
	Media       string                              `xml:"GetCapabilitiesResponse>Capabilities>Media>XAddr"`
	Services    []struct{ Namespace, XAddr string } `xml:"GetServicesResponse>Service"`
	Profiles    []profile                           `xml:"GetProfilesResponse>Profiles"`
	StreamURI   string                              `xml:"GetStreamUriResponse>MediaUri>Uri"`
	SnapshotURI string                              `xml:"GetSnapshotUriResponse>MediaUri>Uri"`
}

type profile struct {
	Token   string `xml:"token,attr"`
	Name    string
	Encoder struct {
		Encoding string
		Width    int `xml:"Resolution>Width"`
		Height   int `xml:"Resolution>Height"`
	} `xml:"VideoEncoderConfiguration"`
}

type clock struct {
	Year, Month, Day     int
	Hour, Minute, Second int
}

// UnmarshalXML takes the clock from Date and Time, whose order is open.
func (k *clock) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var t struct {
		Date struct{ Year, Month, Day int }
		Time struct{ Hour, Minute, Second int }
	}
	if err := d.DecodeElement(&t, &start); err != nil {
		return err
	}
	*k = clock{t.Date.Year, t.Date.Month, t.Date.Day, t.Time.Hour, t.Time.Minute, t.Time.Second}
	return nil
}

// time is zero where the camera does not know it.
func (k clock) time() time.Time {
	if k.Year < 1970 || k.Year > 2200 || k.Month < 1 || k.Month > 12 || k.Day < 1 || k.Day > 31 {
		return time.Time{}
	}
	return time.Date(k.Year, time.Month(k.Month), k.Day, k.Hour, k.Minute, k.Second, 0, time.UTC)
}

// call asks one question. Its errors are sentences, and none holds what was sent.
func (c *client) call(ctx context.Context, where *url.URL, body string) (reply, error) {
	var asked []string
	for range 2 {
		answer, status, challenge, err := c.post(ctx, where, body, asked)
		if err != nil {
			return reply{}, c.lost(ctx, err)
		}
		if status == http.StatusUnauthorized && asked == nil && c.user != "" {
			if _, ok := camera.Digest(challenge, c.user, c.password, "POST", where.RequestURI()); ok {
				asked = challenge
				continue
			}
		}
		return c.understand(answer, status)
	}
	return reply{}, c.wrongPassword()
}

// post sends a question, signed if there is a user. asked is how an answer of before
// asked for the password by HTTP; nil: not yet.
func (c *client) post(ctx context.Context, where *url.URL, body string, asked []string) (answer []byte, status int, challenge []string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, where.String(), strings.NewReader(c.envelope(body)))
	if err != nil {
		return nil, 0, nil, err
	}
	request.Header.Set("Content-Type", "application/soap+xml; charset=utf-8")
	request.Header.Set("User-Agent", "Traycam")
	if authorization, ok := camera.Digest(asked, c.user, c.password, http.MethodPost, where.RequestURI()); ok {
		request.Header.Set("Authorization", authorization)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return answer, response.StatusCode, response.Header.Values("WWW-Authenticate"), err
}

// envelope is the question with its WS-UsernameToken (Web Services Security
// UsernameToken Profile 1.0, 3.1), if there is a user.
func (c *client) envelope(body string) string {
	header := ""
	if c.user != "" {
		nonce := make([]byte, 16)
		rand.Read(nonce)
		created := time.Now().Add(c.ahead).UTC().Format("2006-01-02T15:04:05.000Z")
		header = `<Security s:mustUnderstand="1" xmlns="` + security + `wssecurity-secext-1.0.xsd"><UsernameToken>` +
			`<Username>` + escaped(c.user) + `</Username>` +
			`<Password Type="` + security + `username-token-profile-1.0#PasswordDigest">` + passwordDigest(nonce, created, c.password) + `</Password>` +
			`<Nonce EncodingType="` + security + `soap-message-security-1.0#Base64Binary">` + base64.StdEncoding.EncodeToString(nonce) + `</Nonce>` +
			`<Created xmlns="` + security + `wssecurity-utility-1.0.xsd">` + created + `</Created></UsernameToken></Security>`
	}
	return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">` +
		`<s:Header>` + header + `</s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

func passwordDigest(nonce []byte, created, password string) string {
	h := sha1.New() // #nosec G401 -- WS-UsernameToken knows no other
	h.Write(nonce)
	io.WriteString(h, created+password)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func escaped(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text))
	return b.String()
}

// understand reads an answer.
func (c *client) understand(answer []byte, status int) (reply, error) {
	var envelope struct {
		XMLName xml.Name
		Body    *reply
	}
	err := decodeXML(bytes.NewReader(answer), &envelope)
	isSOAP := err == nil && envelope.XMLName.Local == "Envelope" && envelope.Body != nil
	var said string
	if isSOAP {
		f := envelope.Body.Fault
		codes := append(append(append(f.Codes, f.Sub...), f.SubSub...), f.Code11)
		reasons := append(f.Reasons, f.Said11)
		said = strings.TrimSpace(strings.Join(append(codes, reasons...), " "))
	}
	small := strings.ToLower(said)
	contains := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(small, w) {
				return true
			}
		}
		return false
	}
	switch {
	case said == "" && isSOAP && status/100 == 2:
		return *envelope.Body, nil
	case c.user != "" && contains("time check", "timestamp", "messageexpired", "clock"):
		return reply{}, &refusal{true, sentence.Errorf("The camera at %s takes the password for outdated: its clock is wrong. Set its clock, and try again.", c.name())}
	case status == http.StatusUnauthorized, contains("notauthorized", "failedauthentication", "failedcheck", "invalidsecurity", "not authorized", "unauthorized", "authority failure"):
		if c.user == "" {
			return reply{}, &refusal{true, wrapPassword(sentence.Errorf("The camera at %s wants a user name and a password", c.name()))}
		}
		return reply{}, c.wrongPassword()
	case status == http.StatusForbidden, contains("locked"):
		return reply{}, &refusal{true, sentence.Errorf("The camera at %s lets nobody in for now: after wrong passwords cameras do so for some minutes. Try again later, or look into its settings.", c.name())}
	case said != "":
		return reply{}, &refusal{false, sentence.Errorf("The camera at %s refuses to tell its streams: it answered “%s”", c.name(), shown(c.without(said)))}
	}
	return reply{}, &refusal{false, sentence.Errorf("What answers at %s does not speak ONVIF as Traycam knows it. Perhaps ONVIF is turned off in the camera's settings.", c.name())}
}

func (c *client) wrongPassword() error {
	return &refusal{true, wrapPassword(sentence.Errorf("The camera at %s does not accept this user name and password. Many cameras have users of their own for ONVIF, which are made in their settings.", c.name()))}
}

// without takes out the password, which a camera may have sent back.
func (c *client) without(said string) string {
	if c.password == "" {
		return said
	}
	return strings.ReplaceAll(said, c.password, "…")
}

// passwordError is a sentence that [ErrPassword] is found in.
type passwordError struct{ error }

func wrapPassword(err error) error       { return &passwordError{err} }
func (e *passwordError) Unwrap() []error { return []error{e.error, ErrPassword} }

// lost explains why there was no answer.
func (c *client) lost(ctx context.Context, err error) error {
	if ctx.Err() == context.Canceled {
		return ctx.Err()
	}
	if timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && timeout.Timeout() {
		return sentence.Errorf("The camera at %s does not answer in time. Is it still on?", c.name())
	}
	return sentence.Errorf("The connection to the camera at %s cannot be made, or broke off. Is it still on?", c.name())
}
