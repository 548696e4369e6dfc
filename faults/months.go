package faults

var months = Section{"For months", []Fault{}}
