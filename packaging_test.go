package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The man page and the completions tell what --help tells.
func TestManPageAndCompletionsTellEveryFlag(t *testing.T) {
	var help, errOut bytes.Buffer
	if status := run([]string{"--help"}, &help, &errOut); status != 0 {
		t.Fatalf("status %d: %s", status, errOut.String())
	}
	flags := regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(help.String(), -1)
	addresses := regexp.MustCompile(`\b(?:tcp|http|https|rtsp|push|test|webcam|ffmpeg):`).FindAllString(help.String(), -1)
	if len(flags) < 8 || len(addresses) < 8 {
		t.Fatalf("--help has %d flags and %d addresses", len(flags), len(addresses))
	}
	man := strings.ReplaceAll(read(t, "traycam.1"), `\-`, "-")
	for _, flag := range flags {
		for file, text := range map[string]string{
			"traycam.1":    man,
			"bash":         regexp.MustCompile(`\*\) words=.*`).FindString(read(t, "completions/traycam.bash")),
			"zsh":          read(t, "completions/_traycam"),
			"traycam.fish": strings.ReplaceAll(read(t, "completions/traycam.fish"), "-l ", "--"),
		} {
			if !regexp.MustCompile(`--` + flag[1] + `\b`).MatchString(text) {
				t.Errorf("%s does not tell --%s", file, flag[1])
			}
		}
	}
	for _, address := range addresses {
		if !strings.Contains(man, address) {
			t.Errorf("traycam.1 does not tell %s", address)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("packaging/linux/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
