package faults

var viewers = Section{"Viewers that misbehave", []Fault{
	{"viewers that never read", "1,000 ask for a stream and read nothing", "they hold the newest picture alone, and are dropped after 10 s; others play on, their worst gap under 100 ms"},
	{"headers that come a letter at a time", "1,000 more send five letters of a header a second", "they are cut off after 10 s; others play on"},
	{"bodies without end on GET", "100 more send 20 KB a second behind a request that has no body", "they are answered and cut off; others play on"},
	{"posts that send nothing", "100 more announce a picture and do not send it", "four at once for a camera, and 10 s each; the rest is refused; others play on"},
	{"viewers that connect and leave at once", "2,000 ask for a stream and hang up", "they are gone from the count within 2 s, and nothing of them is left"},
	{"connections that are kept and ask nothing more", "1,000 ask once and stay", "they are let go after 2 minutes, and count among the connections that are bounded"},
	{"requests that are nonsense", "HTTP/1.0, 0.9 and 3.0, HTTP/2's preface, TLS, zeros, headers and lines without end, two lengths, a length beside an encoding, one request behind the other, CONNECT, TRACE", "each is answered with what HTTP has for it, and what stands behind it is not taken for another request"},
	{"file descriptors run out", "the program may open 64; 200 connect and say nothing", "viewers get half of the descriptors at most: who comes then is told 503 or cut off at once; who watches plays on; a camera that breaks off meanwhile comes back"},
	{"not one file descriptor is left", "the limit is taken down to 4 while the program runs, and 20 viewers come", "it waits without using up the processor; when there are some again who waited is answered"},
	{
		"WebSocket frames that no browser sends",
		"frames without a mask, with reserved bits and opcodes, control frames that are long or in pieces, lengths of 2^62, text that is not UTF-8, codes that do not exist: in the order of the Autobahn cases",
		"that connection ends, with the code that RFC 6455 names where it is to be told; others notice nothing",
	},
	{
		"a page that asks for cameras without end and reads nothing",
		"20 requests for 1,000 cameras that there are not, over one WebSocket that is never read",
		"what a page no longer asks for is forgotten: less than 6 MB",
	},
}}
