// Package e2e tests the built programs as people use them: ffmpeg and GStreamer
// as cameras, Chromium, ffmpeg, curl and GStreamer as viewers, Xvfb as desktop,
// network namespaces as other computers.
//
// TRAYCAM_BIN and TRAYCAM_HEADLESS_BIN name the programs; "make test" builds
// them. Where one is not named, its tests are skipped.
package e2e
