package handlers

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// onTarget finds the one migration that a request is about and does something
// with it. Several are offered as a choice, whose buttons carry the rest of the
// request; narrow leaves out those that cannot be meant.
func (h *Handlers) onTarget(
	ctx context.Context, c call, req Request,
	narrow func([]migration.Migration) []migration.Migration, do func(migration.Migration) notifier.Message,
) notifier.Message {
	found, err := h.find(ctx, req.Target)
	if err != nil {
		h.o.Log.Error("cannot find a target", "err", err)
		return notifier.NotRead(err, c.ask(req.String()), c.view)
	}
	found = narrow(found)
	switch len(found) {
	case 0:
		return notifier.NoMatch(req.Target, h.near(ctx, req.Target), c.ask(""), c.view)
	case 1:
		return do(found[0])
	}
	return c.choice(req, found)
}

// choice asks which of several migrations is meant, and tells what will be done
// with it.
func (c call) choice(req Request, found []migration.Migration) notifier.Message {
	shown := found[:min(len(found), notifier.MaxChoice)]
	picks := make([]notifier.Pick, len(shown))
	for i, m := range shown {
		one := req
		one.Target = m.Key().String()
		picks[i] = notifier.Pick{Migration: m, Command: one.String()}
	}
	return notifier.Choice(req.Target, notifier.Wish{Does: req.does(), At: req.At}, picks, len(found)-len(shown), c.view)
}

// does names what the request does with its target.
func (r Request) does() notifier.Does {
	switch r.Verb {
	case Reserve:
		if r.At.IsZero() {
			return notifier.DoesKeep
		}
		return notifier.DoesReserve
	case Reschedule:
		return notifier.DoesReschedule
	case Accept:
		return notifier.DoesAccept
	case Assign:
		return notifier.DoesAssign
	case Snooze:
		return notifier.DoesSnooze
	case Facts:
		return notifier.DoesFacts
	case Checklist:
		return notifier.DoesChecklist
	case Ack:
		return notifier.DoesAck
	}
	return notifier.DoesShow
}

// find gives what a target may mean. Buttons name a migration by its whole key,
// since accounts may share an event id.
func (h *Handlers) find(ctx context.Context, target string) ([]migration.Migration, error) {
	if parts := strings.Split(target, "/"); len(parts) == 3 {
		m, ok, err := h.o.Store.Migration(ctx, migration.Key{Account: parts[0], Region: parts[1], EventID: parts[2]})
		if err != nil || ok {
			return []migration.Migration{m}, err
		}
	}
	return h.o.Store.Find(ctx, target)
}

// anything leaves nothing out.
func anything(found []migration.Migration) []migration.Migration { return found }

// undecided leaves out what is over, since nothing can be decided about it; of
// nothing but such, the latest stays, to be told so.
func undecided(found []migration.Migration) []migration.Migration {
	return but(found, func(m migration.Migration) bool { return m.Event.Status.Final() })
}

// but leaves out some; of nothing but such, the first stays.
func but(found []migration.Migration, out func(migration.Migration) bool) []migration.Migration {
	rest := slices.DeleteFunc(slices.Clone(found), out)
	if len(rest) == 0 {
		return found[:min(len(found), 1)]
	}
	return rest
}

// How far is looked for names that are written like one that is not known.
const (
	nearScan  = 1000 // open migrations
	nearShown = 3
)

// near gives known names and ids that are written like the target.
func (h *Handlers) near(ctx context.Context, target string) []string {
	type candidate struct {
		name string
		off  int
	}
	var all []candidate
	target = strings.ToLower(target)
	limit := max(2, min(len(target), maxCompared)/4)
	scanned := 0
	err := h.o.Store.ByDeadline(ctx, func(m migration.Migration) bool {
		for _, name := range []string{m.Instance.Name, m.Event.InstanceID, m.Event.EventID} {
			if off := apart(target, strings.ToLower(name)); name != "" && off <= limit {
				all = append(all, candidate{name, off})
			}
		}
		scanned++
		return scanned < nearScan
	})
	if err != nil {
		h.o.Log.Error("cannot look for near names", "err", err)
		return nil
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.off, b.off) })
	var names []string
	for _, c := range all {
		if len(names) < nearShown && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

// apart is how differently two names are written, 0 only where they are equal;
// one that is part of the other is near.
func apart(typed, name string) int {
	if typed == name {
		return 0
	}
	if len(typed) >= 3 && strings.Contains(name, typed) {
		return 1
	}
	return max(1, distance(typed, name)) // which compares their beginnings only
}
