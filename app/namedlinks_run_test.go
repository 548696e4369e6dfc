package app_test

import (
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"traycam/app"
)

func linkNamed(s app.Snapshot, name string) app.LinkStatus {
	for _, l := range s.Share.Links {
		if l.Name == name {
			return l
		}
	}
	return app.LinkStatus{}
}

func TestNamedLinks(t *testing.T) {
	host := ownAddress(t)
	r := run(t, oneCamera+"[[cameras]]\nid = \"two\"\nname = \"Two\"\nurl = \"test:?size=160x120\"\n")
	r.awaitLive("one")
	made, err := r.AddLink(app.Link{Name: " Grandma ", Cameras: []string{"one"}, Token: "of no use"})
	if err != nil || made.Name != "Grandma" || len(made.Token) < 26 {
		t.Fatal(made, err)
	}
	if l := linkNamed(r.await("the link", func(s app.Snapshot) bool { return len(s.Share.Links) == 1 }), "Grandma"); l.URL != "" {
		t.Errorf("while nobody may watch, the link is %s", l.URL)
	}
	must(t, r.Share("link"))
	all := r.shared("link", host)
	if _, err := r.AddLink(app.Link{Name: "Neighbour", Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string {
		t.Helper()
		l := linkNamed(r.await("the address of "+name, func(s app.Snapshot) bool { return linkNamed(s, name).URL != "" }), name)
		u, err := url.Parse(l.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.Host = all.Host // the best address may be another one
		return u.String()
	}
	grandma, neighbour := at("Grandma"), at("Neighbour")
	for address, want := range map[string]int{
		grandma: 200, grandma + "cameras/one/snapshot.jpg": 200, grandma + "cameras/two/snapshot.jpg": 404, grandma + "cameras/two": 404,
		neighbour + "cameras/two": 200, all.String() + "cameras/two": 200,
	} {
		if got := status(address); got != want {
			t.Errorf("%s: %d, want %d", address, got, want)
		}
	}
	_, hersEnded := watchStream(t, grandma)
	moreTheirs, _ := watchStream(t, neighbour)
	moreAll, allEnded := watchStream(t, all.String())
	s := r.await("each link's viewers", func(s app.Snapshot) bool {
		return linkNamed(s, "Grandma").Viewers == 1 && linkNamed(s, "Neighbour").Viewers == 1 && len(s.Share.Watching) == 3
	})
	if w := s.Share.Watching; w[0].Link != "Grandma" || w[1].Link != "Neighbour" || w[2].Link != "" {
		t.Errorf("watching: %+v", w)
	}

	must(t, r.RemoveLink(made.Token))
	mustEndSoon(t, "removed", hersEnded)
	if got := status(grandma); got != 404 {
		t.Errorf("the link that was removed: %d", got)
	}
	if err := r.RemoveLink(made.Token); err == nil {
		t.Error("a link was removed twice")
	}
	moreTheirs()
	moreAll()
	must(t, r.NewLink())
	mustEndSoon(t, "new link for all", allEnded)
	moreTheirs()
	if text, _ := os.ReadFile(r.file); strings.Contains(string(text), "Grandma") || !strings.Contains(string(text), "name = \"Neighbour\"") {
		t.Errorf("the file is\n%s", text)
	}
}

func TestLinksByTheFile(t *testing.T) {
	host := ownAddress(t)
	const share, own = "[share]\nmode = \"link\"\ntoken = \"0123456789abcdef\"\n", "a-token-of-my-own"
	r := run(t, share+oneCamera)
	all := r.shared("link", host)
	r.awaitLive("one")
	at := func(token string) string { return "http://" + all.Host + "/v/" + token + "/" }
	link := func(rest string) string {
		return share + "[[share.links]]\nname = \"Grandma\"\n" + rest + "\n" + oneCamera
	}
	await := func(what string, ok func(app.LinkStatus) bool) app.LinkStatus {
		t.Helper()
		return linkNamed(r.await(what, func(s app.Snapshot) bool { return ok(linkNamed(s, "Grandma")) }), "Grandma")
	}

	r.write(link("# her cat is called Tom"))
	made := await("a token", func(l app.LinkStatus) bool { return l.Token != "" })
	if text, _ := os.ReadFile(r.file); !strings.Contains(string(text), "name = \"Grandma\"\ntoken = \""+made.Token+"\"\n") || !strings.Contains(string(text), "Tom") {
		t.Errorf("the file is\n%s", text)
	}
	_, ended := watchStream(t, at(made.Token))
	more, _ := watchStream(t, all.String())
	r.write(link("token = \"" + own + "\""))
	await("the other token", func(l app.LinkStatus) bool { return l.Token == own })
	mustEndSoon(t, "another token", ended)

	_, ended = watchStream(t, at(own))
	r.write(link("token = \"" + own + "\"\nexpires = 2020-01-01T00:00:00Z"))
	await("its end", func(l app.LinkStatus) bool { return l.Expired })
	mustEndSoon(t, "expired", ended)
	if got := status(at(own)); got != 404 {
		t.Errorf("the link that has expired: %d", got)
	}
	more()
}

func TestRefusedLinks(t *testing.T) {
	r := run(t, oneCamera)
	for _, l := range []app.Link{
		{},
		{Name: "A", Cameras: []string{"gone"}},
		{Name: "A", Expires: time.Now().Add(-time.Minute)},
		{Name: strings.Repeat("A", 201)},
	} {
		if made, err := r.AddLink(l); err == nil {
			t.Errorf("%+v was taken as %+v", l, made)
		}
	}
	if s := r.awaitLive("one"); len(s.Share.Links) != 0 {
		t.Errorf("%+v", s.Share.Links)
	}
}

func TestShareByName(t *testing.T) {
	host := ownAddress(t)
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(all, func(i net.Interface) bool {
		addresses, _ := i.Addrs()
		return i.Flags&net.FlagMulticast != 0 && slices.ContainsFunc(addresses, func(a net.Addr) bool { return strings.HasPrefix(a.String(), host+"/") })
	}) {
		t.Skip("no network here takes multicast")
	}
	r := run(t, oneCamera)
	byName := func(s app.Snapshot) string {
		for i, a := range s.Share.Addresses {
			if a.Interface == "mDNS" && i > 0 {
				return a.URL
			}
		}
		return ""
	}
	must(t, r.ShareByName(true))
	if s := r.await("the setting", func(s app.Snapshot) bool { return s.Share.ByName }); byName(s) != "" {
		t.Errorf("while nobody may watch, the name is %s", byName(s))
	}
	must(t, r.Share("link"))
	link := r.shared("link", host)
	name := byName(r.await("the name", func(s app.Snapshot) bool { return byName(s) != "" }))
	if u, err := url.Parse(name); err != nil || u.Path != link.Path || u.Port() != link.Port() || !strings.HasSuffix(u.Hostname(), ".local") {
		t.Errorf("the address is %s, %v", name, err)
	}
	must(t, r.ShareByName(false))
	r.await("no name", func(s app.Snapshot) bool { return byName(s) == "" && len(s.Share.Addresses) > 0 })
	if text, _ := os.ReadFile(r.file); !strings.Contains(string(text), "mdns = false") {
		t.Errorf("the file is\n%s", text)
	}
}
