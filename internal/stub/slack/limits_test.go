package slack_test

import (
	"net/http"
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

// Source: docs.slack.dev/apis/web-api/rate-limits (tiers by method and minute; 429 with Retry-After).
func TestTiers(t *testing.T) {
	h := newHands()
	s := start(t, slackstub.Options{Now: h.Now})
	for _, c := range []struct {
		method  string
		body    map[string]any
		allowed int
	}{
		{"usergroups.users.list", map[string]any{"usergroup": "S0000000001"}, 20},
		{"conversations.history", map[string]any{"channel": ops}, 50},
		{"users.info", map[string]any{"user": lin}, 100},
	} {
		for range c.allowed {
			must(t, s, c.method, c.body)
		}
		a := call(t, s, c.method, c.body)
		if a.status != http.StatusTooManyRequests || a.code() != "ratelimited" || a.header.Get("Retry-After") != "60" {
			t.Errorf("%s: %d %v %q", c.method, a.status, a.body, a.header.Get("Retry-After"))
		}
	}
	h.move(59 * time.Second)
	if a := call(t, s, "users.info", map[string]any{"user": lin}); a.header.Get("Retry-After") != "1" {
		t.Errorf("after 59 s: %v %q", a.body, a.header.Get("Retry-After"))
	}
	h.move(time.Second)
	must(t, s, "users.info", map[string]any{"user": lin})
}

// Source: docs.slack.dev/reference/methods/chat.postMessage (one a second to a channel, with bursts).
func TestOneMessageASecondToAChannel(t *testing.T) {
	h := newHands()
	s := start(t, slackstub.Options{Now: h.Now})
	post := func(channel string) answer {
		return call(t, s, "chat.postMessage", map[string]any{"channel": channel, "text": "x"})
	}
	for i := range 3 {
		if a := post(ops); a.code() != "" {
			t.Fatalf("message %d: %v", i, a.body)
		}
	}
	if a := post(ops); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "1" {
		t.Errorf("a fourth at once: %d %v", a.status, a.body)
	}
	if a := post(webOps); a.code() != "" {
		t.Errorf("another channel: %v", a.body)
	}
	h.move(time.Second)
	if a := post(ops); a.code() != "" {
		t.Errorf("a second later: %v", a.body)
	}
	if a := post(ops); a.status != http.StatusTooManyRequests {
		t.Errorf("two in a second: %v", a.body)
	}
	h.move(time.Hour)
	for range 3 {
		post(ops)
	}
	if a := post(ops); a.status != http.StatusTooManyRequests {
		t.Errorf("a long rest allows more than the burst: %v", a.body)
	}
	if n := len(s.Messages(ops)); n != 7 {
		t.Errorf("%d messages", n)
	}
}

// The whole workspace: several hundred a minute (300 here).
func TestWorkspaceWideLimit(t *testing.T) {
	h := newHands()
	s := start(t, slackstub.Options{Now: h.Now})
	for i := range 300 {
		id := "C1" + string(rune('A'+i/26)) + string(rune('A'+i%26))
		s.AddChannel(slackstub.Channel{ID: id, Name: id})
		must(t, s, "chat.postMessage", map[string]any{"channel": id, "text": "x"})
	}
	if a := call(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "x"}); a.status != http.StatusTooManyRequests {
		t.Errorf("%v", a.body)
	}
}

func TestLimitsCanBeScaledAndSwitchedOff(t *testing.T) {
	h := newHands()
	for name, c := range map[string]struct {
		limits slackstub.Limits
		posts  int
	}{"twice": {slackstub.Limits{Scale: 2}, 6}, "off": {slackstub.Limits{Off: true}, 400}} {
		s := start(t, slackstub.Options{Now: h.Now, Limits: c.limits})
		for range 400 {
			call(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "x"})
		}
		if n := len(s.Messages(ops)); n != c.posts {
			t.Errorf("%s: %d posts, want %d", name, n, c.posts)
		}
	}
}
