package app

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"traycam/sentence"
	"traycam/streaming/camera"
)

// Config is what the person chose. It is a value: Clone before changing one
// that others may hold.
type Config struct {
	Settings
	Share   Share
	Cameras []CameraConfig
}

// Settings are what the person chose for the program as a whole. Comparable.
type Settings struct {
	// Port is where the viewer page is. 0: any free port.
	Port int
	// StreamAtStart begins streaming when the program starts.
	StreamAtStart bool
	// MaxViewers limits the streams that are watched at once. 0: no limit.
	MaxViewers int
	// LogFolder is where log files go. Empty: the system's folder for such things.
	LogFolder string
	// FFmpeg is where the program ffmpeg is. Empty: it is looked for.
	FFmpeg string
	// Theme is "system", "light" or "dark".
	Theme string
	// StartHidden starts with the tray icon alone.
	StartHidden bool
	// NotifyFirstViewer tells when somebody begins to watch after nobody did.
	NotifyFirstViewer bool
	// NotifyProblems tells when a camera is down for long, when it is back, and
	// when the port is lost.
	NotifyProblems bool
}

// Share says who may watch from the network.
type Share struct {
	// Mode is "off": this computer only, "link": who has the link, or "open".
	Mode string
	// Token is the secret part of links; empty until one was made.
	Token string
	// MDNS tells the network this computer's name while cameras are shared.
	MDNS bool
	// Links are further links, each with limits of its own.
	Links []Link
}

// CameraConfig is what the person chose for one camera.
type CameraConfig struct {
	// ID stands in web addresses: a–z, 0–9 and '-'. Made from the name when the
	// camera is added, and never changed by a rename.
	ID string
	// Name is what people call it. Any text, not empty.
	Name string
	// URL is the camera's address, in one of the forms that camera.Open takes.
	URL string
	// Enabled false keeps the camera in the list and leaves it alone.
	Enabled bool
	// MaxFPS caps the frames per second that are passed on. 0: no cap.
	MaxFPS int
	// Rotate turns the picture clockwise by 0, 90, 180 or 270 degrees; Mirror then
	// puts its left to the right.
	Rotate int
	Mirror bool
	// WhenDown is what viewers see while the camera is down: KeepLast, or the
	// offline picture where it is empty.
	WhenDown string
	// Password names the place in the system's keyring where the password that
	// belongs into URL is kept. Empty: URL is all there is.
	Password string
}

// What a camera's WhenDown may say.
const (
	ShowOffline = ""
	KeepLast    = "keep" // its last picture stays

	offlineInFile = "offline"
)

// DefaultConfig is what a first start has.
func DefaultConfig() Config {
	return Config{
		Settings: Settings{Port: 8090, StreamAtStart: true, Theme: "system", NotifyProblems: true},
		Share:    Share{Mode: "off"},
	}
}

// Clone copies c so that either may be changed.
func (c Config) Clone() Config {
	c.Cameras = slices.Clone(c.Cameras)
	c.Share.Links = slices.Clone(c.Share.Links)
	return c
}

// Limits that keep nonsense out of menus, pages and file names.
const (
	MaxName    = 200 // letters of a camera's name
	maxID      = 64
	maxCameras = 500
)

// A KeyError is what is wrong with the value of one key, in words.
type KeyError struct {
	List string // "cameras" or "share.links"; "": the key is in neither
	At   int    // which of them, from 0
	Key  string // such as "port" or "url"
	Say  error  // a sentence
}

func (e *KeyError) Error() string { return e.where() + ": " + e.Say.Error() }

func (e *KeyError) Unwrap() error { return e.Say }

// where names the key as people find it in the file.
func (e *KeyError) where() string {
	switch e.List {
	case "cameras":
		return fmt.Sprintf("camera %d, %s", e.At+1, e.Key)
	case "share.links":
		return fmt.Sprintf("link %d, %s", e.At+1, e.Key)
	}
	return e.Key
}

// Check returns the first thing that is wrong with c, or nil.
func (c Config) Check() *KeyError {
	wrong := func(key, say string, args ...any) *KeyError {
		return &KeyError{Key: key, Say: sentence.Errorf(say, args...)}
	}
	switch {
	case c.Port < 0 || c.Port > 65535:
		return wrong("port", "%d is not a port; take a number from 1 to 65535", c.Port)
	case c.MaxViewers < 0:
		return wrong("max_viewers", "%d is less than nothing; 0 means no limit", c.MaxViewers)
	case c.Share.Mode != "off" && c.Share.Mode != "link" && c.Share.Mode != "open":
		return wrong("share.mode", "%.80q is none of \"off\", \"link\" and \"open\"", c.Share.Mode)
	case c.Theme != "system" && c.Theme != "light" && c.Theme != "dark":
		return wrong("window.theme", "%.80q is none of \"system\", \"light\" and \"dark\"", c.Theme)
	case c.LogFolder != "" && !filepath.IsAbs(c.LogFolder):
		return wrong("log_folder", "%.80q is not a whole path, from the root on", c.LogFolder)
	case c.FFmpeg != "" && !filepath.IsAbs(c.FFmpeg):
		return wrong("ffmpeg", "%.80q is not a whole path, from the root on", c.FFmpeg)
	case len(c.Cameras) > maxCameras:
		return wrong("cameras", "there are %d of them, and no more than %d are possible", len(c.Cameras), maxCameras)
	}
	seen := map[string]bool{}
	for i, cam := range c.Cameras {
		if err := cam.check(); err != nil {
			err.List, err.At = "cameras", i
			return err
		}
		if seen[cam.ID] {
			return &KeyError{"cameras", i, "id", sentence.Errorf("another camera has the id %q already", cam.ID)}
		}
		seen[cam.ID] = true
	}
	return c.Share.checkLinks()
}

