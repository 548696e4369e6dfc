package faults

var attackers = Section{"Attackers", []Fault{}}
