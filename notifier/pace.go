package notifier

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"ecs-migrate/internal/clock"
)

// pace keeps Slack's rate limits: one message a second a channel, a workspace's
// allowance for each method, and every Retry-After. Source:
// https://docs.slack.dev/apis/web-api/rate-limits
//
// Slack promises 50 calls a minute of a Tier 3 method, and several hundred
// messages a minute in a workspace. A limiter's burst comes on top of its rate in
// the worst minute, so both together stay below the promise.
type pace struct {
	clock clock.Clock

	mu       sync.Mutex
	channels map[string]*rate.Limiter // the channels of the routes: few
	methods  map[string]*rate.Limiter
	paused   map[string]time.Time // methods, until when
}

// patience is how long a call waits for its turn; beyond that the caller does
// something else meanwhile.
const patience = 2 * time.Second

func newPace(c clock.Clock) *pace {
	perMinute := func(n, burst int) *rate.Limiter { return rate.NewLimiter(rate.Limit(n)/60, burst) }
	return &pace{
		clock: c, channels: map[string]*rate.Limiter{}, paused: map[string]time.Time{},
		methods: map[string]*rate.Limiter{
			methodPost:    perMinute(280, 10),
			methodUpdate:  perMinute(45, 5),
			methodHistory: perMinute(45, 5),
			methodReplies: perMinute(45, 5),
			methodWho:     perMinute(45, 5),
		},
	}
}

// wait returns when a call of the method may go out. channel is given for a
// message that counts against its channel's second, else it is empty. spare is
// how many turns of the method are left to others.
func (p *pace) wait(ctx context.Context, method, channel string, spare float64, patience time.Duration) error {
	if err := p.pause(method); err != nil {
		return err
	}
	if err := p.turn(ctx, method, p.methods[method], spare, patience); err != nil {
		return err
	}
	if channel == "" {
		return nil
	}
	if err := p.turn(ctx, method, p.channel(channel), 0, patience); err != nil {
		return err
	}
	return p.pause(method) // Slack may have spoken while this call waited
}

// pause refuses a method whose Retry-After is not over.
func (p *pace) pause(method string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if left := p.paused[method].Sub(p.clock.Now()); left > 0 {
		return &DeliveryError{method: method, Kind: Later, After: left, Code: "ratelimited"}
	}
	return nil
}

// obey stops a method for as long as Slack asked.
func (p *pace) obey(method string, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.clock.Now().Add(after); until.After(p.paused[method]) {
		p.paused[method] = until
	}
}

func (p *pace) channel(id string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.channels[id] == nil {
		p.channels[id] = rate.NewLimiter(rate.Every(time.Second), 1)
	}
	return p.channels[id]
}

// turn waits for the limiter, or sends away who would wait for long. A turn that
// was given and not used is lost: that is slower than allowed, never faster.
func (p *pace) turn(ctx context.Context, method string, l *rate.Limiter, spare float64, patience time.Duration) error {
	delay, ok := p.reserve(l, spare, patience)
	switch {
	case !ok:
		return &DeliveryError{method: method, Kind: Later, After: delay}
	case delay == 0:
		return nil
	}
	select {
	case <-p.clock.After(delay):
		return nil
	case <-ctx.Done():
		return &DeliveryError{method: method, Kind: Later, cause: ctx.Err()}
	}
}

// reserve takes a turn and tells how long to wait for it; where that is too
// long, or turns are to be spared and there are no more, no turn is taken.
func (p *pace) reserve(l *rate.Limiter, spare float64, patience time.Duration) (delay time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	missing := 1 + spare - l.TokensAt(now)
	delay = time.Duration(missing / float64(l.Limit()) * float64(time.Second))
	if delay > patience || spare > 0 && delay > 0 {
		return delay, false
	}
	return l.ReserveN(now, 1).DelayFrom(now), true
}
