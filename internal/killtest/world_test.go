package killtest

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// binary is the bot, built once.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	// Worlds wait for Slack's pace, not for a processor.
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "ecs-migrate-killtest-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "ecs-migrate")
	if out, err := exec.Command("go", "build", "-o", binary, "ecs-migrate/cmd/ecs-migrate").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("building the bot: %v\n%s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// patience bounds a wait for what should happen soon, however busy the machine.
const patience = time.Minute

// world is a bot that can be killed, between a Slack and a cloud that live on.
type world struct {
	t     *testing.T
	slack *slackstub.Server
	cloud *ecsstub.Server
	tap   *tap
	dir   string
	log   *journal
	book  *book
	event map[string]string // by instance
	late  map[string]bool   // envelopes that are rightly acknowledged late
	luck  bool              // answers to the bot get lost: it may not know that a form is there
	pages string            // the metrics of the last life at its end
	// What the configuration says, and what comes of it: see configure.
	common, roles, reminders string
	wanted                   reminded

	mu   sync.Mutex
	bot  *process // nil while it is down
	last *process // the latest life
}

// reminded is what people are told without anybody's decision, by the names of
// reminders, and of posts by their kinds.
type reminded struct{ reminders, escalations, posts []string }

// ops hears of what nobody answers.
const ops = "C0000000000"

// place is an instance and the channel that its migration goes to.
type place struct{ instance, team, channel string }

func newWorld(t *testing.T, limits slackstub.Limits, places ...place) *world {
	t.Helper()
	w := &world{t: t, tap: newTap(), dir: t.TempDir(), log: &journal{}, book: &book{}, event: map[string]string{}, late: map[string]bool{}}
	account := ecsstub.DefaultAccounts()[0]
	account.Instances = nil
	channels := []slackstub.Channel{{ID: ops, Name: "ops"}}
	routes := ""
	known := map[string]bool{}
	for _, p := range places {
		account.Instances = append(account.Instances, ecsstub.Instance{
			ID: p.instance, Name: "name of " + p.instance, Region: "cn-hangzhou", Tags: map[string]string{"team": p.team},
		})
		if !known[p.channel] {
			known[p.channel] = true
			channels = append(channels, slackstub.Channel{ID: p.channel, Name: p.team})
			routes += fmt.Sprintf("  - {channel: %s, match: {tags: {team: %s}}}\n", p.channel, p.team)
		}
	}
	w.slack = slackstub.New(slackstub.Options{Limits: limits, Channels: channels})
	w.cloud = ecsstub.New(ecsstub.Options{Accounts: []ecsstub.Account{account}})
	slackServer, cloudServer := httptest.NewServer(w.tap.before(w.slack.Handler())), httptest.NewServer(w.tap.before(w.cloud.Handler()))
	w.common = fmt.Sprintf(`
slack: {api_url: %q}
store: %q
listen: 127.0.0.1:0
poll: "@every 10s"
time_zone: UTC
accounts:
  - {name: prod, regions: [cn-hangzhou], endpoint: %q}
routes:
%s  - {channel: %s}
escalation: %s
`, slackServer.URL+"/api/", w.storePath(), cloudServer.URL, routes, places[0].channel, ops)
	w.roles = "operator: [everyone], admin: [everyone]"
	w.reminders = `digest: ""` // comes at an hour of the day, whatever was decided
	w.configure()
	t.Cleanup(func() {
		if w.alive() {
			w.kill()
		}
		_, _ = w.slack.Close(), w.cloud.Close()
		slackServer.Close()
		cloudServer.Close()
		if t.Failed() {
			t.Logf("the end of the bot's log:\n%s", w.log.end(150))
		}
	})
	return w
}

func (w *world) storePath() string  { return filepath.Join(w.dir, "ecs-migrate.db") }
func (w *world) configPath() string { return filepath.Join(w.dir, "config.yaml") }

// configure writes the configuration that the next life reads.
func (w *world) configure() {
	w.t.Helper()
	config := fmt.Sprintf("%sroles: {%s}\nreminders: {%s}\n", w.common, w.roles, w.reminders)
	if err := os.WriteFile(w.configPath(), []byte(config), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// soon bounds a wait.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

// announce lets the cloud plan something for an instance in three days, or ask
// for an authorisation.
func (w *world) announce(instance, status string) {
	w.t.Helper()
	w.announceEvent(ecsstub.EventSpec{InstanceID: instance, Status: status})
}

// announceEnded lets the cloud plan something that it will say, once it ran, to
// have ended that long ago: what is due a while after a run is due at once.
func (w *world) announceEnded(instance string, ago time.Duration) {
	w.t.Helper()
	ended, _ := json.Marshal(time.Now().UTC().Add(-ago).Format(time.RFC3339)) // of a text: cannot fail
	w.announceEvent(ecsstub.EventSpec{InstanceID: instance, Fields: map[string]json.RawMessage{"EventFinishTime": ended}})
}

func (w *world) announceEvent(spec ecsstub.EventSpec) {
	w.t.Helper()
	spec.NotBefore = time.Now().Add(72 * time.Hour)
	id, err := w.cloud.Announce(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	w.event[spec.InstanceID] = id
}

// execute has the event run and end.
func (w *world) execute(instance string) {
	w.t.Helper()
	if err := w.cloud.Run(w.event[instance]); err != nil {
		w.t.Fatal(err)
	}
	if err := w.cloud.Finish(w.event[instance]); err != nil {
		w.t.Fatal(err)
	}
}

// live lets the bot live until it has nothing to do, and kills it.
func (w *world) live() {
	w.t.Helper()
	w.start()
	w.settle()
	w.kill()
}

// process is one life of the bot.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once it is gone
	err   error         // of its end; read after ended
	ready chan struct{} // closed once probes is known
	// probes is where its metrics are.
	probes string
}

// start begins a life.
func (w *world) start() {
	w.t.Helper()
	w.log.note("=== start")
	cmd := exec.Command(binary, "run", "--config", w.configPath(), "--log-level", "debug")
	cmd.Env = []string{
		"HOME=" + w.dir, "SLACK_BOT_TOKEN=" + w.slack.BotToken(), "SLACK_APP_TOKEN=" + w.slack.AppToken(),
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + ecsstub.DefaultKeyID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + ecsstub.DefaultKeySecret,
	}
	out, err := cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{}), ready: make(chan struct{})}
	go func() {
		defer close(p.ended)
		p.follow(out, w.log)
		p.err = cmd.Wait()
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bot, w.last = p, p
}

// follow keeps the log and learns from it where the metrics are.
func (p *process) follow(out io.Reader, log *journal) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		log.note(lines.Text())
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "answering probes" && p.probes == "" {
			p.probes = line.Address
			close(p.ready)
		}
	}
}

