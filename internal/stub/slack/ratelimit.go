package slack

import (
	"math"
	"net/http"
	"slices"
	"time"
)

// tier is a method's allowance: so many calls in any sixty seconds.
//
// Slack promises at least 1, 20, 50 and 100 calls a minute by tier, per method, workspace and app, and tolerates
// bursts it does not describe. This server gives exactly the promise, since that is all a client may count on.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
type tier int

const (
	tier2 tier = 20
	tier3 tier = 50
	tier4 tier = 100
	// tierAuth and tierPost stand for "hundreds a minute" of auth.test and "several hundred messages per minute"
	// of chat.postMessage in the whole workspace (https://docs.slack.dev/reference/methods/chat.postMessage); the
	// figure is a choice.
	tierAuth tier = 300
	tierPost tier = 300
)

// A channel takes one chat.postMessage a second and, here, three at once after a rest. The rate is documented, the
// burst is not ("short bursts > 1 allowed"): three is a choice that lets a card and two thread lines through.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
const (
	postEvery = time.Second
	postBurst = 3
)

type limiter struct {
	limits  Limits
	calls   map[string][]time.Time // of the last minute, by method
	buckets map[string]bucket      // by channel
}

type bucket struct {
	left float64
	at   time.Time
}

func newLimiter(l Limits) limiter {
	return limiter{limits: l, calls: map[string][]time.Time{}, buckets: map[string]bucket{}}
}

// take counts a call of a method, or refuses it.
func (l *limiter) take(method string, t tier, now time.Time) *apiError {
	if l.limits.Off {
		return nil
	}
	recent := slices.DeleteFunc(l.calls[method], func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	allowed := max(1, int(float64(t)*l.limits.Scale))
	if len(recent) >= allowed {
		l.calls[method] = recent
		return ratelimited(time.Minute - now.Sub(recent[len(recent)-allowed]))
	}
	l.calls[method] = append(recent, now)
	return nil
}

// takePost counts a message to a channel, or refuses it.
func (l *limiter) takePost(channel string, now time.Time) *apiError {
	if l.limits.Off {
		return nil
	}
	burst, every := postBurst*l.limits.Scale, float64(postEvery)/l.limits.Scale
	burst = max(burst, 1)
	b, ok := l.buckets[channel]
	if !ok {
		b = bucket{left: burst, at: now}
	}
	b.left = min(burst, b.left+max(0, float64(now.Sub(b.at)))/every)
	b.at = now
	defer func() { l.buckets[channel] = b }()
	if b.left < 1 {
		return ratelimited(time.Duration((1 - b.left) * every))
	}
	b.left--
	return nil
}

// ratelimited is the refusal: 429, and whole seconds to wait, at least one.
// Source: https://docs.slack.dev/apis/web-api/rate-limits
func ratelimited(wait time.Duration) *apiError {
	return &apiError{code: "ratelimited", status: http.StatusTooManyRequests, retry: max(1, int(math.Ceil(wait.Seconds())))}
}
