package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

const (
	// tailLines is how much of the bot's log explains a failure.
	tailLines = 25
	// keptLines is how much of it is kept.
	keptLines = 200
)

// logTail keeps the end of what the bot logs, for the case that something goes
// wrong, and passes all of it on where somebody wants to watch.
type logTail struct {
	also io.Writer // nil: nobody watches

	mu    sync.Mutex
	lines []string // whole ones, the newest last
	begun string   // the line that is not whole yet
}

// Write never fails: the bot must not stumble over who watches it.
func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole := strings.Split(l.begun+string(p), "\n")
	l.begun = whole[len(whole)-1]
	l.lines = append(l.lines, whole[:len(whole)-1]...)
	if over := len(l.lines) - keptLines; over > 0 {
		l.lines = append([]string(nil), l.lines[over:]...)
	}
	if l.also != nil {
		_, _ = l.also.Write(p)
	}
	return len(p), nil
}

// tail is the end of the log, the newest line last.
func (l *logTail) tail(n int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	if l.begun != "" {
		lines = append(lines[:len(lines):len(lines)], l.begun)
	}
	return append([]string{}, lines[max(0, len(lines)-n):]...)
}

// lastWords is what a program that ended by itself said last to a person, ""
// where it was the log.
func (l *logTail) lastWords() string {
	if lines := l.tail(1); len(lines) == 1 {
		if words, spoken := strings.CutPrefix(lines[0], "ecs-migrate-demo: "); spoken {
			return words
		}
	}
	return ""
}

// explain adds the end of the log to an error, unless it was seen already.
func (l *logTail) explain(err error) error {
	lines := l.tail(tailLines)
	if l.also != nil || len(lines) == 0 {
		return err
	}
	return fmt.Errorf("%w\nThe end of the bot's log (all of it with --verbose):\n  %s", err, strings.Join(lines, "\n  "))
}
