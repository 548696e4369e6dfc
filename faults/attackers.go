package faults

var attackers = Section{"Attackers", []Fault{
	{"requests made to get at files, secrets and other people's browsers", "paths out of the embedded files, markup in paths and queries, Hosts of strangers, Origins of other pages, headers of proxies, tokens and keys in every place, through the whole handler as this computer and as the network; fuzzed", "no mistake of the server's; no file but the page's; no HTML but the pages, with their policy; nosniff, no-referrer and the right type on all; no secret in an answer or the log that was not in the request; no picture taken from who may not send any"},
	{"names that are markup", "cameras and links called `<img src=x onerror=…>` and `\"></script><script>…`, and a web camera that answers with HTML, in Chromium", "shown as text, on the page and on /share; no script but the page's own runs, and Content-Security-Policy would hold it up"},
	{"a camera that sends script", "HTML, SVG, parts that are no pictures, a redirect to javascript:, and JPEGs with HTML around and inside of them", "what is no JPEG is thrown away; a JPEG is image/jpeg with nosniff; pages of others can show it and cannot read it"},
	{"who looks for links and keys where they do not belong", "every path as this computer, as the network, by right and wrong links and keys, and a new link while it runs, with the log at debug", "no link and no key in an answer to who did not send it, in the log, or in the list of processes; no-referrer on every answer"},
	{"a camera that sends Traycam on to another host", "a redirect to one that asks for a password, to one that does not, and from https to http", "no password, digest or Referer goes there, and the reason says what to do"},
	{"how long wrong links take", "links that are wrong from the first letter, from the middle, and in the last letter alone", "the same time"},
}}