// life is the bot's present life, nil while it is down.
func (w *world) life() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bot
}

func (w *world) alive() bool { return w.life() != nil }

// kill ends the life by SIGKILL, and returns when all that it had sent has had
// its effect.
func (w *world) kill() {
	w.t.Helper()
	p := w.life()
	w.mu.Lock()
	w.bot = nil
	w.mu.Unlock()
	if err := p.cmd.Process.Kill(); err != nil {
		w.t.Errorf("the bot was gone before it was killed: %v", err)
	}
	<-p.ended
	w.log.note("=== killed")
	w.tap.clear()
	if err := w.tap.drained(w.soon()); err != nil {
		w.t.Error(err)
	}
	if err := w.slack.WaitConnections(w.soon(), 0); err != nil {
		w.t.Error(err)
	}
}

// killAt kills the bot once it is at the stop.
func (w *world) killAt(s stop, met <-chan struct{}) {
	w.t.Helper()
	select {
	case <-met:
		w.log.note("=== " + s.String())
	case <-w.life().ended:
		w.t.Errorf("the bot ended by itself before %q", s)
	case <-w.soon().Done():
		w.t.Errorf("the bot never came to %q", s)
	}
	if s.recorded {
		w.settle()
	}
	w.kill()
}

// quit ends the last life in the ordinary way.
func (w *world) quit() {
	w.t.Helper()
	p := w.life()
	pages, err := metrics(w.soon(), p.probes)
	if err != nil {
		w.t.Errorf("reading the metrics: %v", err)
	}
	w.pages = pages
	w.mu.Lock()
	w.bot = nil
	w.mu.Unlock()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Errorf("the bot was gone before it was told to stop: %v", err)
	}
	if <-p.ended; p.err != nil {
		w.t.Errorf("the bot ended with: %v", p.err)
	}
}

// settle waits until the bot has nothing left to do. Its last commit shows
// nowhere else, so its metrics are read until they say so.
func (w *world) settle() {
	w.t.Helper()
	p, ctx := w.life(), w.soon()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	select {
	case <-p.ready:
	case <-p.ended:
		w.t.Fatal("the bot does not start")
	}
	// Twice, since a poll may have ended between the two things that are read.
	for left, clean := "", 0; clean < 2; {
		select {
		case <-again.C:
		case <-ctx.Done():
			w.t.Errorf("the bot does not settle, it has still to do:\n%s", left)
			return
		}
		var err error
		if left, err = stillToDo(ctx, p.probes); err != nil {
			w.t.Fatal(err)
		}
		if clean++; left != "" {
			clean = 0
		}
	}
}

var later = regexp.MustCompile(`kind="(tick|remind|facts)"`)

// stillToDo are the lines of the metrics that tell of waiting jobs, and of a
// region that this life has not looked at. What waits for its hour by design is
// none of them, before it: a tick, a reminder, the reading of facts right before
// the run.
func stillToDo(ctx context.Context, address string) (string, error) {
	all, err := metrics(ctx, address)
	if err != nil {
		return "", err
	}
	var left []string
	for line := range strings.Lines(all) {
		line = strings.TrimSuffix(line, "\n")
		none := strings.HasSuffix(line, " 0")
		jobs := strings.HasPrefix(line, "ecs_migrate_jobs_waiting{") && !later.MatchString(line)
		due := strings.HasPrefix(line, "ecs_migrate_oldest_due_job_seconds ")
		polled := strings.HasPrefix(line, "ecs_migrate_last_good_poll_timestamp_seconds{")
		if (jobs || due) && !none || polled && none {
			left = append(left, line)
		}
	}
	return strings.Join(left, "\n"), nil
}

// metrics is the page at the address.
func metrics(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	return string(page), err
}

// journal keeps what the bot logged, over all its lives.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

// logged is what the bot logged, without the notes of its killer.
func (j *journal) logged() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(slices.DeleteFunc(slices.Clone(j.lines), func(line string) bool { return strings.HasPrefix(line, "===") }), "\n")
}

func (j *journal) end(n int) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines[max(0, len(j.lines)-n):], "\n")
}
