package handlers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
)

func TestKeepButton(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	card := w.card(host(1))
	envelope := w.click(lin, card, notifier.ActionKeep)
	w.told(lin, "已预约：周五 2024-05-03 02:00（Asia/Shanghai，UTC+08:00）= 2024-05-02 18:00 UTC")
	if m := w.get(1); m.State() != migration.StateConfirmed || m.Held.By != lin || m.Held.Via != migration.ViaButton {
		t.Errorf("%s %+v", m.State(), m.Held)
	}
	if m, _ := w.slack.Message(card.Channel, card.TS); len(m.Versions) != 1 {
		t.Error("the answer stands in the card's place")
	}
	// The same click delivered once more decides nothing.
	if err := w.slack.Redeliver(envelope); err != nil {
		t.Fatal(err)
	}
	err := w.slack.Wait(w.soon(), "a second answer", func() bool { return len(w.slack.Ephemerals(lin)) == 2 })
	if err != nil {
		t.Fatal(err)
	}
	if m := w.get(1); m.Revision != 1 || !strings.Contains(read(w.slack.Ephemerals(lin)[1]), "已预约") {
		t.Errorf("revision %d, %s", m.Revision, read(w.slack.Ephemerals(lin)[1]))
	}
}

func TestAnOldButtonGetsAKindAnswerAndAFreshCard(t *testing.T) {
	for name, tt := range map[string]struct {
		stands migration.Migration
		says   string
	}{
		"taken":     {host(1, heldBy(lin)), "<@" + lin + "> has reserved it already: Wed 2024-05-01 14:00"},
		"pending":   {host(1, askedBy(lin)), "<@" + lin + "> asked for Tue 2024-04-30 14:00"},
		"refused":   {host(1, refusedTo(lin)), "in the meantime"},
		"started":   {host(1, inStatus(migration.Executing)), "It has started"},
		"over":      {host(1, inStatus(migration.Avoided)), "It is over: Avoided"},
		"inquiring": {host(1, inStatus(migration.Inquiring)), "waits for authorisation"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(tt.stands)
			w.click(mary, w.card(host(1)), notifier.ActionKeep)
			w.told(mary, tt.says, "being brought up to date")
			if jobs := w.jobs(); jobs[migration.JobCard] != 1 || jobs[migration.JobLine] != 0 {
				t.Errorf("jobs %v", jobs)
			}
			if got := asText(t, w.get(1)); got != asText(t, tt.stands) {
				t.Errorf("it changed: %s", got)
			}
		})
	}
}

func TestAButtonOfAMigrationThatIsNotKnown(t *testing.T) {
	w := newWorld(t)
	w.click(mary, w.card(host(1)), notifier.ActionKeep)
	w.told(mary, "does not know this migration any more", "/ecs-migrate list")
	w.click(mary, w.card(host(1)), notifier.ActionChoose)
	w.form(mary, holds("cannot be read now"))
}

