//go:build !windows

package main

import "io"

// quitUsage: signals end programs.
const quitUsage = ""

// console: programs have standard output and error wherever they were started.
func console(stdout, stderr io.Writer) (io.Writer, io.Writer) { return stdout, stderr }
