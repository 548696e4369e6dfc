package app_test

import (
	"strings"
	"testing"

	"traycam/logbook"
)

func TestReport(t *testing.T) {
	book := logbook.New("")
	defer book.Close()
	r := runWith(t, "[share]\nmode = \"link\"\ntoken = \"abcdefghijklmnopqrstuvwxyz\"\n"+oneCamera+
		"[[share.links]]\ntoken = \"abcdefghijklmnop2\"\nname = \"Grandma\"\n"+
		"[[cameras]]\nid = \"two\"\nname = \"Two\"\nurl = \"tcp://10.0.0.7:8888\"\nenabled = false\n", book)
	r.awaitLive("one")
	var b strings.Builder
	if err := r.Report(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Traycam test", "port = 8090", "tcp://10.0.0.7:8888", "one: live", "name = \"Grandma\"", "camera is live"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in the report:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "abcdefghijklm") {
		t.Errorf("the link's secret is in the report:\n%s", b.String())
	}
}
