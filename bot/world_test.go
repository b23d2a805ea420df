package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"ecs-migrate/bot"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/store"
)

// People and places of the stub workspace and the stub cloud.
const (
	lin  = "U0000000001" // Asia/Shanghai, zh-CN
	mary = "U0000000002" // America/New_York, en-US
	ops  = "C0000000000" // takes the rest
	desk = "C0000000001" // of those who run the bot, private
	web  = "C0123456789" // team web in cn-hangzhou

	web01 = "i-bp1web01classic0001"
	api01 = "i-uf6api01vpc00000005"
)

// dawn is when each story begins.
var dawn = time.Date(2024, 5, 1, 2, 0, 0, 0, time.UTC)

// TestMain gives every bot the stub cloud's credentials, as its environment would.
func TestMain(m *testing.M) {
	flag.Parse()
	// Stories wait for Slack's pace, not for a processor.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID":     ecsstub.DefaultKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": ecsstub.DefaultKeySecret,
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// world is the bot between a Slack and a cloud, on one clock.
type world struct {
	t       *testing.T
	clock   *clock.Movable
	slack   *slackstub.Server
	cloud   *ecsstub.Server
	dir     string
	lang    string
	listen  string
	rest    string // the channel that takes the rest
	regions string // that are polled
	extra   string // more lines of the configuration
	roles   string // as the configuration has them
	logs    *logs
	stop    func() error // nil while the bot is down
}

// options change a world before its bot starts.
type options struct {
	lang   string
	slack  slackstub.Options
	cloud  ecsstub.Options
	noBot  bool
	listen string
	extra  string
	roles  string // everybody may do everything by default
}

// newWorld begins a story, told side by side with others: a test has one world.
func newWorld(t *testing.T, o options) *world {
	t.Helper()
	t.Parallel()
	w := &world{t: t, clock: clock.NewMovable(dawn), dir: t.TempDir(), lang: o.lang, listen: o.listen, extra: o.extra, roles: o.roles, rest: ops, regions: "cn-hangzhou, cn-shanghai", logs: &logs{}}
	if w.lang == "" {
		w.lang = "en"
	}
	if w.roles == "" {
		w.roles = "{operator: [everyone], admin: [everyone]}"
	}
	o.slack.Now, o.cloud.Now = w.clock.Now, w.clock.Now
	w.slack, w.cloud = slackstub.New(o.slack), ecsstub.New(o.cloud)
	if err := w.slack.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if err := w.cloud.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.end)
	if !o.noBot {
		w.start()
	}
	return w
}

func (w *world) storePath() string { return filepath.Join(w.dir, "ecs-migrate.db") }

