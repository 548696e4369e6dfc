package app

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

const withLinks = `[share]
mode = "link"
token = "0123456789abcdef"

# For her birthday.
[[share.links]]
token = "grandmas-own-token"
name = "Grandma"
cameras = [ "front-door",   # not the garage
  "garden" ]
expires = 2030-12-24T18:00:00+01:00   # Christmas
colour = "blue"

[[share.links]]
name = "The neighbour"
expires = 2031-01-02
[share.links.notes]
name = "not ours"

# At the front.
[[cameras]]
id = "front-door"
name = "Front door"
url = "test:"
enabled = true
max_fps = 0
`

func TestLoadLinks(t *testing.T) {
	c, notices := tempConfig(t, withLinks).mustLoad(t)
	want := []Link{
		{Token: "grandmas-own-token", Name: "Grandma", Cameras: []string{"front-door", "garden"}, Expires: time.Date(2030, 12, 24, 17, 0, 0, 0, time.UTC)},
		{Name: "The neighbour", Expires: time.Date(2031, 1, 2, 0, 0, 0, 0, time.Local).UTC()},
	}
	if !reflect.DeepEqual(c.Share.Links, want) {
		t.Errorf("got  %+v\nwant %+v", c.Share.Links, want)
	}
	if len(notices) != 2 || !strings.Contains(notices[0].Error(), `line 12: Traycam does not know the key "share.links.colour"`) {
		t.Errorf("%v", notices)
	}
}

func TestSaveLinksInPlace(t *testing.T) {
	f := tempConfig(t, withLinks)
	save := func(c Config) string {
		t.Helper()
		if err := f.save(c); err != nil {
			t.Fatal(err)
		}
		if again, _ := (&configFile{path: f.path}).mustLoad(t); !reflect.DeepEqual(again, c) {
			t.Errorf("read back as %+v\nwant %+v", again, c)
		}
		text, _ := os.ReadFile(f.path)
		return string(text)
	}
	head := "port = 8090\nstream_at_start = true\nmax_viewers = 0\n"
	c, _ := f.mustLoad(t)
	c.Share.giveTokens()
	token := c.Share.Links[1].Token
	c.Share.Links = append(c.Share.Links, Link{Token: "a-token-of-the-test", Name: "New", Cameras: []string{"garden", "a"}, Expires: time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)})
	until := time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC).Local().Format(time.RFC3339)
	added := "\n[[share.links]]\ntoken = \"a-token-of-the-test\"\nname = \"New\"\ncameras = [\"garden\", \"a\"]\nexpires = " + until + "\n"
	want := head + strings.NewReplacer(
		"expires = 2031-01-02\n", "expires = 2031-01-02\ntoken = \""+token+"\"\n",
		"name = \"not ours\"\n", "name = \"not ours\"\n"+added,
	).Replace(withLinks)
	if got := save(c); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}

	// A value that is changed by hand in another way of writing stays as it is written.
	c.Share.Links = c.Share.Links[1:]
	without := want[:strings.Index(want, "\n# For her")] + want[strings.Index(want, "\n[[share.links]]\nname"):]
	if got := save(c); got != without {
		t.Errorf("after a removal\n%s\nwant\n%s", got, without)
	}
	c.Share.Links = nil
	if got := save(c); strings.Contains(got, "links") || !strings.Contains(got, "# At the front.") {
		t.Errorf("without links\n%s", got)
	}
	c.Share.Links = []Link{{Token: "a-token-of-the-test", Name: "New"}}
	if got := save(c); strings.Index(got, "[[share.links]]") > strings.Index(got, "# At the front.") {
		t.Errorf("the first link does not stand at [share]:\n%s", got)
	}
}

func TestSaveOfOddlyWrittenLinks(t *testing.T) {
	for _, text := range []string{
		"share = {mode = \"link\", token = \"0123456789abcdef\", links = [{name = \"A\", colour = \"blue\", token = \"abcdef0123456789\"}]}",
		"[[share.links]]\nname = \"A\"\ncolour = \"blue\"\ntoken = \"abcdef0123456789\"\n[share]\nmode = \"open\"",
		"[share]\nlinks = [{name = \"A\", colour = \"blue\", token = \"abcdef0123456789\"}]",
	} {
		f := tempConfig(t, text)
		c, _ := f.mustLoad(t)
		c.Share.Links = append(c.Share.Links, Link{Token: "a-token-of-the-test", Name: "New"})
		if err := f.save(c); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		again, _ := (&configFile{path: f.path}).mustLoad(t)
		written, _ := os.ReadFile(f.path)
		if !reflect.DeepEqual(again, c) || !strings.Contains(string(written), "blue") {
			t.Errorf("%s\nbecame\n%s", text, written)
		}
	}
}
