package app

import (
	"bytes"
	"errors"
	"io"
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
	text, err := readConfig(f.path)
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

// maxConfig is what a config file may weigh, in bytes: 500 cameras with long comments take a tenth.
const maxConfig = 4 << 20

var errTooMuch = sentence.Errorf("they would take more than %d MB. Shorten names and addresses, or remove cameras", maxConfig>>20)

// readConfig reads the file at path. A FIFO or a device would keep who opens it waiting, and who reads it.
func readConfig(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, sentence.Errorf("it is a folder. Move it away to begin anew")
	case !info.Mode().IsRegular():
		return nil, sentence.Errorf("it is not an ordinary file. Move it away to begin anew")
	case info.Size() > maxConfig:
		return nil, errTooLarge
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	if len(text) > maxConfig {
		return nil, errTooLarge
	}
	return text, err
}

var errTooLarge = sentence.Errorf("it is larger than %d MB, so it is no config file. Move it away to begin anew", maxConfig>>20)

// parse reads text as a config file.
func (f *configFile) parse(text []byte) (Config, []error, error) {
	if bytes.IndexByte(text, 0) >= 0 { // UTF-16 of Windows' editors has one in every other place
		row := 1 + bytes.Count(text[:bytes.IndexByte(text, 0)], []byte("\n"))
		return Config{}, nil, sentence.Errorf("config file %s, line %d: this is not UTF-8 text. Save the file as UTF-8 in your editor, or move it away to begin anew", f.path, row)
	}
	text = blankBOM(text)
	unknown, count := unknownKeys(text)
	if count > maxUnknown {
		return Config{}, nil, sentence.Errorf("config file %s, line %d: more than %d of its keys are unknown to Traycam, so it is no config file of Traycam. Move it away to begin anew", f.path, unknown[0].line, maxUnknown)
	}
	var in fileConfig
	err := toml.Unmarshal(text, &in)
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		return Config{}, nil, f.inWords(wrong)
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok { // go-toml does not tell where
		return Config{}, nil, sentence.Errorf("config file %s, line %d, column %d%s: %s. Mend the line, or move the file away to begin anew",
			f.path, lineOfNoTime(text), 1, ", key share.links.expires", "it takes "+takes("share.links.expires"))
	}
	if err != nil {
		return Config{}, nil, sentence.Errorf("config file %s: %w. Mend it, or move it away to begin anew", f.path, err)
	}
	config := in.config()
	if wrong := config.Check(); wrong != nil {
		return Config{}, nil, sentence.Errorf("config file %s, line %d: %s: %w", f.path, lineOf(text, wrong), wrong.where(), wrong.Say)
	}
	var notices []error
	for _, key := range unknown {
		notices = append(notices, sentence.Errorf("%s, line %d: Traycam does not know the key %.80q and leaves it as it is", filepath.Base(f.path), key.line, key.name))
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
	if strings.Contains(say, "struct") { // go-toml speaks of Go
		say = "this is not the way it is written here"
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
	if len(text) > maxConfig { // it could not be read again
		return sentence.Errorf("settings could not be saved in %s: %w", f.path, errTooMuch)
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := writeAtomically(f.path, text); err != nil {
		if of, ok := errors.AsType[*fs.PathError](err); ok {
			err = of.Err // its file is a half that is gone again
		}
		return sentence.Errorf("settings could not be saved in %s: %w. They are as they were; try again when that is mended", f.path, err)
	}
	f.text = text
	return nil
}

var errChanged = sentence.Errorf("the settings file was changed by hand just now. Try again")

// unchanged returns an error where the file is not as it was last read or
// written: what a person is writing there is not to be lost.
func (f *configFile) unchanged() error {
	onDisk, err := readConfig(f.path)
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
// one: the file that it points to is replaced, or made.
func writeAtomically(path string, content []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	} else if target, err := os.Readlink(path); err == nil { // to nothing yet
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	removeHalves(path)
	tmp, err := os.CreateTemp(dir, filepath.Base(path)+half+"*") // mode 0600
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

// half is in the names of files that are being written.
const half = ".new-"

// removeHalves removes what saves left that were cut off by a crash or a power failure.
func removeHalves(path string) {
	dir, base := filepath.Split(path)
	entries, _ := os.ReadDir(filepath.Clean(dir))
	for _, e := range entries {
		info, err := e.Info()
		// Another Traycam may be saving just now.
		if err == nil && strings.HasPrefix(e.Name(), base+half) && time.Since(info.ModTime()).Abs() > time.Minute {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
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
