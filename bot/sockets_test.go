package bot_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

// busy has somebody type a command again and again until stopped, and tells what
// they were not answered.
func (w *world) busy() (asked *atomic.Int32, stop func() (failed []string)) {
	end := make(chan struct{})
	asked = new(atomic.Int32)
	var failed []string
	var typing sync.WaitGroup
	typing.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-time.After(2 * time.Millisecond):
			}
			asked.Add(1)
			if r, err := w.slack.Command(mary, web, "/ecs-migrate help"); err != nil || r.Error != "" {
				failed = append(failed, fmt.Sprint(err, r.Error))
			}
		}
	})
	return asked, func() []string {
		close(end)
		typing.Wait()
		return failed
	}
}

// warned is how long before the end Slack warns.
const warned = 300 * time.Millisecond

func TestARefreshOfAConnectionLeavesNoGap(t *testing.T) {
	for _, reason := range []string{"refresh_requested", "warning"} {
		t.Run(reason, func(t *testing.T) {
			w := newWorld(t, options{slack: slackstub.Options{WarningLead: warned, Limits: slackstub.Limits{Off: true}}})
			opened := len(w.slack.Calls("apps.connections.open"))
			asked, stop := w.busy()
			for range 4 { // each connection twice
				before, told := asked.Load(), time.Now()
				if n := w.slack.DisconnectOne(reason); n != 1 {
					t.Fatalf("%d connections were told to go", n)
				}
				opened++
				if err := w.slack.Wait(w.soon(), "another connection", func() bool {
					return len(w.slack.Calls("apps.connections.open")) == opened && w.slack.Connections() == 2
				}); err != nil {
					t.Fatal(err)
				}
				if reason == "warning" && time.Since(told) < warned {
					t.Error("it hung up at a mere warning")
				}
				if err := w.slack.Wait(w.soon(), "commands", func() bool { return asked.Load() >= before+5 }); err != nil {
					t.Fatal(err)
				}
			}
			if failed := stop(); len(failed) > 0 {
				t.Errorf("of %d commands %d were not answered: %q", asked.Load(), len(failed), failed)
			}
		})
	}
}

func TestConnectionsThatAreCutComeBack(t *testing.T) {
	w := newWorld(t, options{})
	for range 2 {
		w.slack.CutSockets()
		w.command2(mary, "/ecs-migrate help")
	}
}

func TestSlackRefusesTheAppTokenForAWhile(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "apps.connections.open", Times: 3, Error: "invalid_auth"})
	w.slack.Disconnect("refresh_requested")
	w.logged("check SLACK_APP_TOKEN")
	w.command2(mary, "/ecs-migrate help")
}
