package faults

var crashes = Section{"When it does fail", []Fault{}}
