package app

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"traycam/sentence"
)

// configFile is the config as it stands on disk. It keeps the text, so that a
// save changes what the person changed and leaves comments, order and keys that
// Traycam does not know where they are. Not safe for use at once.
type configFile struct {
	path string
	text []byte // as last read or written; nil: there is no file yet
}

// fileConfig is the form of the file. Pointers tell a key that is missing from one that is zero.
type fileConfig struct {
	Port          *int  `toml:"port"`
	StreamAtStart *bool `toml:"stream_at_start"`
	MaxViewers    *int  `toml:"max_viewers"`
	Share         struct {
		Mode  *string    `toml:"mode"`
		Token *string    `toml:"token"`
		MDNS  *bool      `toml:"mdns"`
		Links []fileLink `toml:"links"`
	} `toml:"share"`
	LogFolder *string `toml:"log_folder"`
	FFmpeg    *string `toml:"ffmpeg"`
	Window    struct {
		Theme       *string `toml:"theme"`
		StartHidden *bool   `toml:"start_hidden"`
	} `toml:"window"`
	Notify struct {
		FirstViewer *bool `toml:"first_viewer"`
		Problems    *bool `toml:"problems"`
	} `toml:"notify"`
	Cameras []fileCamera `toml:"cameras"`
}

type fileCamera struct {
	ID      string `toml:"id"`
	Name    string `toml:"name"`
	URL     string `toml:"url"`
	Enabled *bool  `toml:"enabled"`
	MaxFPS  int    `toml:"max_fps"`
	Rotate  int    `toml:"rotate"`
	Mirror  bool   `toml:"mirror"`

	WhenDown string `toml:"when_down"`
	Password string `toml:"password"`
}

type fileLink struct {
	Token   string    `toml:"token"`
	Name    string    `toml:"name"`
	Cameras []string  `toml:"cameras"`
	Expires time.Time `toml:"expires"` // without an offset: by this computer's clock
}

// load reads the file. A file that is not there is the default config. Notices
// are sentences about keys that Traycam does not know. The error names the file,
// and line and key where it can; nothing of f changes then.
func (f *configFile) load() (Config, []error, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.text = nil
		return DefaultConfig(), nil, nil
	}
	if err != nil {
		return Config{}, nil, sentence.Errorf("config file %s cannot be read: %w", f.path, err)
	}
	config, notices, err := f.parse(text)
	if err != nil {
		return Config{}, nil, err
	}
	f.text = text
	return config, notices, nil
}

// parse reads text as a config file.
func (f *configFile) parse(text []byte) (Config, []error, error) {
	text = blankBOM(text)
	var in fileConfig
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&in)
	var notices []error
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		for _, e := range unknown.Errors {
			row, _ := e.Position()
			notices = append(notices, sentence.Errorf("%s, line %d: Traycam does not know the key %q and leaves it as it is", filepath.Base(f.path), row, dotted(e.Key())))
		}
		err = nil
	}
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		return Config{}, nil, f.inWords(wrong)
	}
	if err != nil {
		return Config{}, nil, sentence.Errorf("config file %s: %w. Mend it, or move it away to begin anew", f.path, err)
	}
	config := in.config()
	if wrong := config.Check(); wrong != nil {
		return Config{}, nil, sentence.Errorf("config file %s, line %d: %s: %w", f.path, lineOf(text, wrong), wrong.where(), wrong.Say)
	}
	return config, notices, nil
}

// takes is what one of our keys takes, in words; "" where the key is not ours.
func takes(key string) string {
	switch key {
	case "share", "window", "notify":
		return "a section, [" + key + "]"
	case "cameras":
		return "sections, [[cameras]]"
	case "share.links":
		return "sections, [[share.links]]"
	}
	for _, v := range slices.Concat(DefaultConfig().values(), CameraConfig{}.values(), Link{}.values()) {
		if strings.TrimPrefix(v.section+"."+v.key, ".") != key {
			continue
		}
		switch v.is.(type) {
		case int:
			return "a whole number"
		case bool:
			return "true or false"
		case []string:
			return "texts in brackets, such as [\"front-door\", \"garage\"]"
		case time.Time:
			return "a date and time without quotes, such as 2030-12-24T18:00:00"
		default:
			return "a text in quotes"
		}
	}
	return ""
}

