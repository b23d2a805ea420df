package handlers

import (
	"cmp"
	"context"
	"errors"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// maxCommand is how long a command is that is taken apart, in bytes: ten times what
// anybody types. One of megabytes would cost the acknowledgement.
const maxCommand = 40 << 10

// Command does what a slash command asks for. once is its envelope's id.
func (h *Handlers) Command(ctx context.Context, cmd slack.SlashCommand, once string) Result {
	c := h.begin(ctx, cmd.UserID, cmd.UserName, cmp.Or(cmd.Command, commandName), once)
	c.via, c.channel = migration.ViaCommand, cmd.ChannelID
	to := place{responseURL: cmd.ResponseURL, channel: cmd.ChannelID, user: cmd.UserID}
	if len(cmd.Text) > maxCommand {
		return h.reply(to, notifier.LongCommand(c.ask(""), c.view))
	}
	if after := h.reading(c, cmd.Text, to); after != nil {
		return Result{After: after}
	}
	return h.reply(to, h.run(ctx, c, cmd.Text))
}

// soonPages is how many pages of all that is open are read in no time.
const soonPages = 50

// reading is the work of a command that decides nothing and may read all that is
// open, which can take longer than an acknowledgement has; nil where the command
// is none of those.
func (h *Handlers) reading(c call, text string, to place) func(context.Context) {
	if c.barred || len(text) > maxCommand {
		return nil
	}
	req, err := ParseCommand(text)
	switch {
	case err != nil:
	case req.Verb == Calendar:
		return func(ctx context.Context) { h.calendar(ctx, c, req, to) }
	case req.Verb == List && (req.Filter != All || req.Page > soonPages):
		return func(ctx context.Context) {
			reading, cancel := context.WithTimeout(ctx, afterWait)
			defer cancel()
			h.post(ctx, to, h.list(reading, c, req))
		}
	}
	return nil
}

// run carries out a command, typed or carried by a button, and gives the answer.
func (h *Handlers) run(ctx context.Context, c call, text string) notifier.Message {
	if len(text) > maxCommand {
		return notifier.LongCommand(c.ask(""), c.view)
	}
	req, err := ParseCommand(text)
	if e, ok := errors.AsType[*UnknownVerb](err); ok {
		near := e.Near
		if near != "" {
			near = c.command + " " + near
		}
		return notifier.UnknownVerb(e.Typed, near, c.ask(""), c.view)
	}
	if e, ok := errors.AsType[*Incomplete](err); ok {
		return notifier.Incomplete(c.command+" "+e.Verb.form(), c.ask(""), c.view)
	}
	if c.barred && req.Verb != Help {
		h.o.Log.Warn("denied", "user", c.by, "verb", string(req.Verb))
		return notifier.Barred(c.view) // not even a look
	}
	switch req.Verb {
	case List:
		return h.list(ctx, c, req)
	case Show:
		return h.show(ctx, c, req)
	case Facts:
		return h.facts(ctx, c, req)
	case Reserve:
		return h.reserve(ctx, c, req)
	case Reschedule:
		return h.reschedule(ctx, c, req)
	case Accept:
		return h.accept(ctx, c, req)
	case Assign:
		return h.assign(ctx, c, req)
	case Snooze:
		return h.snooze(ctx, c, req)
	case History:
		return h.history(ctx, c, req)
	case FAQ:
		return notifier.FAQ(c.ask(""), c.view)
	case Checklist:
		return h.checklist(ctx, c, req)
	case Ack:
		return h.ack(ctx, c, req)
	}
	return notifier.Help(c.ask(""), c.view)
}
