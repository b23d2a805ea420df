package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
)

// due is one thing that will happen by itself.
type due struct {
	At       time.Time `json:"at"`
	What     string    `json:"what"` // event_starts, event_ends, or job_ with what the bot will do
	Event    string    `json:"event,omitempty"`
	Instance string    `json:"instance,omitempty"`
	Name     string    `json:"name,omitempty"`
}

// next is what will happen first, ok=false where nothing will.
func (g *playground) next() (d due, ok bool) {
	if e, at, will := g.cloud.Next(); will {
		d, ok = due{At: at, What: "event_starts", Event: e.ID}, true
		if e.Status == ecsstub.Executing {
			d.What = "event_ends"
		}
	}
	now, last, _ := g.bot.status()
	sooner := func(at time.Time) bool {
		return now.State == botRunning && !at.IsZero() && (!ok || at.Before(d.At))
	}
	if job := last.Next; sooner(job.Due) {
		d, ok = due{At: job.Due, What: "job_" + job.Kind, Event: job.Event}, true
	}
	if sooner(last.NextDigest) {
		d, ok = due{At: last.NextDigest, What: "job_digest"}, true
	}
	if e, known := g.cloud.Event(d.Event); known {
		d.Instance, d.Name = e.InstanceID, g.instanceName(e.InstanceID)
	}
	return d, ok
}

func (g *playground) instanceName(id string) string {
	for _, in := range g.cloud.Instances() {
		if in.ID == id {
			return in.Name
		}
	}
	return ""
}

// hands keeps people's acts and moves of the clock apart: a trigger lives for
// three seconds on that clock, and a click must not lose its form to a move.
type hands struct {
	mu   sync.RWMutex
	last time.Time // of the newest act's end, on the machine's clock
	when sync.Mutex
}

// calm is how long after an act the clock stands still for what it opens.
const calm = 400 * time.Millisecond

// act does what a person does.
func (h *hands) act(do func()) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	do()
	h.when.Lock()
	h.last = time.Now()
	h.when.Unlock()
}

// still does something while nobody acts, nor did a moment ago.
func (h *hands) still(do func()) {
	for {
		h.mu.Lock()
		left := calm - time.Since(h.last)
		if left <= 0 {
			do()
			h.mu.Unlock()
			return
		}
		h.mu.Unlock()
		time.Sleep(left)
	}
}

// jump moves the clock on to a moment, where that is not past.
func (g *playground) jump(to time.Time) {
	g.hands.still(func() {
		if by := to.Sub(g.clock.Now()); by > 0 {
			g.clock.Advance(by)
		}
	})
	g.bot.moved()
	g.touch()
}

// A move is what came of moving the clock on.
type move struct {
	Now     time.Time `json:"now"`
	Moved   string    `json:"moved"`
	Steps   []due     `json:"steps"` // what became due meanwhile, in order
	Settled bool      `json:"settled"`
}

var (
	errMoving  = errors.New("somebody moves the clock already")
	errNothing = errors.New("nothing is due: announce a migration first, or move the clock on by an hour")
)

const (
	// longestMove bounds one move.
	longestMove = 60 * 24 * time.Hour
	// mostSteps bounds what one move passes through.
	mostSteps = 5000
)

// moveBy moves the clock on by a while, moveToNext to what is due next. Both let
// all that is due on the way happen in its order.
func (g *playground) moveBy(ctx context.Context, by time.Duration) (move, error) {
	if by <= 0 || by > longestMove {
		return move{}, fmt.Errorf("the clock can be moved on by up to %d days, not by %s", longestMove/(24*time.Hour), by)
	}
	if !g.moving.TryLock() {
		return move{}, errMoving
	}
	defer g.moving.Unlock()
	return g.moveTo(ctx, g.clock.Now().Add(by)), nil
}

