package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// tailLines is how much of the bot's log explains a failure.
const tailLines = 25

// logTail keeps what the bot logs, for the case that something goes wrong, and
// passes it on where somebody wants to watch.
type logTail struct {
	also io.Writer // nil: nobody watches

	mu   sync.Mutex
	text bytes.Buffer
}

// Write never fails: the bot must not stumble over who watches it.
func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if l.also != nil {
		_, _ = l.also.Write(p)
	}
	return len(p), nil
}

// explain adds the end of the log to an error, unless it was seen already.
func (l *logTail) explain(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.also != nil || l.text.Len() == 0 {
		return err
	}
	lines := strings.Split(strings.TrimRight(l.text.String(), "\n"), "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	return fmt.Errorf("%w\nThe end of the bot's log (all of it with --verbose):\n  %s", err, strings.Join(lines, "\n  "))
}
