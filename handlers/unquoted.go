package handlers

import (
	"context"
	"strings"

	"ecs-migrate/notifier"
)

// maxName is how long, in bytes, a name is that is looked for among words.
const maxName = 512

// unquoted tells whether words that are no time may belong to a name with
// blanks, which is read whole only in quotes. The suggestion is what was
// probably meant; there is none where no split of the words makes sense.
func (h *Handlers) unquoted(ctx context.Context, c call, req Request, why Why) (try []notifier.Suggestion, ok bool) {
	var known, guess *Request
	name, rest := req.Target, req.When
	for rest != "" && len(name) <= maxName {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		name += " " + word
		r := Request{Verb: req.Verb, Target: name, When: rest}
		if h.known(ctx, name) {
			known = &r // the longest name of several
		}
		if _, err := ParseWhen(rest, c.view.Now, c.zone()); guess == nil && err == nil {
			guess = &r
		}
	}
	switch {
	case known != nil:
		return []notifier.Suggestion{c.suggestion(*known)}, true
	case why != WhyUnread || !strings.Contains(req.When, " ") || h.known(ctx, req.Target):
		return nil, false
	case guess != nil:
		return []notifier.Suggestion{c.suggestion(*guess)}, true
	}
	return nil, true
}

// known tells whether the target names something. That the store cannot be read
// is told when it matters.
func (h *Handlers) known(ctx context.Context, target string) bool {
	found, err := h.find(ctx, target)
	return err == nil && len(found) > 0
}

// suggestion is a request to send, with the moment that it names.
func (c call) suggestion(r Request) notifier.Suggestion {
	if r.Verb == Reschedule && r.When == "" {
		r.When = openWhen
	}
	s := notifier.Suggestion{Command: c.command + " " + r.String()}
	s.At, _ = ParseWhen(r.When, c.view.Now, c.zone()) // zero where it names none
	return s
}
