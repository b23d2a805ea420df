package killtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

var (
	kills = flag.Int("kills", 25, "how often TestRandomMoments kills the bot")
	seed  = flag.Uint64("seed", 0, "replays the plan of an earlier run; 0: a new one")
)

// idle is when a life in which nothing happens any more is ended.
const idle = 3 * time.Second

func TestRandomMoments(t *testing.T) {
	t.Parallel()
	load(t, slackstub.Limits{Off: true}, *kills, 8)
}

// With Slack's own limits the bot is told to slow down at every start, since it
// knows nothing of what it sent before.
func TestRandomMomentsWithinSlacksLimits(t *testing.T) {
	t.Parallel()
	load(t, slackstub.Limits{}, max(5, *kills/10), 4)
}

// load has n people decide, each about a migration, while the bot is killed at
// random moments; then it lets the bot settle and compares.
func load(t *testing.T, limits slackstub.Limits, kills, n int) {
	c := newCrowd(t, limits, n, hurried)
	w := c.world
	moments := rand.New(rand.NewPCG(c.plan, 0))
	for range kills {
		w.start()
		w.killSomewhere(moments)
	}
	w.start()
	c.goHome()
	w.settle()
	w.quit()
	w.audit()
	t.Logf("%d kills, %d decisions, %d messages", kills, len(w.book.all), len(w.slack.Messages("")))
}

// crowd is people who decide, each about a migration of their own.
type crowd struct {
	*world
	plan   uint64 // what fixes their choices
	enough context.CancelFunc
	people sync.WaitGroup
}

// hurried is a person who decides again as soon as the cloud has confirmed.
func hurried(*rand.Rand) time.Duration { return 0 }

// newCrowd announces n migrations in a world whose bot does not run yet, with a
// person for each who waits for think between two decisions.
func newCrowd(t *testing.T, limits slackstub.Limits, n int, think func(*rand.Rand) time.Duration) *crowd {
	t.Helper()
	c := &crowd{plan: *seed}
	if c.plan == 0 {
		c.plan = rand.Uint64()
	}
	t.Logf("replay with -seed %d", c.plan)
	places := make([]place, n)
	for i := range places {
		team := i / 2 // two migrations share a channel
		places[i] = place{crowded(i), fmt.Sprintf("team%d", team), fmt.Sprintf("C00000001%02d", team)}
	}
	w := newWorld(t, limits, places...)
	c.world = w
	for i, p := range places {
		status := ecsstub.Scheduled
		if inquires(i) {
			status = ecsstub.Inquiring
		}
		w.announce(p.instance, status)
	}
	ctx, enough := context.WithCancel(t.Context())
	c.enough = enough
	t.Cleanup(enough)
	for i, p := range places {
		user := decider(i)
		w.slack.AddUser(slackstub.User{ID: user, Name: "person" + user, RealName: "Person " + user, TZ: "Europe/Berlin", Locale: "en-US"})
		choices := rand.New(rand.NewPCG(c.plan, uint64(i)+1))
		c.people.Go(func() {
			if err := w.decideOn(ctx, choices, user, w.event[p.instance], think); err != nil && ctx.Err() == nil {
				t.Errorf("%s cannot go on: %v", user, err)
			}
		})
	}
	return c
}

// decider is who decides about the migration of that number, crowded its instance,
// and inquires tells whether it waits for an authorisation.
func decider(i int) string { return fmt.Sprintf("U00000001%02d", i) }
func crowded(i int) string { return fmt.Sprintf("i-kill%04d", i) }
func inquires(i int) bool  { return i%4 == 3 }

// goHome ends the deciding.
func (c *crowd) goHome() {
	c.enough()
	c.people.Wait()
}

// killSomewhere kills at a random call, or between two, or when nothing happens.
func (w *world) killSomewhere(r *rand.Rand) {
	w.t.Helper()
	left, when := r.IntN(50), moment(r.IntN(3))
	between := time.Duration(r.IntN(20)) * time.Millisecond
	met := w.tap.set(stop{when: when, fits: func(c call) bool {
		if left--; left >= 0 {
			return false
		}
		w.log.note(fmt.Sprintf("=== stop at %s %s", c.name, when))
		return true
	}})
	quiet := time.NewTimer(idle)
	defer quiet.Stop()
	select {
	case <-met:
	case <-quiet.C:
	case <-w.life().ended:
	}
	if when == answered {
		<-time.After(between) // what follows an answer, such as a commit, has no step that could be seen
	}
	w.kill()
}

// decideOn is a person who decides about an event again and again, each time
// for a time of its own, and thinks before the next one.
func (w *world) decideOn(ctx context.Context, r *rand.Rand, user, event string, think func(*rand.Rand) time.Duration) error {
	first := time.Now().UTC().Add(3 * time.Hour).Truncate(time.Minute)
	for n := 0; ctx.Err() == nil; n++ {
		at := first.Add(time.Duration(n) * time.Minute)
		got, err := w.decideOnce(ctx, r, user, event, at)
		switch {
		case errors.Is(err, errNoForm):
		case err != nil:
			return err
		case got == yes:
			if err := w.told(ctx, event, "Confirmed", at); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(think(r)):
		}
	}
	return nil
}

func (w *world) decideOnce(ctx context.Context, r *rand.Rand, user, event string, at time.Time) (answer, error) {
	card, err := w.card(ctx, event, "")
	if err != nil {
		return "", err
	}
	button := ""
	if acts := card.Actions(); len(acts) > 0 {
		button = acts[0]
	}
	switch r.IntN(8) {
	case 0:
		_, err := w.assign(ctx, user, event)
		return no, err
	case 1:
		_, err := w.snooze(ctx, user, event, at.Add(-2*time.Hour)) // before any time that is chosen
		return no, err
	}
	switch door := r.IntN(4); {
	case !w.scheduled(event) && door < 2:
		_, err := w.acceptByCommand(ctx, user, event)
		return no, err
	case !w.scheduled(event):
		_, err := w.accept(ctx, user, event)
		return no, err
	case button == "choose" && door == 0:
		_, err := w.keep(ctx, user, event)
		return no, err
	case (button == "choose" || button == "reschedule") && door < 2:
		return w.form(ctx, user, event, button, at)
	}
	return w.choose(ctx, user, "reschedule", event, at)
}
