package config

import (
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing wrong with the configuration and how to put it right.
type Fault struct {
	// File is the path as it was given, or "environment".
	File string
	// Line counts from 1; 0 means the whole file or the environment.
	Line int
	// Field is the path of the key, such as accounts[0].regions[1], or the
	// name of a variable. Empty where the file as a whole is at fault.
	Field string
	// Problem says what is wrong, without a final full stop.
	Problem string
	// Remedy is a sentence that says what to do, without a final full stop.
	Remedy string
}

// String is the fault on one line: place, field, problem, remedy.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	b.WriteString(": ")
	if f.Field != "" {
		b.WriteString(f.Field + ": ")
	}
	b.WriteString(f.Problem + ". " + f.Remedy + ".")
	return b.String()
}

// Faults is every fault found in one pass, in the order of the file.
type Faults []Fault

// Error is one line a fault, with a count before them when there are several.
func (fs Faults) Error() string {
	lines := make([]string, 0, len(fs)+1)
	if len(fs) != 1 {
		lines = append(lines, fmt.Sprintf("the configuration has %d faults:", len(fs)))
	}
	for _, f := range fs {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// err is fs as an error, and nil when there is none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

func (fs Faults) sortByLine() {
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.Line - b.Line })
}
