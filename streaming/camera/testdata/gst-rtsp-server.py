#!/usr/bin/python3
"""A camera made of GStreamer's RTSP server: PORT udp|tcp PIPELINE. It says when it is ready, and
after that whenever its viewer keeps the session alive, which would end after 2 s. It ends with its input."""
import sys

import gi

for part in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(part, "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

port, protocol, pipeline = sys.argv[1:]
Gst.init(None)
loop = GLib.MainLoop()
server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
factory = GstRtspServer.RTSPMediaFactory(shared=True, launch=f"( {pipeline} )")
factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP if protocol == "udp" else GstRtsp.RTSPLowerTrans.TCP)
server.get_mount_points().add_factory("/live", factory)


def watch(_, client):
    def played(client, _):
        for request in ("options-request", "get-parameter-request", "set-parameter-request"):
            client.connect(request, lambda *_: print("alive", flush=True))

    client.connect("new-session", lambda _, session: session.set_timeout(2))
    client.connect("play-request", played)


server.connect("client-connected", watch)
if not server.attach(None):
    sys.exit("the port is taken")
GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP | GLib.IOCondition.IN, lambda *_: loop.quit())
print("ready", flush=True)
loop.run()
