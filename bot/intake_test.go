package bot

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/handlers"
	slackstub "ecs-migrate/internal/stub/slack"
)

// listening is an intake on a stub Slack whose connections stand.
func listening(t *testing.T, change func(*intake)) (*slackstub.Server, context.Context) {
	t.Helper()
	stub := slackstub.New(slackstub.Options{PingEvery: 50 * time.Millisecond})
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
	stub, soon := listening(t, func(in *intake) { in.unheard = 300 * time.Millisecond })
	stub.MutePings(true)
	if err := stub.Wait(soon, "other connections", func() bool { return opened(stub) >= 2*sockets }); err != nil {
		t.Fatal(err)
	}
	stub.MutePings(false)
	if err := stub.WaitConnections(soon, sockets); err != nil {
		t.Error(err)
	}
}

func TestConnectionsAreBroughtApartOnce(t *testing.T) {
	stub, soon := listening(t, func(in *intake) {
		for i := range in.links {
			in.links[i].apart = time.Duration(i) * 100 * time.Millisecond
		}
	})
	gone := 0
	err := stub.Wait(soon, "the second connection anew", func() bool {
		gone = max(gone, sockets-stub.Connections())
		return opened(stub) == sockets+1 && stub.Connections() == sockets
	})
	if err != nil || gone > 1 {
		t.Errorf("%d connections were away at once: %v", gone, err)
	}
	// Once: what Slack refreshes then stays.
	for n := range 2 {
		stub.DisconnectOne("refresh_requested")
		if err := stub.Wait(soon, "its connection anew", func() bool { return opened(stub) == sockets+2+n && stub.Connections() == sockets }); err != nil {
			t.Fatal(err)
		}
	}
}
