package faults

var viewers = Section{"Viewers that misbehave", []Fault{}}
