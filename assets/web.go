package assets

import (
	"embed"
	"io/fs"
)

//go:embed web
var embedded embed.FS

// Web is the viewer page. index.html is an html/template: it wants .Base, the
// path that the page's own paths stand under ("/" or "/v/TOKEN/"), and .Cameras
// with .ID and .Name. The other files are served as they are, under assets/.
var Web fs.FS = webFiles()

func webFiles() fs.FS {
	web, err := fs.Sub(embedded, "web")
	if err != nil {
		panic(err) // only for a malformed path
	}
	return web
}
