package viewer

import (
	"fmt"
	"net/http"
	"strings"
)

// metrics is Prometheus' text format, version 0.0.4.
func (h *Handler) metrics(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	cameras := h.all.State()
	family := func(name, kind, help string, value func(CameraState) any) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
		for _, c := range cameras {
			fmt.Fprintf(&b, "%s{camera=%q} %v\n", name, c.ID, value(c))
		}
	}
	family("traycam_camera_live", "gauge", "1 while the camera sends pictures.", func(c CameraState) any {
		if c.State == "live" {
			return 1
		}
		return 0
	})
	family("traycam_camera_frames_total", "counter", "Frames that arrived.", func(c CameraState) any { return c.Frames })
	family("traycam_camera_dropped_total", "counter", "Pictures thrown away on the way in.", func(c CameraState) any { return c.Dropped })
	family("traycam_camera_viewers", "gauge", "Streams that are being watched.", func(c CameraState) any { return c.Viewers })
	fmt.Fprintf(&b, "# HELP traycam_sent_bytes_total Bytes that went to viewers.\n# TYPE traycam_sent_bytes_total counter\ntraycam_sent_bytes_total %d\n", h.opt.Sent.Load())
	process(&b)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Write([]byte(b.String()))
}