// config writes and reads a configuration, as the binary does.
func (w *world) config() config.Config {
	w.t.Helper()
	text := fmt.Sprintf(`
slack: {api_url: %q}
store: %q
listen: %q
poll: "@every 10s"
language: %s
accounts:
  - name: prod
    regions: [%s]
    endpoint: %q
routes:
  - {channel: %s, match: {account: prod, region: cn-hangzhou, tags: {team: web}}}
  - {channel: %s}
roles: %s
%s
`, w.slack.APIURL(), w.storePath(), w.listen, w.lang, w.regions, w.cloud.URL(), web, w.rest, w.roles, w.extra)
	path := filepath.Join(w.dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	cfg, err := config.Load(path, func(name string) string {
		switch name {
		case config.BotTokenVariable:
			return w.slack.BotToken()
		case config.AppTokenVariable:
			return w.slack.AppToken()
		}
		return ""
	})
	if err != nil {
		w.t.Fatalf("the configuration: %v", err)
	}
	return cfg
}

// start brings the bot up and waits until Slack can reach it.
func (w *world) start() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	log := slog.New(slog.NewJSONHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := w.config()
	go func() { ended <- bot.Run(ctx, bot.Options{Config: cfg, Log: log, Clock: w.clock}) }()
	w.stop = func() error {
		cancel()
		w.stop = nil
		err := <-ended
		// The next bot's connections must not be taken for this one's.
		return errors.Join(err, w.slack.WaitConnections(w.soon(), 0))
	}
	if err := w.slack.WaitConnections(w.soon(), 2); err != nil {
		w.t.Fatalf("%v\n%s", err, w.logs)
	}
}

// end stops the bot and looks at what must hold after every story: the store
// is whole and opens again, and Slack saw nothing wrong.
func (w *world) end() {
	if w.stop != nil {
		if err := w.stop(); err != nil {
			w.t.Errorf("the bot ended with: %v", err)
		}
	}
	if _, err := os.Stat(w.storePath()); err == nil {
		w.checkStore()
	}
	for _, v := range w.slack.Violations() {
		w.t.Errorf("Slack saw: %s (%s)", v.What, v.Ref)
	}
	if err := w.slack.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.cloud.Close(); err != nil {
		w.t.Error(err)
	}
	if w.t.Failed() {
		w.t.Logf("the bot's log:\n%s", w.logs)
	}
}

func (w *world) checkStore() {
	for range 2 {
		s, err := store.Open(w.storePath(), store.Options{Log: slog.New(slog.DiscardHandler), Now: w.clock.Now})
		if err != nil {
			w.t.Errorf("opening the store again: %v", err)
			return
		}
		if err := s.Check(context.Background()); err != nil {
			w.t.Errorf("the store is not whole: %v", err)
		}
		if err := s.Close(); err != nil {
			w.t.Errorf("closing the store: %v", err)
		}
	}
}

// patience is how long a story waits for what should happen at once, on a machine
// that is busy with others.
const patience = time.Minute

// soon bounds a wait for what should happen at once.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

// poll moves the clock on until both regions were looked at once more.
func (w *world) poll() {
	w.t.Helper()
	for _, region := range []string{"cn-hangzhou", "cn-shanghai"} {
		after := int64(0)
		if calls := w.cloud.Calls(); len(calls) > 0 {
			after = calls[len(calls)-1].Seq
		}
		for try := 0; ; try++ {
			w.clock.Advance(10 * time.Second)
			ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
			_, err := w.cloud.WaitCallAfter(ctx, after, func(c ecsstub.Call) bool {
				return c.Action == "DescribeInstanceHistoryEvents" && c.Region == region
			})
			cancel()
			if err == nil {
				break
			}
			if try == 40 {
				w.t.Fatalf("no poll of %s: %v", region, err)
			}
		}
	}
}

// announce lets the cloud tell of an event, and gives its id.
func (w *world) announce(spec ecsstub.EventSpec) string {
	w.t.Helper()
	id, err := w.cloud.Announce(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// card waits until the one card of an event fits, and gives it.
func (w *world) card(event, what string, fits func(slackstub.Message) bool) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return !m.Deleted && isCard(m, event) && fits(m)
	})
	if err != nil {
		w.t.Fatalf("no card of %s that %s: %v", event, what, err)
	}
	return m
}

// cardSays waits until the card of an event shows the words.
func (w *world) cardSays(event, words string) slackstub.Message {
	w.t.Helper()
	return w.card(event, "says "+words, func(m slackstub.Message) bool { return strings.Contains(read(m), words) })
}

func isCard(m slackstub.Message, event string) bool {
	return m.Metadata != nil && m.Metadata.EventType == "ecs_migration" && m.Metadata.EventPayload["event_id"] == event
}

// line waits for a line in a card's thread that holds all the words.
func (w *world) line(card slackstub.Message, words ...string) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.ThreadTS == card.TS && containsAll(read(m), words)
	})
	if err != nil {
		var said []string
		for _, m := range w.slack.Thread(card.Channel, card.TS) {
			said = append(said, read(m))
		}
		w.t.Fatalf("no line with %q: %v\nthe thread:\n%s", words, err, strings.Join(said, "\n"))
	}
	return m
}

// lines are the news in a card's thread.
func (w *world) lines(card slackstub.Message) []slackstub.Message {
	return slices.DeleteFunc(w.slack.Thread(card.Channel, card.TS), func(m slackstub.Message) bool {
		return m.Metadata == nil || m.Metadata.EventType != "ecs_migration_news"
	})
}

