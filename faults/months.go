package faults

var months = Section{"For months", []Fault{
	{
		"Cameras and viewers come and go",
		"20 cameras of five kinds, each of which drops every few seconds, and 50 viewers that stay for seconds (multipart, WebSocket, snapshots); for an hour, or what TRAYCAM_SOAK says",
		"memory, goroutines and descriptors at the end are within 5 % of those after the first minutes",
	},
	{"Stop, after all of that", "the same mix inside of a test", "every goroutine has ended within 5 s"},
}}
