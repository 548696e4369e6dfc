package faults

var machine = Section{"The machine misbehaves", []Fault{}}
