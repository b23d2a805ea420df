package handlers

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// personWait is how long reading who acts may take of the three seconds that an
// acknowledgement has.
const personWait = 2 * time.Second

// call is one thing that somebody does.
type call struct {
	by      string   // Slack user id
	names   []string // what an owner tag may call them
	known   bool     // their zone and language are their own
	barred  bool     // may neither decide nor look
	view    notifier.View
	command string // the slash command's name
	once    string // the envelope
	via     migration.Via
	channel string // where they did it, empty in a form and on the Home tab
	// until is when it must be known who they are and what they may do.
	until time.Time
}

// begin finds out who acts, in bounded time.
func (h *Handlers) begin(ctx context.Context, userID, userName, command, once string) call {
	until := time.Now().Add(personWait)
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	p, err := h.o.People.Person(ctx, userID)
	c := call{by: userID, known: err == nil, command: command, once: once, until: until, names: []string{userID, userName, p.Name}}
	c.barred = barred(userID, p, err) != ""
	if err != nil {
		h.o.Log.Warn("cannot read who acts", "user", userID, "err", withoutURL(err))
		p.Lang, p.Zone = h.o.Lang, h.o.Zone
	}
	c.view = h.view(p.Lang, p.Zone)
	return c
}

// view is how a person reads.
func (h *Handlers) view(lang notifier.Lang, zone *time.Location) notifier.View {
	return notifier.View{Lang: lang, Zone: zone, Now: h.o.Clock.Now(), Checklists: h.o.Checklists}
}

// zone is the person's own, nil where it is not known: then none is guessed.
func (c call) zone() *time.Location {
	if !c.known {
		return nil
	}
	return c.view.Zone
}

// beginAt is begin for a click, which tells where it was made.
func (h *Handlers) beginAt(ctx context.Context, cb slack.InteractionCallback, once string) call {
	c := h.begin(ctx, cb.User.ID, cb.User.Name, commandName, once)
	c.via, c.channel = migration.ViaButton, cb.Channel.ID
	switch cb.View.Type {
	case slack.VTModal:
		c.via = migration.ViaForm
	case slack.VTHomeTab:
		c.via = migration.ViaHome
	}
	return c
}

// decision is the person's, by a door, on the choice that they saw. The door that
// they came by counts for more than the one that a verb is made for: buttons carry
// commands.
func (c call) decision(via migration.Via, seen int) migration.Decision {
	return migration.Decision{By: c.by, Now: c.view.Now, Via: cmp.Or(c.via, via), Seen: seen, Channel: c.channel, Envelope: c.once}
}

// ask tells an answer what was asked for; again is the command to repeat,
// without its name, or empty.
func (c call) ask(again string) notifier.Ask {
	if again != "" {
		again = c.command + " " + again
	}
	return notifier.Ask{By: c.by, Command: c.command, Again: again}
}

// named tells whether an owner tag calls the person by their name.
func (c call) named(owner string) bool {
	owner = strings.TrimPrefix(strings.TrimSpace(owner), "@")
	for _, name := range c.names {
		if owner != "" && strings.EqualFold(owner, name) {
			return true
		}
	}
	return false
}
