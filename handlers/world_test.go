package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// People and places of the stub's workspace. Lin reads Chinese in Shanghai, mary
// English in New York.
const (
	lin, mary, gone, robot = "U0000000001", "U0000000002", "U0000000005", "U0000000006"
	webOps                 = "C0123456789"
)

// world is handlers between a real store and a Slack workspace.
type world struct {
	t     *testing.T
	slack *slackstub.Server
	store *store.Store
	fault *faulty
	clock *still
	acts  *handlers.Handlers
	done  chan struct{} // receives when an envelope is done with; several may be told as one
	// grants say who may do what: everyone everything, unless a test says so.
	grants func(migration.Migration) migration.Grants
	// owner and onCall know nobody, unless a test says so.
	owner  func(tag string) string
	onCall string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &still{now: now}, done: make(chan struct{}, 1), owner: func(string) string { return "" }}
	w.grant([]string{migration.Everyone}, []string{migration.Everyone})
	path := filepath.Join(t.TempDir(), "test.db")
	w.open(path)
	w.fault = &faulty{Store: w.store}
	w.slack = slackstub.New(slackstub.Options{Limits: slackstub.Limits{Off: true}, Now: w.clock.Now})
	if err := w.slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	api := slackgo.New(w.slack.BotToken(), slackgo.OptionAppLevelToken(w.slack.AppToken()), slackgo.OptionAPIURL(w.slack.APIURL()))
	shanghai := zone(t, "Asia/Shanghai")
	w.acts = handlers.New(handlers.Options{
		Store: w.fault, People: notifier.NewPeople(api, notifier.PeopleOptions{Zone: shanghai, Clock: w.clock}),
		Groups: notifier.NewGroups(api, w.clock, nil), Grants: func(m migration.Migration) migration.Grants { return w.grants(m) },
		Owner: func(tag string) string { return w.owner(tag) }, OnCall: func(migration.Migration) string { return w.onCall },
		Slack: api, Clock: w.clock, Zone: shanghai, Checklists: migration.DefaultChecklists(),
	})
	stop := w.listen(api)
	t.Cleanup(func() {
		stop()
		for _, v := range w.slack.Violations() {
			t.Errorf("Slack saw: %s (%s)", v.What, v.Ref)
		}
		if err := w.slack.Close(); err != nil {
			t.Error(err)
		}
		for range 2 { // whole, and whole when opened again
			if err := w.store.Check(context.Background()); err != nil {
				t.Error(err)
			}
			if err := w.store.Close(); err != nil {
				t.Error(err)
			}
			w.open(path)
		}
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// grant says who may do what about every migration.
func (w *world) grant(operator, admin []string) {
	w.grants = func(migration.Migration) migration.Grants { return migration.Grants{Operator: operator, Admin: admin} }
}

func (w *world) open(path string) {
	w.t.Helper()
	s, err := store.Open(path, store.Options{Now: w.clock.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.store = s
}

// listen takes envelopes from the socket, as the bot does. stop ends taking them,
// waits for those that were taken to be acknowledged, and only then disconnects.
func (w *world) listen(api *slackgo.Client) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	client := socketmode.New(api)
	enough := make(chan struct{})
	var taking, serving, connected sync.WaitGroup
	connected.Go(func() { _ = client.RunContext(ctx) }) // ends with ctx
	taking.Go(func() {
		for {
			select {
			case <-enough:
				return
			case evt := <-client.Events:
				if evt.Request != nil && evt.Request.EnvelopeID != "" {
					serving.Go(func() { w.serve(ctx, client, evt) })
				}
			}
		}
	})
	if err := w.slack.WaitConnections(w.soon(), 1); err != nil {
		w.t.Fatal(err)
	}
	return func() {
		close(enough)
		taking.Wait()
		serving.Wait()
		cancel()
		connected.Wait()
	}
}

func (w *world) serve(ctx context.Context, client *socketmode.Client, evt socketmode.Event) {
	var r handlers.Result
	once := evt.Request.EnvelopeID
	switch data := evt.Data.(type) {
	case slackgo.SlashCommand:
		r = w.acts.Command(ctx, data, once)
	case slackgo.InteractionCallback:
		r = w.acts.Interact(ctx, data, once)
	case slackevents.EventsAPIEvent:
		if e, ok := data.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); ok {
			r = w.acts.HomeOpened(ctx, e.User)
		}
	}
	if err := client.AckCtx(ctx, once, r.Ack); err != nil {
		w.t.Errorf("acknowledge: %v", err)
	}
	if r.After != nil {
		r.After(ctx)
	}
	select {
	case w.done <- struct{}{}:
	default:
	}
}

func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	w.t.Cleanup(cancel)
	return ctx
}

// deadline is six days after now.
var deadline = time.Date(2024, 5, 2, 18, 0, 0, 0, time.UTC)

// host is a pending migration; change makes it another.
func host(n int, change ...func(*migration.Migration)) migration.Migration {
	id := fmt.Sprintf("%03d", n)
	m := migration.Migration{
		Event: migration.Event{
			Key:        migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-" + id},
			InstanceID: "i-" + id, Type: "SystemUpgrade.Migrate", Status: migration.Scheduled,
			NotBefore: deadline, InitialNotBefore: deadline, ReadAt: now.Add(-time.Hour),
		},
		Instance:       migration.Instance{ID: "i-" + id, Name: "web-" + id, NetworkType: "vpc", ReadAt: now},
		FirstNotBefore: deadline, Card: migration.Card{Channel: webOps, TS: "1714096800.000" + id, Generation: 1},
		FirstSeen: now.Add(-time.Hour), ChangedAt: now.Add(-time.Hour),
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func inStatus(s migration.Status) func(*migration.Migration) {
	return func(m *migration.Migration) { m.Event.Status = s }
}

func named(name string) func(*migration.Migration) {
	return func(m *migration.Migration) { m.Instance.Name = name }
}

func due(at time.Time) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Event.NotBefore, m.Event.InitialNotBefore, m.FirstNotBefore = at, at, at
	}
}

func planOnly(m *migration.Migration) { m.Event.MigrationOptions = []string{migration.PlanOnly} }

// heldBy is reserved and confirmed for a day before the deadline.
func heldBy(who string) func(*migration.Migration) {
	return func(m *migration.Migration) {
		at := deadline.Add(-24 * time.Hour)
		m.Held = &migration.Reservation{At: at, By: who, Made: now.Add(-time.Minute), Via: migration.ViaForm, Certainty: migration.Confirmed}
		m.Event.NotBefore = at
		m.Revision++
	}
}

// askedBy waits for the cloud.
func askedBy(who string) func(*migration.Migration) {
	return func(m *migration.Migration) {
		at := deadline.Add(-48 * time.Hour)
		m.Asked = &migration.Reservation{At: at, By: who, Made: now.Add(-time.Minute), Via: migration.ViaForm, Certainty: migration.Requested}
		m.Revision++
	}
}

func refusedTo(who string) func(*migration.Migration) {
	return func(m *migration.Migration) {
		askedBy(who)(m)
		m.Asked.Certainty, m.Asked.Refusal = migration.Refused, &migration.Refusal{Kind: migration.RefusedByCloud, Code: "OperationConflict"}
	}
}

// put stores migrations as they are.
func (w *world) put(all ...migration.Migration) {
	w.t.Helper()
	for _, m := range all {
		_, err := w.store.Apply(w.t.Context(), m.Key(), "", func(*migration.Migration) (migration.Change, error) {
			return migration.Change{Migration: &m}, nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) get(n int) migration.Migration {
	w.t.Helper()
	m, ok, err := w.store.Migration(w.t.Context(), host(n).Key())
	if err != nil || !ok {
		w.t.Fatalf("migration %d: %v, %v", n, ok, err)
	}
	return m
}

// jobs are the jobs that wait, by kind.
func (w *world) jobs() map[migration.JobKind]int { return w.store.Stats().Jobs }

// command types a line and gives the answer's message.
func (w *world) command(user, line string) slackstub.Message {
	w.t.Helper()
	r, err := w.slack.Command(user, webOps, line)
	if err != nil || r.Error != "" || r.Message == nil {
		w.t.Fatalf("%.80s: %v %s, message %v", line, err, r.Error, r.Message != nil)
	}
	if r.Message.To != user {
		w.t.Errorf("%.80s: answered to %q", line, r.Message.To)
	}
	return *r.Message
}

// afterwards types a line that is acknowledged at once, and gives the answer that
// comes then.
func (w *world) afterwards(user, line string) slackstub.Message {
	w.t.Helper()
	before := map[string]bool{}
	for _, m := range w.slack.Ephemerals(user) {
		before[m.Channel+m.TS] = true
	}
	r, err := w.slack.Command(user, webOps, line)
	if err != nil || r.Error != "" || r.Message != nil {
		w.t.Fatalf("%s: %v %s, message %v", line, err, r.Error, r.Message != nil)
	}
	m, err := w.slack.WaitEphemeral(w.soon(), user, func(m slackstub.Message) bool { return !before[m.Channel+m.TS] })
	if err != nil {
		w.t.Fatalf("%s: %v", line, err)
	}
	return m
}

// says fails where a message lacks any of the words.
func (w *world) says(m slackstub.Message, words ...string) {
	w.t.Helper()
	text := read(m)
	for _, word := range words {
		if !strings.Contains(text, word) {
			w.t.Errorf("no %q in the answer: %s", word, text)
		}
	}
}

// card shows a card in the channel, as the bot posted it.
func (w *world) card(m migration.Migration) slackstub.Message {
	w.t.Helper()
	api := slackgo.New(w.slack.BotToken(), slackgo.OptionAPIURL(w.slack.APIURL()))
	msg := notifier.Card(m, notifier.View{Lang: notifier.English, Now: w.clock.Now(), Checklists: migration.DefaultChecklists()})
	_, ts, err := api.PostMessageContext(w.t.Context(), webOps, slackgo.MsgOptionText(msg.Text, false), slackgo.MsgOptionBlocks(msg.Blocks...))
	if err != nil {
		w.t.Fatal(err)
	}
	posted, ok := w.slack.Message(webOps, ts)
	if !ok {
		w.t.Fatal("the card is not there")
	}
	return posted
}

// click presses a button of a message.
func (w *world) click(user string, m slackstub.Message, action string) string {
	w.t.Helper()
	r, err := w.slack.Click(user, m.Channel, m.TS, action)
	if err != nil || r.Error != "" {
		w.t.Fatalf("%s: %v %s", action, err, r.Error)
	}
	return r.Envelope
}

// told waits for an answer that only the person sees and that holds the words.
func (w *world) told(user string, words ...string) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitEphemeral(w.soon(), user, func(m slackstub.Message) bool {
		for _, word := range words {
			if !strings.Contains(read(m), word) {
				return false
			}
		}
		return true
	})
	if err != nil {
		w.t.Fatalf("nobody told %s %q: %v", user, words, err)
	}
	return m
}

// form waits for a form in front of a person that fits.
func (w *world) form(user string, fits func(slackstub.View) bool) slackstub.View {
	w.t.Helper()
	v, err := w.slack.WaitView(w.soon(), user, fits)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func filled(v slackstub.View) bool { return v.Submit != "" }

// holds fits a view that has the words.
func holds(words string) func(slackstub.View) bool {
	return func(v slackstub.View) bool { return strings.Contains(plainJSON(v.Blocks), words) }
}

// submit sends the form in front of a person with a time.
func (w *world) submit(user string, at time.Time) slackstub.Reply {
	w.t.Helper()
	r, err := w.slack.Submit(user, "", map[string]any{notifier.FormBlock: at.Unix()})
	if err != nil || r.Error != "" {
		w.t.Fatalf("submit: %v %s", err, r.Error)
	}
	return r
}

// read is all that a message says.
func read(m slackstub.Message) string { return m.Text + "\n" + plainJSON(m.Blocks) }

func plainJSON(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // of decoded JSON: cannot fail
	return out.String()
}
