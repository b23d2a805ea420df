package handlers

import (
	"context"
	"errors"

	"ecs-migrate/notifier"
)

// unread answers a time that could not be read, with what to send instead.
func (h *Handlers) unread(ctx context.Context, c call, req Request, err error) notifier.Message {
	if e, ok := errors.AsType[*Unclear](err); ok {
		if try, ok := h.unquoted(ctx, c, req, e.Why); ok {
			return notifier.Unquoted(req.When, try, c.view)
		}
	}
	return c.rewritten(req, err)
}

// rewritten answers a time that could not be read with other ways to write it.
func (c call) rewritten(req Request, err error) notifier.Message {
	with := func(when string) string {
		r := req
		r.When = when
		return c.command + " " + r.String()
	}
	readings := func(all ...Reading) []notifier.Suggestion {
		var try []notifier.Suggestion
		for _, r := range all {
			try = append(try, notifier.Suggestion{Command: with(r.Typed()), At: r.At})
		}
		return try
	}
	if e, ok := errors.AsType[*Gap](err); ok {
		return notifier.Skipped(e.Wall, e.Zone, readings(e.Before, e.After), c.view)
	}
	if e, ok := errors.AsType[*Repeat](err); ok {
		return notifier.Repeated(e.Wall, e.Zone, readings(e.First, e.Second), c.view)
	}
	why, text := WhyUnread, req.When
	var try []notifier.Suggestion
	if e, ok := errors.AsType[*Unclear](err); ok {
		why = e.Why
		for _, when := range e.Try {
			s := notifier.Suggestion{Command: with(when)}
			if e.Why == WhyWhichDate { // two moments, to tell apart
				s.At, _ = ParseWhen(when, c.view.Now, c.zone())
			}
			try = append(try, s)
		}
	}
	return notifier.UnclearWhen(text, string(why), try, c.view)
}
