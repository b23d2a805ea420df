package bot_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"ecs-migrate/bot"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// pulses keeps the newest Pulse.
type pulses struct {
	mu   sync.Mutex
	last bot.Pulse
	news chan struct{} // closed and replaced at each
}

func (p *pulses) tell(now bot.Pulse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = now
	close(p.news)
	p.news = make(chan struct{})
}

// wait waits for a Pulse that fits.
func (p *pulses) wait(t *testing.T, what string, fits func(bot.Pulse) bool) bot.Pulse {
	t.Helper()
	late := time.After(patience)
	for {
		p.mu.Lock()
		last, news := p.last, p.news
		p.mu.Unlock()
		if fits(last) {
			return last
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("no pulse that is %s: %+v", what, last)
		}
	}
}

// Whoever moves the clock by the pulse alone misses nothing: at each moment at
// which the bot says that it is quiet, all that was caused has been told.
func TestThePulseTellsWhenABotIsQuiet(t *testing.T) {
	w := newWorld(t, options{noBot: true, listen: loopback, slack: slackstub.Options{Limits: slackstub.Limits{Off: true}}})
	p := &pulses{news: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	cfg := w.config()
	go func() {
		ended <- bot.Run(ctx, bot.Options{Config: cfg, Log: slog.New(slog.DiscardHandler), Clock: w.clock, Pulse: p.tell})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	quiet := func(now time.Time) func(bot.Pulse) bool {
		return func(p bot.Pulse) bool { return p.Quiet(now) && !p.Polled.IsZero() && p.Probes != "" }
	}
	p.wait(t, "quiet at first", quiet(w.clock.Now()))

	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: w.clock.Now().Add(72 * time.Hour)})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Error: "ratelimited", Retry: 20})
	// To the next poll, then on by the bot's own pace where it waits for that.
	settle := func() {
		for range 100 {
			now := w.clock.Now()
			p.mu.Lock()
			last, news := p.last, p.news
			p.mu.Unlock()
			if last.Quiet(now) {
				return
			}
			select {
			case <-news:
			case <-time.After(50 * time.Millisecond): // it waits for its own pace
				w.clock.Advance(time.Second)
			}
		}
		t.Fatalf("never quiet: %+v", p.last)
	}
	w.clock.Advance(p.wait(t, "quiet", quiet(w.clock.Now())).NextPoll.Sub(w.clock.Now()))
	waiting := p.wait(t, "waiting for Slack", func(p bot.Pulse) bool { return p.Next.Kind == "card" })
	if next := waiting.Next; !waiting.Late || next.Event != event || next.Due.Before(w.clock.Now()) || waiting.Quiet(w.clock.Now()) {
		t.Errorf("it waits for Slack and is at %+v", waiting)
	}
	settle()
	for _, m := range w.slack.Messages(web) {
		if isCard(m, event) {
			return
		}
	}
	t.Fatal("the bot said that it was quiet before its card was there")
}