// inWords says where the file is wrong, and what should stand there.
func (f *configFile) inWords(wrong *toml.DecodeError) error {
	row, column := wrong.Position()
	key, say := dotted(wrong.Key()), strings.TrimPrefix(wrong.Error(), "toml: ")
	if key != "" {
		if kind := takes(key); kind != "" && (strings.Contains(say, "cannot decode") || strings.HasPrefix(say, "parsing time")) {
			say = "it takes " + kind
		}
		key = ", key " + key
	}
	return sentence.Errorf("config file %s, line %d, column %d%s: %s. Mend the line, or move the file away to begin anew", f.path, row, column, key, say)
}

// blankBOM puts spaces where Windows' editors put a byte order mark.
func blankBOM(text []byte) []byte {
	if rest, found := bytes.CutPrefix(text, []byte("\xef\xbb\xbf")); found {
		return append([]byte("   "), rest...)
	}
	return text
}

func (in fileConfig) config() Config {
	c := DefaultConfig()
	set(&c.Port, in.Port)
	set(&c.StreamAtStart, in.StreamAtStart)
	set(&c.MaxViewers, in.MaxViewers)
	set(&c.Share.Mode, in.Share.Mode)
	set(&c.Share.Token, in.Share.Token)
	set(&c.Share.MDNS, in.Share.MDNS)
	set(&c.LogFolder, in.LogFolder)
	set(&c.FFmpeg, in.FFmpeg)
	set(&c.Theme, in.Window.Theme)
	set(&c.StartHidden, in.Window.StartHidden)
	set(&c.NotifyFirstViewer, in.Notify.FirstViewer)
	set(&c.NotifyProblems, in.Notify.Problems)
	for _, l := range in.Share.Links {
		c.Share.Links = append(c.Share.Links, Link(l).normal())
	}
	for _, cam := range in.Cameras {
		out := CameraConfig{ID: cam.ID, Name: cam.Name, URL: cam.URL, Enabled: true, MaxFPS: cam.MaxFPS, Rotate: cam.Rotate, Mirror: cam.Mirror, Password: cam.Password}
		set(&out.Enabled, cam.Enabled)
		if cam.WhenDown != offlineInFile {
			out.WhenDown = cam.WhenDown
		}
		c.Cameras = append(c.Cameras, out)
	}
	return c
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// save makes config the file's content: a new file is written beside it, synced
// and renamed over it, so that after a crash the old one or the new one is there.
func (f *configFile) save(config Config) error {
	text, err := f.edit(config)
	if err != nil {
		return sentence.Errorf("config file %s: %w", f.path, err)
	}
	if bytes.Equal(text, f.text) {
		return nil
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := writeAtomically(f.path, text); err != nil {
		return sentence.Errorf("settings could not be saved in %s: %w", f.path, err)
	}
	f.text = text
	return nil
}

var errChanged = sentence.Errorf("the settings file was changed by hand just now. Try again")

// unchanged returns an error where the file is not as it was last read or
// written: what a person is writing there is not to be lost.
func (f *configFile) unchanged() error {
	onDisk, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && bytes.Equal(onDisk, f.text) {
		return nil
	}
	if err != nil {
		return sentence.Errorf("settings could not be saved, because %s cannot be read: %w", f.path, err)
	}
	if _, _, err := f.parse(onDisk); err != nil {
		return sentence.Errorf("settings are not saved over a file with a mistake in it: %w", err)
	}
	return errChanged
}

// writeAtomically replaces the file at path, mode 0600. A symbolic link stays
// one: the file that it points to is replaced.
func writeAtomically(path string, content []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err := tmp.Write(content); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := rename(tmp.Name(), path); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// rename replaces to by from. On Windows a virus scanner or an editor may hold
// the file for a moment.
func rename(from, to string) (err error) {
	for try := range 10 {
		if err = os.Rename(from, to); err == nil || runtime.GOOS != "windows" {
			return err
		}
		time.Sleep(time.Duration(try) * 20 * time.Millisecond)
	}
	return err
}

// syncDir makes a rename last through a power failure, where the system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
