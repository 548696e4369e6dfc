package faults

var cameras = Section{"Cameras that misbehave", []Fault{}}
