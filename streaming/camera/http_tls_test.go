package camera_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"traycam/streaming/camera"
)

// elsewhereQuirks are about where a camera's picture is, and who answers there.
func elsewhereQuirks() []quirk {
	return []quirk{
		{name: "a certificate that it made itself, another one, and the one that is pinned", seen: "D-Link (bmork/defogger#9), Foscam (motioneye-project/motioneyeos#626)", says: "made its certificate itself, as anybody can. If this is your camera, put #pin=sha256:…", test: certificates},
		{name: "http:// where https:// is right, and the other way round", seen: "variation of EliasKotlyar/Xiaomi-Dafang-Hacks#535", says: "Use https:// in its address", test: wrongScheme},
		{name: "redirects 301, 302, 303, 307, 308, five in a row", seen: "Dafang (EliasKotlyar/Xiaomi-Dafang-Hacks#535), picamera2's example (source:raspberrypi/picamera2:examples/mjpeg_server.py)", test: redirects},
		{name: "a redirect to another computer, which must not get the password", seen: "RFC 9110, 17.16.1 warns of it", says: "wants a user name and a password. Use that address itself", test: redirectsWithoutPassword},
		{name: "a redirect from https:// to http://", seen: "variation of the last", says: "leads on to a connection that is not encrypted", test: passwordStaysEncrypted},
	}
}

// secure is a web camera with a certificate that it made itself.
func secure(t *testing.T, handler http.HandlerFunc) (address, pin string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that hang up
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), fmt.Sprintf("sha256:%x", sha256.Sum256(server.Certificate().Raw))
}

func certificates(t *testing.T) {
	frame := picture(t, 16)
	address, pin := secure(t, func(w http.ResponseWriter, r *http.Request) {
		if _, pass, _ := r.BasicAuth(); pass == password {
			w.Write(frame)
			return
		}
		w.Header().Set("WWW-Authenticate", "Basic")
		w.WriteHeader(http.StatusUnauthorized)
	})
	r := watch(t, web("https", address, "/"))
	r.awaitState(camera.Retrying, "made its certificate itself, as anybody can. If this is your camera, put #pin="+pin)

	r = watch(t, web("https", address, "/#interval=100ms&pin="+pin))
	r.awaitFrames(1)
	r.awaitState(camera.Live, "")

	r = watch(t, web("https", address, "/#pin=sha256:"+strings.Repeat("00", 32)))
	r.awaitState(camera.Retrying, "shows another certificate than the one that is trusted")
	r.awaitState(camera.Retrying, pin)
}

func wrongScheme(t *testing.T) {
	address, pin := secure(t, func(http.ResponseWriter, *http.Request) {})
	watch(t, web("http", address, "/")).awaitState(camera.Retrying, "Use https:// in its address")

	plain := quirky(t, func(*request) bool { return false })
	watch(t, web("https", plain, "/#pin="+pin)).awaitState(camera.Retrying, "failed")
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	watch(t, web("https", server.Listener.Addr().String(), "/")).awaitState(camera.Retrying, "does not encrypt. Use http://")
}

func passwordStaysEncrypted(t *testing.T) {
	frame := string(picture(t, 16))
	plain := quirky(t, func(r *request) bool {
		r.send(mixed("x"), frame)
		r.linger()
		return false
	})
	address, pin := secure(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+plain+"/", http.StatusFound)
	})
	watch(t, web("https", address, "/#pin="+pin)).awaitState(camera.Retrying, "not encrypted")
	watch(t, "https://"+address+"/#pin="+pin).awaitFrames(1)
}
