package viewer

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"time"

	"rsc.io/qr"
)

// Sharing knows what to hand over to those who should watch.
type Sharing interface {
	// SharePage is that, with snippets for a camera; "": for the first one.
	SharePage(camera string) SharePage
}

// SharePage is what the page /share shows.
type SharePage struct {
	Mode      string       // "off", "link" or "open"
	Reason    string       // why the network cannot watch although it should: a sentence, or empty
	Addresses []SharedLink // the viewer page's, the best first
	Named     []SharedLink // links with limits of their own
	Snippets  []Snippet
}

// SharedLink is one address to hand over.
type SharedLink struct {
	URL   string
	Name  string    // who it is for, or the network that it leads through
	Until time.Time // when it ends; zero: never
}

// Snippet is what to copy into another program.
type Snippet struct{ Name, Text string }

// sharePolicy lets the page load its own two files and send nothing.
const sharePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed sharepage
var shareFiles embed.FS

var shareTemplate = template.Must(template.New("share.html").Funcs(template.FuncMap{
	"code": codeSVG,
	"day":  func(t time.Time) string { return t.Local().Format("2 January 2006, 15:04") },
}).ParseFS(shareFiles, "sharepage/share.html"))

// shareData is what share.html may use.
type shareData struct {
	SharePage
	Camera  string // that the snippets are for; empty: none was chosen
	Cameras []CameraState
}

// share hands the links over to who sits at this computer. They are secrets: what
// a proxy passes on gets nothing.
func (h *Handler) share(w http.ResponseWriter, r *http.Request) {
	if h.opt.Sharing == nil || !isOnThisComputer(r) {
		http.NotFound(w, r)
		return
	}
	data := shareData{Camera: r.URL.Query().Get("camera"), Cameras: h.all.State()}
	if _, ok := h.all.Camera(data.Camera); !ok && data.Camera != "" {
		http.NotFound(w, r)
		return
	}
	if data.Camera == "" && len(data.Cameras) > 0 {
		data.Camera = data.Cameras[0].ID
	}
	data.SharePage = h.opt.Sharing.SharePage(data.Camera)
	var b bytes.Buffer
	if err := shareTemplate.Execute(&b, data); err != nil {
		h.opt.Log.Error("share page", "err", err)
		http.Error(w, "The share page is broken. Please report this.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", sharePolicy)
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(b.Bytes())
}

// shareFile answers with a file of that page.
func (h *Handler) shareFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kind := kinds[path.Ext(name)]
	b, err := shareFiles.ReadFile("sharepage/" + name)
	if err != nil || kind == "" || !isOnThisComputer(r) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(b)
}

// quietZone is the white border that a QR code needs, in modules (ISO/IEC 18004, 9.1).
const quietZone = 4

// codeSVG draws text as a QR code, black on white in every theme: many phones do
// not read inverted ones. Empty where the text is too long.
func codeSVG(text string) template.HTML {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return ""
	}
	side := strconv.Itoa(code.Size + 2*quietZone)
	var b bytes.Buffer
	b.WriteString(`<svg class="code" role="img" aria-label="QR code" shape-rendering="crispEdges" viewBox="0 0 ` + side + " " + side + `">` +
		`<rect width="100%" height="100%" fill="#fff"/><path fill="#000" d="`)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if run := strconv.Itoa(x - from); x > from {
				b.WriteString("M" + strconv.Itoa(from+quietZone) + " " + strconv.Itoa(y+quietZone) + "h" + run + "v1h-" + run + "z")
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()) // #nosec G203 -- of numbers alone
}
