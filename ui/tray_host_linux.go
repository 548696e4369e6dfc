package ui

/*
#cgo pkg-config: gio-2.0 x11
#include <X11/Xlib.h>
#include <gio/gio.h>
#include <unistd.h>

// Says whether an X server answers, and whether a window owns the selection by
// which XEmbed trays are known (System Tray Protocol Specification 0.3).
static int x11_asks(int *tray) {
	Display *d = XOpenDisplay(NULL);
	if (d == NULL) {
		return 0;
	}
	char name[] = "_NET_SYSTEM_TRAY_S0";
	int screen = DefaultScreen(d);
	if (screen > 0 && screen < 10) {
		name[sizeof(name) - 2] = '0' + screen;
	}
	Atom a = XInternAtom(d, name, True);
	*tray = a != None && XGetSelectionOwner(d, a) != None;
	XCloseDisplay(d);
	return 1;
}

// The resolution that the desktop wants text to have (Xft.dpi), 0 where it says
// nothing, and that of the screen itself.
static double x11_text(double *screen) {
	Display *d = XOpenDisplay(NULL);
	if (d == NULL) {
		return 0;
	}
	double mm = DisplayWidthMM(d, DefaultScreen(d));
	*screen = mm > 0 ? DisplayWidth(d, DefaultScreen(d)) * 25.4 / mm : 0;
	char *text = XGetDefault(d, "Xft", "dpi");
	double dpi = text == NULL ? 0 : g_ascii_strtod(text, NULL);
	XCloseDisplay(d);
	return dpi;
}

static void drop(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {}

static void glib_be_quiet(void) { g_log_set_default_handler(drop, NULL); }

// GLib ends the process when the session bus goes, unless it is told not to. The
// connection is the one that all of GLib's users share, and is kept for that.
static void outlive_bus(void) {
	GDBusConnection *bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);
	if (bus != NULL) {
		g_dbus_connection_set_exit_on_close(bus, FALSE);
	}
}

// Xlib ends the process after this, and GTK's own says nothing once it is quiet.
static int display_gone(Display *d) {
	static const char line[] = "traycam: the display is gone, and Traycam ends with it\n";
	if (write(2, line, sizeof(line) - 1) < 0) {
		_exit(1);
	}
	_exit(1);
}

static void say_display_gone(void) { XSetIOErrorHandler(display_gone); }
*/
import "C"

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// quietNative keeps GTK's warnings from standard error: at start on an XEmbed
// tray, and where there is no session bus. Not while debugging.
func quietNative(log *slog.Logger) {
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		C.glib_be_quiet()
	}
}

// outliveBus lets the program go on when the session bus ends. To be called before the tray is there. It asks the bus.
func outliveBus() { C.outlive_bus() }

// sayDisplayGone says so when the display goes. To be called once GTK is there, which has its own way.
func sayDisplayGone() { C.say_display_gone() }

// haveDisplay tells whether a window can be opened: Fyne ends the process where it cannot.
func haveDisplay() bool {
	var tray C.int
	return C.x11_asks(&tray) != 0
}

// TextScale is what FYNE_SCALE has to be so that text is as large as the desktop
// wants it; 1: nothing. Fyne itself goes by the screen's resolution alone.
func TextScale() float64 {
	var screen C.double
	text := float64(C.x11_text(&screen))
	fyne := 1.0
	if dpi := float64(screen); dpi >= 10 && dpi <= 1000 {
		fyne = max(1, dpi/120) // as Fyne 2.7 reckons
	}
	return min(max(text/96/fyne, 1), 4)
}

// trayTookIcon asks who shows tray icons. Where a StatusNotifier watcher runs,
// its host must have been there and our item registered; only where none runs
// does the icon go to an XEmbed tray.
func trayTookIcon(log *slog.Logger) bool {
	watcher, host := statusNotifier(log)
	if watcher {
		return host
	}
	var tray C.int
	return C.x11_asks(&tray) != 0 && tray != 0
}

// statusNotifier asks the session's StatusNotifierWatcher. It never starts a bus.
func statusNotifier(log *slog.Logger) (watcher, host bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		log.Debug("no session bus to ask about trays", "error", err)
		return false, false
	}
	defer conn.Close()
	if err := conn.Auth(nil); err != nil {
		log.Debug("no session bus to ask about trays", "error", err)
		return false, false
	}
	if err := conn.Hello(); err != nil {
		log.Debug("no session bus to ask about trays", "error", err)
		return false, false
	}
	const name = "org.kde.StatusNotifierWatcher"
	var owned bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned); err != nil || !owned {
		return false, false
	}
	object := conn.Object(name, "/StatusNotifierWatcher")
	get := func(property string, into any) {
		var v dbus.Variant
		err := object.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, name, property).Store(&v)
		if err == nil {
			err = v.Store(into)
		}
		if err != nil {
			log.Debug("ask the tray", "property", property, "error", err)
		}
	}
	var registered bool
	var items []string
	get("IsStatusNotifierHostRegistered", &registered)
	get("RegisteredStatusNotifierItems", &items)
	for _, item := range items {
		if strings.Contains(item, "/NotificationItem/systray") {
			return true, registered
		}
	}
	return true, false
}