// check returns what is wrong with one camera, or nil.
func (c CameraConfig) check() *KeyError {
	wrong := func(key, say string, args ...any) *KeyError {
		return &KeyError{Key: key, Say: sentence.Errorf(say, args...)}
	}
	if !isID(c.ID) {
		return wrong("id", "%.80q must be 1 to %d of the letters a–z, 0–9 and '-'", c.ID, maxID)
	}
	if strings.TrimSpace(c.Name) == "" {
		return wrong("name", "give the camera a name")
	}
	if !utf8.ValidString(c.Name) || utf8.RuneCountInString(c.Name) > MaxName {
		return wrong("name", "the name is longer than %d letters, or no text", MaxName)
	}
	if _, err := camera.Open(c.URL, camera.Options{}); err != nil {
		return wrong("url", "%w", err)
	}
	if c.MaxFPS < 0 || c.MaxFPS > 1000 {
		return wrong("max_fps", "%d is not from 0 (as fast as the camera sends) to 1000", c.MaxFPS)
	}
	if c.Rotate < 0 || c.Rotate > 270 || c.Rotate%90 != 0 {
		return wrong("rotate", "%d is none of 0, 90, 180 and 270 degrees clockwise", c.Rotate)
	}
	if c.WhenDown != ShowOffline && c.WhenDown != KeepLast {
		return wrong("when_down", "%.80q is neither \"offline\" nor \"keep\"", c.WhenDown)
	}
	return nil
}

func isID(s string) bool {
	return s != "" && len(s) <= maxID && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// freeID is c's id where it has one that none of cameras has, else a new one.
func freeID(c CameraConfig, cameras []CameraConfig) string {
	if c.ID == "" || slices.ContainsFunc(cameras, func(o CameraConfig) bool { return o.ID == c.ID }) {
		return newID(c.Name, cameras)
	}
	return c.ID
}

// newID makes an id of a name that none of cameras has yet.
func newID(name string, cameras []CameraConfig) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	base := strings.TrimRight(b.String()[:min(b.Len(), maxID-8)], "-")
	if base == "" {
		base = "camera"
	}
	id := base
	for n := 2; slices.ContainsFunc(cameras, func(c CameraConfig) bool { return c.ID == id }); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}

// A value is one key of the config file with what it is to be.
type value struct {
	section, key string
	is           any // string, int, bool, []string or time.Time
	// unsaid is what a file without the key means, for keys that are written only
	// where they say something else; nil: the key is always written.
	unsaid any
}

// goesUnsaid tells whether a file without the key says the same.
func (v value) goesUnsaid() bool { return v.unsaid != nil && reflect.DeepEqual(v.is, v.unsaid) }

// values are all keys outside of cameras, in the order in which they are written.
func (c Config) values() []value {
	plain := DefaultConfig()
	return []value{
		{"", "port", c.Port, nil},
		{"", "stream_at_start", c.StreamAtStart, nil},
		{"", "max_viewers", c.MaxViewers, nil},
		{"", "log_folder", c.LogFolder, plain.LogFolder},
		{"", "ffmpeg", c.FFmpeg, plain.FFmpeg},
		{"share", "mode", c.Share.Mode, nil},
		{"share", "token", c.Share.Token, nil},
		{"share", "mdns", c.Share.MDNS, plain.Share.MDNS},
		{"window", "theme", c.Theme, plain.Theme},
		{"window", "start_hidden", c.StartHidden, plain.StartHidden},
		{"notify", "first_viewer", c.NotifyFirstViewer, plain.NotifyFirstViewer},
		{"notify", "problems", c.NotifyProblems, plain.NotifyProblems},
	}
}

// values are the keys of one camera.
func (c CameraConfig) values() []value {
	return []value{
		{"cameras", "id", c.ID, nil},
		{"cameras", "name", c.Name, nil},
		{"cameras", "url", c.URL, nil},
		{"cameras", "enabled", c.Enabled, nil},
		{"cameras", "max_fps", c.MaxFPS, nil},
		{"cameras", "rotate", c.Rotate, 0},
		{"cameras", "mirror", c.Mirror, false},
		{"cameras", "when_down", cmp.Or(c.WhenDown, offlineInFile), offlineInFile},
		{"cameras", "password", c.Password, ""},
	}
}