func TestAcceptButton(t *testing.T) {
	w := newWorld(t)
	m := host(1, inStatus(migration.Inquiring))
	w.put(m)
	card := w.card(m)
	w.click(mary, card, notifier.ActionAccept)
	w.told(mary, "Authorised. Alibaba Cloud is being told")
	w.click(lin, card, notifier.ActionAccept)
	w.told(lin, "<@"+mary+"> 已经授权", "卡片正在更新")
	if jobs := w.jobs(); jobs[migration.JobAccept] != 1 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestAButtonWhenTheStoreFails(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	card := w.card(host(1))
	w.fault.fail(true, false)
	w.click(mary, card, notifier.ActionKeep)
	w.told(mary, "Nothing was saved")
	w.fault.fail(false, false)
	w.click(mary, card, notifier.ActionKeep)
	w.told(mary, "Reserved: ")
}

func TestAnAnswerWhoseURLFailsIsPostedInstead(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.slack.AddFault(slackstub.Fault{Method: "response_url", Status: 404})
	w.click(mary, w.card(host(1)), notifier.ActionKeep)
	w.told(mary, "Reserved: ")
	posts := func() int { return len(w.slack.Calls("chat.postEphemeral")) }
	if err := w.slack.Wait(w.soon(), "the post to be recorded", func() bool { return posts() > 0 }); err != nil || posts() != 1 {
		t.Errorf("%d posts: %v", posts(), err)
	}
}

func TestTheConsoleLinkNeedsNoAnswer(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.click(mary, w.card(host(1)), notifier.ActionOpenConsole)
	if n := len(w.slack.Ephemerals(mary)) + len(w.slack.Views(mary)); n != 0 {
		t.Errorf("%d answers", n)
	}
}

// pressed is a click as Slack would send it.
func pressed(user, action, value string) slackgo.InteractionCallback {
	cb := slackgo.InteractionCallback{Type: slackgo.InteractionTypeBlockActions, User: slackgo.User{ID: user}}
	cb.ActionCallback.BlockActions = []*slackgo.BlockAction{{ActionID: action, Value: value}}
	cb.Channel.ID = webOps
	return cb
}

func TestClicksThatAreNoneOfOurs(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	value := notifier.Ref{Key: host(1).Key()}.Encode()
	none := slackgo.InteractionCallback{Type: slackgo.InteractionTypeBlockActions}
	two := pressed(mary, notifier.ActionKeep, value)
	two.ActionCallback.BlockActions = append(two.ActionCallback.BlockActions, two.ActionCallback.BlockActions[0])
	for name, cb := range map[string]slackgo.InteractionCallback{
		"no action": none, "two actions": two, "another app's action": pressed(mary, "approve", value),
		"a closed form": {Type: slackgo.InteractionTypeViewClosed}, "a shortcut": {Type: slackgo.InteractionTypeShortcut},
		"a form of another app": {Type: slackgo.InteractionTypeViewSubmission, View: slackgo.View{CallbackID: "survey"}},
	} {
		if r := w.acts.Interact(t.Context(), cb, "e"); r.Ack != nil || r.After != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for name, tt := range map[string]struct {
		cb   slackgo.InteractionCallback
		says string
	}{
		"a value that cannot be read": {pressed(mary, notifier.ActionKeep, "{}"), "cannot read this button"},
		"a bot":                       {pressed(robot, notifier.ActionKeep, value), "Only full members of this workspace"},
	} {
		r := w.acts.Interact(t.Context(), tt.cb, "e")
		if r.After == nil {
			t.Errorf("%s: no answer", name)
			continue
		}
		r.After(context.Background())
		calls := w.slack.Calls("chat.postEphemeral")
		if len(calls) == 0 || !strings.Contains(plainJSON(calls[len(calls)-1].Args), tt.says) {
			t.Errorf("%s: %v", name, calls)
		}
	}
	if w.get(1).Reserved() {
		t.Error("something was decided")
	}
}

// crowd has ten thousand open migrations and counts how many were read.
type crowd struct {
	handlers.Store
	read int
}

func (c *crowd) ByDeadline(_ context.Context, fn func(migration.Migration) bool) error {
	for n := range 10_000 {
		c.read++
		if !fn(host(n)) {
			break
		}
	}
	return nil
}

type nobody struct{}

func (nobody) Person(_ context.Context, id string) (notifier.Person, error) {
	return notifier.Person{ID: id, Lang: notifier.English}, nil
}

func (n nobody) Fresh(ctx context.Context, id string, _ time.Duration) (notifier.Person, error) {
	return n.Person(ctx, id)
}

func TestAListReadsNoFurtherThanItShows(t *testing.T) {
	store := &crowd{}
	acts := handlers.New(handlers.Options{Store: store, People: nobody{}, Clock: &still{now: now}})
	r := acts.Command(t.Context(), slackgo.SlashCommand{UserID: mary, Text: "list"}, "")
	if r.Ack == nil || store.read != 11 {
		t.Errorf("%d read, answer %v", store.read, r.Ack)
	}
	store.read = 0
	r = acts.Command(t.Context(), slackgo.SlashCommand{UserID: mary, Text: "list all 100"}, "")
	r.After(t.Context())
	if store.read != 1001 {
		t.Errorf("%d read for the hundredth page", store.read)
	}
}

// What may read all that is open reads it once the envelope is acknowledged.
func TestWhatReadsAllIsAcknowledgedFirst(t *testing.T) {
	store := &crowd{}
	acts := handlers.New(handlers.Options{Store: store, People: nobody{}, Clock: &still{now: now}})
	for _, text := range []string{"list mine", "list unreserved", "list waiting", "list all 1000", "calendar mine", "calendar"} {
		for name, r := range map[string]handlers.Result{
			"typed":   acts.Command(t.Context(), slackgo.SlashCommand{UserID: mary, Text: text}, ""),
			"clicked": acts.Interact(t.Context(), pressed(mary, notifier.ActionNext, text), ""),
		} {
			if store.read != 0 || r.Ack != nil || r.After == nil {
				t.Errorf("%s, %s: %d read before it was acknowledged, answer %v", text, name, store.read, r.Ack)
			}
		}
	}
}
