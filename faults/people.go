package faults

var people = Section{"People misbehave", []Fault{
	{
		"random commands",
		"start, stop, add, change, switch, move, remove, undo, share and links, in random order, with cameras that use the same port, names or nothing at all",
		"after each one the list, the states, the ports, `/state` and the config file are what a simple model says",
	},
	{
		"commands at once",
		"four windows and trays command at the same time",
		"no camera is lost or doubled, IDs differ, and what is shown is what is saved",
	},
	{
		"clicks all over the window",
		"clicks, keys and words on whatever can be seen, at random, while cameras come and go",
		"no mistake, and Escape leads back to the list of cameras",
	},
	{
		"nonsense in the config file",
		"each key with the wrong type, negative, huge, NaN, empty and twice; other encodings, NUL bytes, 100 MB, a folder, a FIFO, a link that points nowhere",
		"a sentence with file and line and what to do; the file stays as it is, and Traycam runs on with what it read last",
	},
	{
		"names of every kind",
		"every script, slashes, quotes, control characters, text from right to left, markup, words of the config file, names in use, nothing but spaces, 10,000 letters",
		"the list, the config file, `/state` and `/metrics` have the name as it is, each with an ID of its own; or it is refused with a sentence",
	},
	{
		"the same camera twice",
		"two cameras that listen on the same port",
		"the second says which port it is, and takes it when the first has let it go",
	},
	{
		"500 cameras",
		"a config file with 500 of them, all switched on, and one more",
		"start, a save and `/state` take a moment, and the 501st is refused",
	},
	{
		"500 cameras on the desktop",
		"500 cameras that send, wait and are refused, in the window, the tray's menu and a page, by keys and clicks",
		"the tray's menu stays short; start, stop, the last row, a move and the page take a moment",
	},
}}
