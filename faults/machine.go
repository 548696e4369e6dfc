package faults

var machine = Section{"The machine misbehaves", []Fault{
	{"the disk is full as settings are saved", "the config on a tmpfs of 256 KB that is filled up", "the person is told in a sentence, the old file stays byte for byte, no half of a new one is left, and the next save works once there is room"},
	{"the disk is full as the log is written", "the log on a tmpfs that is filled up", "the window says so, lines are kept in memory, and all of them are in the file, each on a line of its own, once there is room"},
	{"the config folder is read-only", "its file system mounted read-only", "the person is told in a sentence, nothing changes, and the next save works once it may be written"},
	{"the config folder is gone", "it is deleted while Traycam runs", "the next save makes it anew with all settings, and edits by hand are noticed again"},
	{"killed in the middle of a save", "SIGKILL at each system call of a save (strace), and at random moments", "the old config or the new one is there, whole; what was cut off is cleared away later"},
	{"power fails during a save", "the order of the system calls of a save is looked at (strace)", "the new file is synced before it is renamed over the old one, and the folder after"},
	{"half of a config", "a config cut off after each of its bytes, at a start and while Traycam runs", "what cannot be read is said with file and line, and is never overwritten"},
	{"the clock is set", "a link's end seen from a day before and a day after; the source is searched for times that a set clock would change", "nothing but the ends of links follows the clock: pauses, time-outs and rates do not"},
	{"the network goes, and is back with another address", "an interface of a network namespace loses its address, and gets another one", "the link tells the new address and works within 10 s; viewers on this computer see nothing of it"},
	{"the port is taken at the start", "another program listens on it", "Traycam ends with one line that names the port and says what to do, and status 1"},
	{"somebody wants the port while streaming is stopped", "another program tries to listen on it after Stop", "it cannot: the port is kept, and Start streams on it again"},
	{"the computer sleeps", "SIGSTOP and SIGCONT", "cameras are back and viewers get live pictures within seconds; nothing that waited floods them"},
	{"there is no memory", "no more address space than it has (prlimit), then 2,000 connections", "Traycam ends with a report, leaves no ffmpeg behind, the config is as it was, and the next start works"},
	{"the tray's host is started again", "xfce4-panel killed and started, twice", "the icon comes back, and the cameras go on"},
	{"the session bus ends", "dbus-daemon killed", "the window and the cameras go on, and the program can be ended as ever"},
	{"the X server ends", "Xvfb killed", "Traycam ends within seconds with a line and a status that is not 0, leaves no ffmpeg behind, and the config is as it was"},
}}