func (g *playground) moveToNext(ctx context.Context) (move, error) {
	if !g.moving.TryLock() {
		return move{}, errMoving
	}
	defer g.moving.Unlock()
	d, ok := g.next()
	if !ok {
		return move{}, errNothing
	}
	return g.moveTo(ctx, d.At), nil
}

// moveTo moves the clock through each due moment up to that one. Callers hold
// moving.
func (g *playground) moveTo(ctx context.Context, to time.Time) move {
	g.setBusy(true)
	defer g.setBusy(false)
	m, start := move{Steps: []due{}, Settled: true}, g.clock.Now()
	for len(m.Steps) < mostSteps && ctx.Err() == nil {
		d, ok := g.next()
		if !ok || d.At.After(to) {
			break
		}
		g.jump(d.At)
		m.Steps = append(m.Steps, d)
		m.Settled = g.settle(ctx, d.What == "event_starts" || d.What == "event_ends", nudges(m.Settled)) && m.Settled
	}
	g.jump(to)
	m.Settled = g.settle(ctx, false, nudges(m.Settled)) && m.Settled
	m.Now = g.clock.Now()
	m.Moved = m.Now.Sub(start).Round(time.Second).String()
	g.told.Add(1)
	return m
}

// look lets the bot see at once what changed in the cloud, and waits until all
// that follows was told.
func (g *playground) look(ctx context.Context) {
	g.moving.Lock()
	defer g.moving.Unlock()
	g.setBusy(true)
	defer g.setBusy(false)
	g.settle(ctx, true, nudges(true))
}

// setBusy tells that somebody moves the clock, or no longer; what the bot makes
// of that is asked for at once then.
func (g *playground) setBusy(busy bool) {
	if !busy {
		g.ready.set(g.askReady())
	}
	g.mu.Lock()
	g.busy = busy
	g.mu.Unlock()
	g.touch()
}

const (
	// nudge is how far the clock is moved where the bot waits for it: for its own
	// pace, or for a failed call to be repeated.
	nudge = time.Second
	// pause is how long the bot may be silent before it is nudged.
	pause = 30 * time.Millisecond
	// mostNudges is how often, while nothing comes of it; lessNudges where that
	// was in vain before.
	mostNudges = 75
	lessNudges = 5
	// longestCall is how long a question to the cloud may take, which is tried
	// again on the machine's clock. It needs no nudging.
	longestCall = 20 * time.Second
	// longestSettle bounds the whole, on the machine's clock.
	longestSettle = 90 * time.Second
)

// nudges is how often the bot is nudged in vain.
func nudges(settled bool) int {
	if settled {
		return mostNudges
	}
	return lessNudges
}

// settle waits until the bot has done all that is due, and where polled is
// true has looked at the cloud since now; it moves the clock on a little where
// the bot waits for that. It tells whether the bot came to rest.
func (g *playground) settle(ctx context.Context, polled bool, most int) bool {
	since, vain, told, asked := g.clock.Now(), 0, g.told.Load(), time.Now()
	ctx, cancel := context.WithTimeout(ctx, longestSettle)
	defer cancel()
	for {
		state, last, news := g.bot.status()
		now := g.clock.Now()
		looked := !polled || !last.Polled.Before(since)
		if last.Polling == 0 && last.Asking == 0 {
			asked = time.Now()
		}
		switch {
		case state.State != botRunning:
			return state.State == botStopped // nobody is there to settle
		case last.Quiet(now) && looked:
			return true
		case last.Quiet(now):
			g.jump(last.NextPoll) // the poll that looks comes at once
			continue
		case vain > most, time.Since(asked) > longestCall:
			return false
		}
		select {
		case <-news:
		case <-time.After(pause):
			if progress := g.told.Load(); progress != told {
				told, vain = progress, 0
			}
			if last.Polling > 0 || last.Asking > 0 {
				continue
			}
			vain++
			g.jump(now.Add(nudge))
		case <-ctx.Done():
			return false
		}
	}
}
