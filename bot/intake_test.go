package bot

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/handlers"
	slackstub "ecs-migrate/internal/stub/slack"
)

// listening is an intake on a stub Slack whose connections stand.
func listening(t *testing.T, o slackstub.Options, change func(*intake)) (*slackstub.Server, context.Context) {
	t.Helper()
	stub := slackstub.New(o)
	if err := stub.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	api := slack.New(stub.BotToken(), slack.OptionAppLevelToken(stub.AppToken()), slack.OptionAPIURL(stub.APIURL()))
	in := newIntake(api, handlers.New(handlers.Options{}), newMetrics(), slog.New(slog.DiscardHandler))
	change(in)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { in.run(ctx, context.Background()); close(ended) }()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := stub.Close(); err != nil {
			t.Error(err)
		}
	})
	soon, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	if err := stub.WaitConnections(soon, sockets); err != nil {
		t.Fatal(err)
	}
	return stub, soon
}

// opened counts the connections that ever stood.
func opened(s *slackstub.Server) (n int) {
	all, _ := s.ChangesAfter(0)
	for _, c := range all {
		if c.Kind == "connection" && c.ID == "open" {
			n++
		}
	}
	return n
}

func TestADeadConnectionThatNobodyClosesIsReplaced(t *testing.T) {
	stub, soon := listening(t, slackstub.Options{PingEvery: 50 * time.Millisecond}, func(in *intake) { in.unheard = 300 * time.Millisecond })
	stub.MutePings(true)
	if err := stub.Wait(soon, "other connections", func() bool { return opened(stub) >= 2*sockets }); err != nil {
		t.Fatal(err)
	}
	stub.MutePings(false)
	if err := stub.WaitConnections(soon, sockets); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreBroughtApartAgainAfterACut(t *testing.T) {
	stub, soon := listening(t, slackstub.Options{}, func(in *intake) { in.ages.apart = 2 * time.Second })
	gone := 0
	if err := stub.Wait(soon, "one of the two anew", func() bool {
		gone = max(gone, sockets-stub.Connections())
		return opened(stub) == sockets+1 && stub.Connections() == sockets
	}); err != nil || gone > 1 {
		t.Fatalf("%d connections were away at once: %v", gone, err)
	}
	before := opened(stub)
	stub.CutSockets()
	if err := stub.Wait(soon, "both, and one of the two anew", func() bool {
		return opened(stub) == before+sockets+1 && stub.Connections() == sockets
	}); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyConnectionsOfOneAgeAreBroughtApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, one, other := &ages{apart: 10 * time.Minute}, &link{}, &link{}
		for i, tt := range []struct {
			after time.Duration
			link  *link
			anew  bool
		}{
			{0, one, false}, {time.Second, other, true}, // at the start
			{10 * time.Minute, other, false}, // it was brought apart
			{time.Hour, one, false},          // Slack refreshes the one,
			{10 * time.Minute, other, false}, // and the other
			{time.Minute, one, true},         // which was cut
			{10 * time.Minute, one, false},
			{0, other, true}, {0, one, false}, // both were cut: one of them moves
		} {
			time.Sleep(tt.after)
			if anew := a.opened(tt.link); anew != tt.anew {
				t.Errorf("%d: opened anew: %v, want %v", i, anew, tt.anew)
			}
		}
	})
}
