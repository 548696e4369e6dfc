package faults

var crashes = Section{"When it does fail", []Fault{
	{"a mistake with one camera", "a camera's source panics", "that camera's try ends alone, its reason says so, the log has the stack, and it is tried again"},
	{"a mistake with a posted picture", "what takes a posted picture panics", "that post ends alone, the log has the stack, and the next picture is taken"},
	{"a mistake with one viewer", "a page's picture panics as it is handed over", "that camera ends for that page, which is told; its other cameras, and other viewers, play on; the log has the stack"},
	{"a mistake with one request", "the viewer page's files panic as they are opened", "that request ends alone, and the log has the stack"},
	{"a mistake with one preview", "a picture's decoder panics", "that picture is not shown, the others are, and the log has the stack"},
	{"a crash", "SIGQUIT, by which Go dies as it does of a panic that nobody caught", "a report with version, stacks and the last lines of the log, without secrets, that the next start names once; the last 5 are kept"},
	{"killed", "SIGKILL, as a power failure ends it", "nothing is left that a later start trips over, and no report is offered"},
	{"a crash beside another Traycam", "SIGQUIT for one of two that run at once", "the other one's report file is left alone; the next start offers the one that crashed"},
}}
