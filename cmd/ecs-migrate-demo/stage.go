package main

import (
	"fmt"
	"io"
	"strings"

	ecsstub "ecs-migrate/internal/stub/ecs"
)

// columns is how wide the story is told, and indent what stands before all but
// its titles.
const (
	columns = 92
	indent  = "   "
)

// A stage shows the story: who does what, what the channel shows, what the
// cloud is asked.
type stage struct {
	out    io.Writer
	colour bool
	lang   string
}

// lines shows text as it is.
func (s stage) lines(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(s.out, paint(line, s.colour)) // a terminal that is gone ends the process by itself
	}
}

// indented shows text under the present title.
func (s stage) indented(lines ...string) {
	for _, line := range lines {
		s.lines(strings.TrimRight(indent+line, " "))
	}
}

// title begins a step at a moment.
func (s stage) title(number int, what words, when string) {
	s.lines("")
	for i, line := range wrap(what.in(s.lang), columns-len(indent)) {
		lead := indent
		if i == 0 {
			lead = fmt.Sprintf("%d. ", number)
		}
		s.lines(bold.of(lead + line))
	}
	s.indented(dim.of(when))
}

// moved tells that the clock was moved on.
func (s stage) moved(when string) { s.indented(dim.of("⏩ " + when)) }

// does tells what a person does.
func (s stage) does(name string, what words, values ...any) {
	text := fmt.Sprintf(what.in(s.lang), values...)
	s.lines("")
	for i, line := range wrap(clean(name)+" "+clean(text), columns-len(indent)-2) {
		lead := "  "
		if i == 0 {
			lead = "▶ "
		}
		s.indented(cyan.of(lead + line))
	}
}

// shows puts a drawing under a caption.
func (s stage) shows(drawn []string) {
	s.lines("")
	s.indented(drawn...)
}

// line shows one reply of a thread.
func (s stage) line(drawn []string) {
	for i, line := range drawn {
		lead := "    "
		if i == 0 {
			lead = dim.of("  ↳") + " "
		}
		s.indented(lead + line)
	}
}

// describe is a call to the cloud in one line. The stub keeps no secret of a
// call, and of its parameters only those that the story is about are shown.
func describe(c ecsstub.Call) string {
	text := "☁ " + pad(c.Action, 30) + c.Region
	for _, name := range []string{"EventId.1", "NotBefore"} {
		if v := c.Params[name]; v != "" {
			text += "  " + strings.TrimSuffix(name, ".1") + "=" + clean(v)
		}
	}
	if c.Status != 200 {
		text += fmt.Sprintf("  → %d %s", c.Status, clean(c.Code))
	}
	return text
}
