package bot

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// desk is a slackWorker between a store and a stub Slack, with a post to tell.
type desk struct {
	t     *testing.T
	store *store.Store
	slack *slackstub.Server
	*slackWorker
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "desk.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	stub := slackstub.New(slackstub.Options{Limits: slackstub.Limits{Off: true}})
	if err := stub.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := stub.Close(); err != nil {
			t.Error(err)
		}
	})
	api := slack.New(stub.BotToken(), slack.OptionAPIURL(stub.APIURL()))
	quiet := &watch{store: s, token: new(botToken), clock: clock.Real{}, status: func() []poll.RegionStatus { return nil }}
	return &desk{t, s, stub, &slackWorker{
		watch: quiet,
		store: s, sender: notifier.NewSender(api, notifier.SenderOptions{}), clock: clock.Real{}, lang: notifier.English,
		zone: time.UTC, log: slog.New(slog.DiscardHandler),
	}}
}

// tell commits a change of a post.
func (d *desk) tell(id string, fn func(cur *migration.Post) migration.PostChange) migration.Post {
	d.t.Helper()
	p, err := d.store.ApplyPost(d.t.Context(), id, "", func(cur *migration.Post) (migration.PostChange, error) { return fn(cur), nil })
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// work begins and does the one job that is due.
func (d *desk) work() error {
	d.t.Helper()
	due, _, err := d.store.Heads(d.t.Context(), time.Now().Add(time.Hour))
	if err != nil || len(due) != 1 {
		d.t.Fatalf("due %v, %v", due, err)
	}
	job, err := d.store.Begin(d.t.Context(), due[0])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.do(d.t.Context(), job)
}

func (d *desk) standing() (all []slackstub.Message) {
	for _, m := range d.slack.Messages("C0000000000") {
		if !m.Deleted && m.Metadata != nil && m.Metadata.EventType == notifier.PostEvent {
			all = append(all, m)
		}
	}
	return all
}

func notice(id string) migration.Post {
	return migration.Post{ID: id, Kind: migration.PostNotice, Channel: "C0000000000", Notice: &migration.Notice{
		Trouble: migration.TroubleDown, Account: "prod", Regions: []string{"cn-hangzhou"}, Since: time.Now(),
	}}
}

func TestAPostIsPostedOnceAndThenUpdatedInPlace(t *testing.T) {
	d := newDesk(t)
	d.tell("a", func(*migration.Post) migration.PostChange { return migration.BeginPost(notice("a"), time.Now()) })
	// The first run posts it and never learns so.
	d.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	if err := d.work(); kindOf(err) != notifier.Unknown {
		t.Fatalf("the first run ended with %v", err)
	}
	if err := d.work(); err != nil {
		t.Fatal(err)
	}
	all := d.standing()
	if len(all) != 1 || !strings.Contains(all[0].Text, "cn-hangzhou") {
		t.Fatalf("%d messages: %+v", len(all), all)
	}
	p, _, err := d.store.Post(t.Context(), "a")
	if err != nil || p.TS != all[0].TS || p.Generation != 1 {
		t.Errorf("the store has %+v, %v", p, err)
	}

	d.tell("a", func(cur *migration.Post) migration.PostChange {
		over := *cur.Notice
		over.Healed = time.Now()
		cur.Notice = &over
		return cur.Tell(time.Now(), 0)
	})
	if err := d.work(); err != nil {
		t.Fatal(err)
	}
	if again := d.standing(); len(again) != 1 || again[0].TS != p.TS || !strings.Contains(again[0].Text, "could not be looked at") {
		t.Errorf("%+v", again)
	}
}

func TestAPostThatSomebodyDeletedStaysAwayUntilItIsToldAgain(t *testing.T) {
	d := newDesk(t)
	begun := d.tell("a", func(*migration.Post) migration.PostChange { return migration.BeginPost(notice("a"), time.Now()) })
	if err := d.work(); err != nil {
		t.Fatal(err)
	}
	if err := d.slack.DeleteMessage(begun.Channel, d.standing()[0].TS); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d.tell("a", func(cur *migration.Post) migration.PostChange { return cur.Tell(time.Now(), 0) })
		if err := d.work(); err != nil {
			t.Fatal(err)
		}
		if n := len(d.standing()); n != 0 {
			t.Fatalf("%d messages after it was deleted", n)
		}
	}
	d.tell("a", func(cur *migration.Post) migration.PostChange { return cur.Again(time.Now()) })
	if err := d.work(); err != nil {
		t.Fatal(err)
	}
	all := d.standing()
	if len(all) != 1 || fmt.Sprint(all[0].Metadata.EventPayload["generation"]) != "2" {
		t.Errorf("%+v", all)
	}
}

func TestAPostThatIsForgottenEndsItsJob(t *testing.T) {
	d := newDesk(t)
	d.tell("a", func(*migration.Post) migration.PostChange {
		return migration.PostChange{Jobs: []migration.Job{migration.PostJob("a", "C0000000000", time.Now())}}
	})
	if err := d.work(); err != nil {
		t.Fatal(err)
	}
	if n := d.store.Stats().Jobs[migration.JobPost]; n != 0 || len(d.standing()) != 0 {
		t.Errorf("%d jobs, %d messages", n, len(d.standing()))
	}
}