func containsAll(s string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(s, word) {
			return false
		}
	}
	return true
}

// click presses a button of a message and fails where Slack shows an error.
func (w *world) click(user string, m slackstub.Message, action string) {
	w.t.Helper()
	r, err := w.slack.Click(user, m.Channel, m.TS, action)
	if err != nil || r.Error != "" {
		w.t.Fatalf("clicking %s: %v %s", action, err, r.Error)
	}
}

// command types a line and gives what the person is answered.
func (w *world) command(user, channel, line string) string {
	w.t.Helper()
	r, err := w.slack.Command(user, channel, line)
	if err != nil || r.Error != "" {
		w.t.Fatalf("%s: %v %s", line, err, r.Error)
	}
	if r.Message == nil {
		w.t.Fatalf("%s: no answer", line)
	}
	return r.Message.Text + read(*r.Message)
}

// asks types a line that is answered after it was acknowledged.
func (w *world) asks(user, line string) {
	w.t.Helper()
	if r, err := w.slack.Command(user, web, line); err != nil || r.Error != "" || r.Message != nil {
		w.t.Fatalf("%s: %v %s, answered at once: %v", line, err, r.Error, r.Message != nil)
	}
}

// command2 types a line for as long as nobody takes it: right after a cut no
// connection may stand.
func (w *world) command2(user, line string) {
	w.t.Helper()
	if err := w.slack.WaitConnections(w.soon(), 2); err != nil {
		w.t.Fatal(err)
	}
	w.command(user, web, line)
}

// storeBytes is the store's file as it lies on the disk.
func (w *world) storeBytes() string { return w.file(w.storePath()) }

// readme is the project's.
func (w *world) readme() string { return w.file("../README.md") }

func (w *world) file(path string) string {
	w.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// form waits for the filled form in front of a person.
func (w *world) form(user string) slackstub.View {
	w.t.Helper()
	v, err := w.slack.WaitView(w.soon(), user, func(v slackstub.View) bool { return v.Submit != "" })
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// submit fills the form's one field for a time and submits it.
func (w *world) submit(user string, v slackstub.View, at time.Time) slackstub.Reply {
	w.t.Helper()
	for _, b := range v.Blocks {
		element, _ := b["element"].(map[string]any)
		if element["type"] != "datetimepicker" {
			continue
		}
		field := fmt.Sprintf("%v/%v", b["block_id"], element["action_id"])
		r, err := w.slack.Submit(user, v.ID, map[string]any{field: at.Unix()})
		if err != nil || r.Error != "" {
			w.t.Fatalf("submitting: %v %s", err, r.Error)
		}
		return r
	}
	w.t.Fatalf("the form has no field for a time: %s", v.JSON())
	return slackstub.Reply{}
}

// modified waits until the cloud was asked for a time n times, and gives it as asked.
func (w *world) modified(n int) []string {
	w.t.Helper()
	var asked []string
	_, err := w.cloud.WaitCall(w.soon(), func(ecsstub.Call) bool {
		asked = nil
		for _, c := range w.cloud.Calls() {
			if c.Action == "ModifySystemEventAttribute" && c.Status == 200 {
				asked = append(asked, c.Params["NotBefore"])
			}
		}
		return len(asked) >= n
	})
	if err != nil {
		w.t.Fatalf("asked %v: %v", asked, err)
	}
	return asked
}

// read is all the text of a message, as people see it in its blocks.
func read(m slackstub.Message) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(m.Blocks) // of decoded JSON: cannot fail
	return out.String()
}

// logged waits until the log holds the words.
func (w *world) logged(words string) {
	w.t.Helper()
	for ctx := w.soon(); ; {
		text, more := w.logs.read()
		if strings.Contains(text, words) {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			w.t.Fatalf("the log does not hold %s", words)
		}
	}
}

// logs keeps what the bot logged.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // closed at the next line; nil: nobody waits
}

// read is what was logged, and a channel that is closed when there is more.
func (l *logs) read() (text string, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return l.text.String(), l.more
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
