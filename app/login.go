package app

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"strings"

	"traycam/sentence"
)

// ID is Traycam's name to the desktop and among the programs that start at login.
const ID = "io.traycam.Traycam"

// StartsAtLogin tells whether Traycam starts when the person logs in.
func (a *App) StartsAtLogin() bool { return startsAtLogin() }

// StartAtLogin makes Traycam start, hidden, when the person logs in, or not any
// more. Errors are sentences.
func (a *App) StartAtLogin(on bool) error {
	if !on {
		if err := removeFromLogin(); err != nil {
			return sentence.Errorf("Traycam goes on starting at login: %w", err)
		}
		return nil
	}
	program, err := os.Executable()
	if err == nil {
		program = installedAs(program)
		err = addToLogin(program)
	}
	if err != nil {
		return sentence.Errorf("Traycam cannot be made to start at login: %w", err)
	}
	return nil
}

// desktopEntry is the file for Linux desktops (Desktop Entry Specification 1.5
// and Desktop Application Autostart Specification 0.5).
func desktopEntry(program string) string {
	return `[Desktop Entry]
Type=Application
Name=Traycam
Comment=Show cameras in any number of browsers
Icon=` + ID + `
Exec=` + desktopExec(program) + `
Terminal=false
StartupNotify=false
X-GNOME-Autostart-enabled=true
`
}

// desktopExec is the command. A program may not have = in its path, and GLib
// (2.74) does not find one with %: there a shell starts it.
func desktopExec(program string) string {
	command := desktopArgument(program) + " --hidden"
	if strings.ContainsAny(program, "%=") {
		return "/bin/sh -c " + desktopArgument(`exec "$0" "$@"`) + " " + command
	}
	return command
}

// desktopArgument quotes an argument of Exec; then, as in every value of the file,
// backslashes and what cannot stand in a line are escaped once more.
func desktopArgument(s string) string {
	quoted := strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`, `%`, `%%`).Replace(s)
	return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(quoted) + `"`
}

// desktopEntryStarts tells whether desktops start what an autostart file names.
func desktopEntryStarts(text string) bool {
	values := map[string]string{}
	group := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = line
		}
		if key, value, found := strings.Cut(line, "="); found && group == "[Desktop Entry]" {
			values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return values["Exec"] != "" && values["Hidden"] != "true" && values["X-GNOME-Autostart-enabled"] != "false"
}

// launchAgent is the file for macOS (launchd.plist(5)).
func launchAgent(program string) string {
	var escaped bytes.Buffer
	xml.EscapeText(&escaped, []byte(program)) // fails only where writing does
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>%s</string>
	<key>ProgramArguments</key>
	<array>
		<string>%s</string>
		<string>--hidden</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`, ID, &escaped)
}

// maxRunCommand is how long a command in Windows' Run key can be, in letters.
const maxRunCommand = 260

// runCommand is the value in Windows' Run key. A path holds no quotes there.
func runCommand(program string) (string, error) {
	command := `"` + program + `" --hidden`
	if len([]rune(command)) > maxRunCommand {
		return "", sentence.Errorf("the path of the program is longer than Windows can start. Move Traycam to a folder with a shorter path")
	}
	return command, nil
}
