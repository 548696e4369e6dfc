package app

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

// nastyPaths are where people put programs.
var nastyPaths = []string{
	"/usr/bin/traycam", "/home/me/My Programs/tray cam", `/a "quoted" 'path'`, "/100%/%f", "/$HOME/`id`", `/back\slash\n`,
	"/Küche/厨房", "/a&b<c>;|*?#~(d)", "/tab\there", "/line\nbreak", "/a=b",
}

// execArguments reads an Exec value as the Desktop Entry Specification says.
func execArguments(value string) (arguments []string) {
	value = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\s`, " ").Replace(value)
	var argument strings.Builder
	quoted := false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == ' ' && !quoted:
			arguments = append(arguments, argument.String())
			argument.Reset()
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\' || c == '%' && strings.HasPrefix(value[i:], "%%"):
			i++
			argument.WriteByte(value[i])
		case strings.IndexByte("`$%\\", c) >= 0:
			return []string{"not escaped: " + value[i:]}
		default:
			argument.WriteByte(c)
		}
	}
	return append(arguments, argument.String())
}

func TestDesktopEntry(t *testing.T) {
	for _, path := range nastyPaths {
		text := desktopEntry(path)
		_, rest, _ := strings.Cut(text, "\nExec=")
		value, _, _ := strings.Cut(rest, "\n")
		want := []string{path, "--hidden"}
		if strings.ContainsAny(path, "%=") {
			want = append([]string{"/bin/sh", "-c", `exec "$0" "$@"`}, want...)
		}
		if got := execArguments(value); !slices.Equal(got, want) {
			t.Errorf("%q becomes %s, which is %q", path, value, got)
		}
		if !desktopEntryStarts(text) {
			t.Errorf("it does not start with\n%s", text)
		}
	}
	// As the specification gives it: a backslash is four, a dollar sign has two before it.
	if got, want := desktopArgument(`/a\b$c"d%e`), `"/a\\\\b\\$c\\"d%%e"`; got != want {
		t.Errorf("%s instead of %s", got, want)
	}
}

func TestDesktopEntryStarts(t *testing.T) {
	const entry = "[Desktop Entry]\nType=Application\nExec=traycam --hidden\n"
	for text, want := range map[string]bool{
		"": false, "[Desktop Entry]\nType=Application\n": false,
		entry: true, strings.ReplaceAll(entry, "\n", "\r\n"): true,
		entry + "Hidden=false\n": true, entry + "Hidden=true\n": false, entry + "Hidden = true": false,
		entry + "X-GNOME-Autostart-enabled=true\n": true, entry + "X-GNOME-Autostart-enabled=false\n": false,
		entry + "[Desktop Action stop]\nHidden=true\n": true, entry + "#Hidden=true\n": true,
	} {
		if got := desktopEntryStarts(text); got != want {
			t.Errorf("%v for\n%s", got, text)
		}
	}
}

func TestLaunchAgent(t *testing.T) {
	for _, path := range nastyPaths {
		var plist struct {
			Keys    []string `xml:"dict>key"`
			Strings []string `xml:"dict>string"`
			Program []string `xml:"dict>array>string"`
			True    []string `xml:"dict>true"`
		}
		if err := xml.Unmarshal([]byte(launchAgent(path)), &plist); err != nil {
			t.Fatal(err)
		}
		if len(plist.Program) != 2 || plist.Program[0] != path || plist.Program[1] != "--hidden" {
			t.Errorf("%q becomes %q", path, plist.Program)
		}
		if strings.Join(plist.Keys, " ") != "Label ProgramArguments RunAtLoad LimitLoadToSessionType ProcessType" || plist.Strings[0] != "io.traycam.Traycam" || len(plist.True) != 1 {
			t.Errorf("%+v", plist)
		}
	}
}

func TestRunCommand(t *testing.T) {
	if got, err := runCommand(`C:\Program Files\Tray cam\traycam.exe`); err != nil || got != `"C:\Program Files\Tray cam\traycam.exe" --hidden` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := runCommand(`C:\` + strings.Repeat("ü", 244) + `.exe`); err == nil {
		t.Error("no error for a path that is too long")
	}
	if _, err := runCommand(`C:\` + strings.Repeat("ü", 242) + `.exe`); err != nil {
		t.Error(err)
	}
}
