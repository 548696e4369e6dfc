package app

import (
	"html"
	"strings"

	"traycam/sentence"
	"traycam/streaming"
)

// Snippet is what to copy into another program so that it shows a camera.
type Snippet = streaming.Snippet

// Snippets are those for a camera. link is the address of the viewer page, with
// a slash at its end. Without a cameraID they are for the first camera.
func Snippets(link, cameraID string) []Snippet {
	page, stream, still := link, link+"stream.mjpg", link+"snapshot.jpg"
	name := "Traycam"
	if cameraID != "" {
		page = link + "cameras/" + cameraID
		stream, still = page+"/stream.mjpg", page+"/snapshot.jpg"
		name = cameraID
	}
	fill := strings.NewReplacer("PAGE", page, "STREAM", stream, "STILL", still, "NAME", name).Replace
	// Double quotes, since they mean the same to the shells of all systems.
	return []Snippet{
		// Home Assistant takes no YAML for these two since 2022.
		{Name: "Home Assistant: MJPEG IP Camera", Text: fill("# Settings > Devices & services > Add integration > MJPEG IP Camera\nMJPEG URL: STREAM\nStill image URL: STILL\n")},
		{Name: "Home Assistant: Generic Camera", Text: fill("# Settings > Devices & services > Add integration > Generic Camera\nStill image URL: STILL\nStream source URL:\nFrame rate: 2\n")},
		{Name: "Home Assistant: configuration.yaml", Text: fill("camera:\n  - platform: ffmpeg\n    name: NAME\n    input: -f mpjpeg -i STREAM\n")},
		{Name: "OctoPrint: config.yaml", Text: fill("plugins:\n  classicwebcam:\n    stream: STREAM\n    snapshot: STILL\n")},
		{Name: "Mainsail, Fluidd: moonraker.conf", Text: fill("[webcam NAME]\nservice: mjpegstreamer\nstream_url: STREAM\nsnapshot_url: STILL\n")},
		{Name: "OBS: Browser source", Text: fill("URL: PAGE?kiosk\n")},
		{Name: "OBS: Media source", Text: fill("Local file: no\nInput: STREAM\nInput format: mpjpeg\nReconnect delay: 1 s\n")},
		{Name: "VLC", Text: fill("vlc --network-caching=300 \"STREAM\"\n")},
		{Name: "ffmpeg", Text: fill("ffmpeg -use_wallclock_as_timestamps 1 -f mpjpeg -i \"STREAM\" -c copy -t 60 NAME.mkv\n")},
		{Name: "HTML page", Text: "<img src=\"" + html.EscapeString(stream) + "\" alt=\"" + html.EscapeString(name) + "\">\n"},
	}
}

// sharePage is what the page /share on this computer shows.
type sharePage struct{ a *App }

func (p sharePage) SharePage(camera string) streaming.SharePage {
	p.a.mu.Lock()
	defer p.a.mu.Unlock()
	status := p.a.shareStatus()
	page := streaming.SharePage{Mode: status.Mode}
	if status.Reason != nil {
		page.Reason = sentence.Of(status.Reason)
	}
	for _, address := range status.Addresses {
		page.Addresses = append(page.Addresses, streaming.SharedLink{URL: address.URL, Name: address.Interface})
	}
	for _, l := range status.Links {
		if l.URL != "" && !l.Expired {
			page.Named = append(page.Named, streaming.SharedLink{URL: l.URL, Name: l.Name, Until: l.Expires})
		}
	}
	switch {
	case len(page.Addresses) > 0:
		page.Snippets = Snippets(page.Addresses[0].URL, camera)
	case p.a.listening != nil:
		page.Snippets = Snippets(p.a.listening.url(), camera)
	}
	return page
}
