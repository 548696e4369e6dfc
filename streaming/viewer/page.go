package viewer

import (
	"bytes"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// contentPolicy lets the page load what this server has, and nothing else.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"

// page is the viewer page and its files.
type page struct {
	index *template.Template // nil where there are no files
	files fs.FS
}

func newPage(files fs.FS) *page {
	p := &page{files: files}
	if files != nil {
		p.index = template.Must(template.ParseFS(files, "index.html"))
	}
	return p
}

// pageData is what index.html may use.
type pageData struct {
	Base    string // what the page's addresses are relative to
	Cameras []CameraState
}

func (h *Handler) servePage(w http.ResponseWriter, r *http.Request, status int) {
	if h.page.index == nil {
		http.NotFound(w, r)
		return
	}
	var b bytes.Buffer
	if err := h.page.index.Execute(&b, pageData{Base: arrivalOf(r).base, Cameras: h.camerasFor(r).State()}); err != nil {
		h.opt.Log.Error("viewer page", "err", err)
		http.Error(w, "The viewer page is broken. Please report this.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", contentPolicy)
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// kinds are the types of the page's files. Go would ask the system, and Windows'
// registry may call a script plain text.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// asset answers with a file of the page. Folders are not listed.
func (p *page) asset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/assets/")
	if p.files == nil || name == "index.html" {
		http.NotFound(w, r)
		return
	}
	if info, err := fs.Stat(p.files, name); err != nil || info.IsDir() {
		http.NotFound(w, r)
		return
	}
	if kind := kinds[path.Ext(name)]; kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Header().Set("Cache-Control", "no-cache") // small, and never of another version
	http.ServeFileFS(w, r, p.files, name)       // #nosec G703 -- files is embedded, and an fs.FS knows no way out
}

// icon spares browsers that ask for it an error in their console.
func (p *page) icon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, arrivalOf(r).base+"assets/favicon.svg", http.StatusFound)
}
