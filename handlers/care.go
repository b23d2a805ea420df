package handlers

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// Who is meant by assign, in a Request's Who, beside a Slack user id.
const (
	Me     = "me"
	Nobody = "nobody"
)

// slackUser is how Slack spells the ids of people, and slackPerson how it names
// one in a command whose manifest has should_escape. Source:
// https://docs.slack.dev/interactivity/implementing-slash-commands
var (
	slackUser   = regexp.MustCompile(`^[UW][A-Z0-9]{7,30}$`)
	slackPerson = regexp.MustCompile(`<@([UW][0-9A-Z]+)\|[^<>]*>`)
)

// assign lets somebody look after a migration.
func (h *Handlers) assign(ctx context.Context, c call, req Request) notifier.Message {
	if c.barred {
		return notifier.Barred(c.view)
	}
	to := req.Who
	switch to {
	case Me:
		to = c.by
	case Nobody:
		to = ""
	default:
		if !slackUser.MatchString(to) {
			return notifier.UnknownWho(req.Who, c.view)
		}
		if !h.reachable(ctx, c, to) {
			return notifier.CannotLookAfter(to, c.view)
		}
	}
	return h.onTarget(ctx, c, req, unsettled, func(m migration.Migration) notifier.Message {
		m, err := h.decide(ctx, c, m.Key(), migration.Operator, func(cur migration.Migration) (migration.Change, error) {
			return cur.Assign(to, c.decision(migration.ViaCommand, migration.SeenAny))
		})
		if err != nil {
			return h.decided(c, req, m, err)
		}
		return notifier.Assigned(m, c.ask(""), c.view)
	})
}

// thenGranted is what looking up somebody else leaves of the time for finding out
// what the person may do.
const thenGranted = 700 * time.Millisecond

// reachable tells whether somebody can be given something. Where Slack does not
// say in time who that is, people are believed.
func (h *Handlers) reachable(ctx context.Context, c call, id string) bool {
	ctx, cancel := context.WithDeadline(ctx, c.until.Add(-thenGranted))
	defer cancel()
	p, err := h.o.People.Person(ctx, id)
	no, refused := errors.AsType[slack.SlackErrorResponse](err)
	return !p.Bot && !p.Deleted && !(refused && no.Err == "user_not_found")
}

// snooze silences a migration's reminders for a while.
func (h *Handlers) snooze(ctx context.Context, c call, req Request) notifier.Message {
	if c.barred {
		return notifier.Barred(c.view)
	}
	until, ok := snoozeUntil(req.When, c.view.Now, c.view.Zone)
	if !ok {
		return notifier.UnreadSnooze(req.When, c.view)
	}
	req.At = until
	return h.onTarget(ctx, c, req, unsettled, func(m migration.Migration) notifier.Message {
		m, err := h.decide(ctx, c, m.Key(), migration.Operator, func(cur migration.Migration) (migration.Change, error) {
			return cur.Snooze(until, c.decision(migration.ViaCommand, migration.SeenAny))
		})
		if err != nil {
			return h.decided(c, req, m, err)
		}
		return notifier.Snoozed(m, c.ask(""), c.view)
	})
}

const (
	// maxSnooze bounds for how long there is quiet: longer ones are forgotten.
	maxSnooze = 7 * 24 * time.Hour
	// backHour is when people are back, and nightEnd the hour before which
	// tomorrow's morning is the one ahead: who is awake at two means it.
	backHour = 9
	nightEnd = 5
)

// snoozeUntil reads for how long there is to be quiet: a span, or until tomorrow
// morning in the person's zone.
func snoozeUntil(text string, now time.Time, zone *time.Location) (until time.Time, ok bool) {
	switch text = strings.ToLower(strings.TrimSpace(text)); text {
	case notifier.SnoozeTomorrow, "明天", "明早":
		if zone == nil {
			zone = time.UTC
		}
		local := now.In(zone)
		day := civilOf(local)
		if local.Hour() >= nightEnd {
			day = day.plus(1)
		}
		// Nine o'clock is never skipped; where it comes twice, either will do.
		return time.Date(day.year, day.month, day.day, backHour, 0, 0, 0, zone).UTC(), true
	}
	if at, err := time.Parse(time.RFC3339, strings.ToUpper(text)); err == nil { // as a button carries it
		return at.UTC(), at.Sub(now) <= maxSnooze
	}
	span, err := time.ParseDuration(text)
	if err != nil || span < time.Minute || span > maxSnooze {
		return time.Time{}, false
	}
	return now.Add(span).UTC(), true
}

// unsettled leaves out what is over and done; of nothing but such, the latest
// stays, to be told so.
func unsettled(found []migration.Migration) []migration.Migration {
	var open []migration.Migration
	for _, m := range found {
		if !m.Event.Status.Final() || m.Waiting() {
			open = append(open, m)
		}
	}
	if len(open) == 0 {
		return found[:min(len(found), 1)]
	}
	return open
}

// snoozed carries out a reminder's menu.
func (h *Handlers) snoozed(ctx context.Context, cb slack.InteractionCallback, once string, clicked *slack.BlockAction) Result {
	c := h.beginAt(ctx, cb, once)
	chosen := clicked.SelectedOption.Value
	until, ok := snoozeUntil(chosen, c.view.Now, c.view.Zone)
	if !ok {
		h.o.Log.Warn("cannot read a menu", "chosen", chosen)
		return h.later(placeOf(cb), notifier.UnreadSnooze(chosen, c.view))
	}
	ref := strings.TrimPrefix(clicked.BlockID, notifier.SnoozeBlock)
	return h.carry(ctx, cb, c, ref, migration.Operator, func(m migration.Migration, d migration.Decision) (migration.Change, error) {
		return m.Snooze(until, d)
	}, notifier.Snoozed)
}
