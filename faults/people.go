package faults

var people = Section{"People misbehave", []Fault{}}
