package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// dawn is when the worlds of tests begin.
var dawn = time.Date(2026, 5, 6, 2, 0, 0, 0, time.UTC)

const olivia = "U0000000007" // Europe/London, en-GB, an operator

// served is a playground behind its page's own address.
type served struct {
	*playground
	t    *testing.T
	url  string
	stop func() // ends it and waits
}

// serve opens a playground and its page, with the bot running.
func serve(t *testing.T, o playgroundOptions) *served {
	t.Helper()
	if o.start.IsZero() {
		o.start = dawn
	}
	g, err := openPlayground(o)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := &served{playground: g, t: t, url: "http://" + listener.Addr().String()}
	go func() { ended <- g.serve(ctx, listener, io.Discard) }()
	stopped := false
	s.stop = func() {
		cancel()
		if stopped {
			return
		}
		stopped = true
		if err := <-ended; err != nil {
			t.Errorf("the page ended with: %v", err)
		}
		for _, v := range g.slack.Violations() {
			t.Errorf("Slack saw: %s (%s)", v.What, v.Ref)
		}
		if t.Failed() {
			t.Logf("the bot's log:\n%s", strings.Join(g.log.tail(keptLines), "\n"))
		}
	}
	t.Cleanup(s.stop)
	for late := time.After(connectWithin); ; {
		now, _, news := g.bot.status()
		if now.State == botRunning {
			s.look(ctx) // until the first card is there
			return s
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("the bot is %+v", now)
		}
	}
}

// get reads JSON; post sends and reads it. want is the status.
func (s *served) get(path string, into any) {
	s.t.Helper()
	s.ask(http.MethodGet, path, "", http.StatusOK, into)
}

func (s *served) post(path, body string, into any) {
	s.t.Helper()
	s.ask(http.MethodPost, path, body, http.StatusOK, into)
}

func (s *served) ask(method, path, body string, want int, into any) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if res.StatusCode != want {
		s.t.Fatalf("%s %s %s: %d %s", method, path, body, res.StatusCode, raw)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
}

// cards are the messages about an event that are no lines.
func (s *served) cards(event string) []slackstub.Message {
	var out []slackstub.Message
	for _, m := range s.slack.Messages("") {
		if !m.Deleted && m.Metadata != nil && m.Metadata.EventType == "ecs_migration" && m.Metadata.EventPayload["event_id"] == event {
			out = append(out, m)
		}
	}
	return out
}

// said is all text of a message.
func said(m slackstub.Message) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(m.Blocks) // of decoded JSON: cannot fail
	return m.Text + out.String()
}

// firstEvent is the event that waits from the start.
func (s *served) firstEvent() ecsstub.Event { return s.cloud.Events()[0] }

// A reader's whole story by what the page calls: a card at once, a time chosen,
// the clock moved, the bot killed and started again.
func TestThePagesWorld(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	first := s.firstEvent()
	if cards := s.cards(first.ID); len(cards) != 1 {
		t.Fatalf("%d cards wait at first", len(cards))
	}
	var w worldWhole
	s.get("/world", &w)
	if w.Bot.State != botRunning || w.Bot.PID == 0 || w.Next == nil || w.Next.What == "" || w.Moving || w.Language != englishLang ||
		len(w.People) != 5 || len(w.Channels) != 2 || len(w.Regions) != 2 || len(w.Types) == 0 || w.People[2].Groups[0] != "on-call" {
		t.Errorf("the world is %+v", w)
	}

	// A person reserves by command; the answer is what they see.
	var reply slackstub.Reply
	s.post("/slack/control/command", `{"user":"`+olivia+`","channel":"`+webChannel+`","text":"/ecs-migrate reserve web-01"}`, &reply)
	if reply.Error != "" || reply.Message == nil {
		t.Fatalf("reserving by command: %+v", reply)
	}

	// Three at once, in a VPC, which are seen at once.
	var many announced
	s.post("/world/announce", `{"count":3,"network":"vpc","in":"30h","name":"fleet"}`, &many)
	if len(many.Events) != 3 {
		t.Fatalf("announced %+v", many)
	}
	for _, event := range many.Events {
		if n := len(s.cards(event)); n != 1 {
			t.Errorf("%s has %d cards", event, n)
		}
	}

	// A bot that was killed answers nobody; started again it goes on where it was.
	var bot struct{ Bot botState }
	s.post("/world/bot", `{"do":"kill"}`, &bot)
	if bot.Bot.State != botStopped || bot.Bot.Error != "" || bot.Bot.PID != 0 {
		t.Errorf("a killed bot is %+v", bot)
	}
	if strings.Contains(strings.Join(s.log.tail(keptLines), "\n"), "draining") {
		t.Error("the killed bot had time to drain")
	}
	s.post("/slack/control/command", `{"user":"`+olivia+`","channel":"`+webChannel+`","text":"/ecs-migrate list"}`, &reply)
	if reply.Error != "dispatch_failed" {
		t.Errorf("a command while the bot is dead: %+v", reply)
	}
	s.post("/world/bot", `{"do":"start","language":"zh-CN"}`, &bot)
	if bot.Bot.State != botRunning {
		t.Errorf("a started bot is %+v", bot)
	}
	s.ask(http.MethodPost, "/world/bot", `{"do":"start"}`, http.StatusBadRequest, nil)
	s.get("/world", &w)
	if w.Language != chineseLang {
		t.Errorf("the channels' language is %s", w.Language)
	}

	// To the next thing due, then past all.
	var m move
	s.post("/world/clock", `{"next":true}`, &m)
	if !m.Settled || len(m.Steps) == 0 || m.Now.Before(m.Steps[0].At) {
		t.Errorf("to the next: %+v", m)
	}
	s.post("/world/clock", `{"advance":"96h"}`, &m)
	if !m.Settled {
		t.Errorf("four days on: %+v", m)
	}
	for _, event := range append(many.Events, first.ID) {
		if e, _ := s.cloud.Event(event); e.Status != ecsstub.Executed {
			t.Errorf("%s is %s", event, e.Status)
		}
		cards := s.cards(event)
		if len(cards) != 1 || !strings.Contains(said(cards[0]), "已执行") {
			t.Errorf("the cards of %s are %v", event, cards)
		}
	}
}

// A click keeps its form however the clock is moved meanwhile: what lets the bot
// open it lives for three seconds on that clock.
func TestAClickKeepsItsFormWhileTheClockMoves(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	s.post("/world/announce", `{"count":3,"network":"vpc","in":"700h"}`, nil)
	card := s.cards(s.firstEvent().ID)[0]
	moved := make(chan struct{})
	go func() {
		defer close(moved)
		s.post("/world/clock", `{"advance":"48h"}`, nil)
	}()
	clicks := 0
	for moving := true; moving; clicks++ {
		var reply slackstub.Reply
		s.post("/slack/control/click", `{"user":"`+olivia+`","channel":"`+card.Channel+`","ts":"`+card.TS+`","action_id":"choose"}`, &reply)
		if reply.Error != "" {
			t.Fatalf("click %d: %+v", clicks, reply)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if _, err := s.slack.WaitView(ctx, olivia, func(v slackstub.View) bool { return v.Submit != "" }); err != nil {
			t.Fatalf("click %d: %v", clicks, err)
		}
		cancel()
		s.post("/slack/control/close", `{"user":"`+olivia+`","all":true}`, nil)
		select {
		case <-moved:
			moving = false
		case <-time.After(calm + 100*time.Millisecond): // the clock stands still right after a click
		}
	}
	if clicks < 2 {
		t.Errorf("only %d clicks while the clock moved", clicks)
	}
	for _, method := range []string{"views.open", "views.update"} {
		for _, call := range s.slack.Calls(method) {
			if call.Error != "" {
				t.Errorf("%s: %s", method, call.Error)
			}
		}
	}
}

// The stream tells what happens, and where to go on from.
func TestTheStreamTellsWhatHappens(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/world/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, kind)
	}
	lines := bufio.NewScanner(res.Body)
	next := func() (event, data string) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				event = value
			case "data":
				return event, value
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return "", ""
	}
	if event, data := next(); event != "hello" || !strings.Contains(data, s.boot) {
		t.Errorf("first comes %s %s", event, data)
	}
	if event, data := next(); event != "world" || !strings.Contains(data, `"state":"running"`) {
		t.Errorf("then comes %s %s", event, data)
	}
	s.post("/world/announce", `{}`, nil)
	told := map[string]bool{}
	for !told["slack"] || !told["cloud"] || !told["traffic"] || !told["world"] {
		event, data := next()
		told[event] = true
		if event == "slack" && strings.Contains(data, `"call"`) {
			t.Errorf("calls are no news of the workspace: %s", data)
		}
	}
}

// A moved clock passes nothing over: what a day brings is told when its moment
// comes, not at the day's end.
func TestAMovePassesThroughEachMoment(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	var one, two announced
	s.post("/world/announce", `{"in":"20h","network":"vpc"}`, &one)
	s.post("/world/announce", `{"in":"40h","network":"vpc"}`, &two)
	if one.Instances[0] == two.Instances[0] {
		t.Errorf("both are about %s", one.Instances[0])
	}
	var m move
	s.post("/world/clock", `{"advance":"50h"}`, &m)
	var what []string
	for _, step := range m.Steps {
		if strings.HasPrefix(step.What, "event_") {
			what = append(what, step.What+" "+step.Event)
		}
	}
	if want := []string{"event_starts " + one.Events[0], "event_ends " + one.Events[0], "event_starts " + two.Events[0], "event_ends " + two.Events[0]}; !slices.Equal(what, want) {
		t.Errorf("the steps are %q, want %q", what, want)
	}
	if !slices.IsSortedFunc(m.Steps, func(a, b due) int { return a.At.Compare(b.At) }) {
		t.Errorf("the steps are out of order: %+v", m.Steps)
	}
	digest := slices.IndexFunc(m.Steps, func(d due) bool { return d.What == "job_digest" })
	if digest < 0 || !slices.ContainsFunc(s.slack.Messages(""), func(m slackstub.Message) bool {
		late := m.Versions[0].At.Sub(dawn.Add(23 * time.Hour)) // nine o'clock in Shanghai
		return late >= 0 && late < pagePoll && strings.Contains(said(m), "look after")
	}) {
		t.Errorf("no digest in the morning: the steps are %+v", m.Steps)
	}
	for _, event := range []string{one.Events[0], two.Events[0]} {
		e, _ := s.cloud.Event(event)
		late := 2 * pagePoll
		started, ended := false, false
		for _, line := range s.slack.Thread(s.cards(event)[0].Channel, s.cards(event)[0].TS) {
			at := line.Versions[0].At
			started = started || strings.Contains(said(line), "Started") && at.Sub(e.Started) < late
			ended = ended || strings.Contains(said(line), "Finished") && at.Sub(e.Finished) < late
		}
		if !started || !ended {
			t.Errorf("%s was not told when it happened", event)
		}
	}
}

// With --state a world goes on where it was left, all its parts in step, and
// nobody else may use it meanwhile.
func TestStateIsKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	s := serve(t, playgroundOptions{state: dir, language: chineseLang})
	event := s.firstEvent().ID
	s.post("/world/clock", `{"advance":"5h"}`, nil)
	second, err := openPlayground(playgroundOptions{state: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.start(context.Background()); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Errorf("a second start: %v", err)
	}
	before, err := os.ReadFile(filepath.Join(dir, keptName))
	if err := errors.Join(err, second.close()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, keptName)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the second start changed the state: %v", err)
	}
	s.post("/slack/control/say", `{"user":"`+olivia+`","channel":"`+webChannel+`","text":"last words"}`, nil)
	now, messages := s.clock.Now(), s.slack.Messages("")
	s.stop()

	s = serve(t, playgroundOptions{state: dir})
	if got := s.clock.Now(); got.Before(now) || got.Sub(now) > time.Hour {
		t.Errorf("the clock went from %s to %s", now, got)
	}
	if s.speaks() != chineseLang {
		t.Errorf("it speaks %s now", s.speaks())
	}
	if got := s.slack.Messages(""); len(got) != len(messages) || got[0].TS != messages[0].TS {
		t.Errorf("%d messages became %d", len(messages), len(got))
	}
	s.post("/world/clock", `{"advance":"72h"}`, nil)
	cards := s.cards(event)
	if len(cards) != 1 || cards[0].TS != messages[0].TS || !strings.Contains(said(cards[0]), "已执行") {
		t.Errorf("the cards are %v", cards)
	}
	s.stop()

	if err := os.WriteFile(filepath.Join(dir, keptName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openPlayground(playgroundOptions{state: dir}); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("a damaged state: %v", err)
	}
}

// Without --state nothing is left behind.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := serve(t, playgroundOptions{})
	s.stop()
	if left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// Each piece of bad luck can be turned on and off; the world heals.
func TestFaultsComeAndGo(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	type answer struct{ Faults []fault }
	for _, f := range []string{
		`"throttle"`, `"region_down","region":"cn-shanghai"`, `"permission_hidden"`, `"permission_hidden","permission":"ecs:DescribeInstances"`,
		`"modify_refused"`, `"cloud_slow"`, `"slack_429"`, `"slack_5xx"`, `"slack_slow"`,
	} {
		var got answer
		s.post("/world/fault", `{"on":true,"what":`+f+`}`, &got)
		s.post("/world/fault", `{"on":true,"what":`+f+`}`, &got) // twice is once
		if len(got.Faults) != 1 || !got.Faults[0].On {
			t.Fatalf("%s: on are %+v", f, got.Faults)
		}
		if f == `"region_down","region":"cn-shanghai"` {
			if ready := string(s.state().Bot.Ready); !strings.Contains(ready, `"ready":false`) || !strings.Contains(ready, "cn-shanghai") {
				t.Errorf("with a region down the bot is %s", ready)
			}
		}
		s.post("/world/fault", `{"on":false,"what":`+f+`}`, &got)
		if len(got.Faults) != 0 || len(s.cloud.Faults())+len(s.slack.Faults()) != 0 {
			t.Fatalf("%s: still on are %+v", f, got.Faults)
		}
	}
	s.post("/world/fault", `{"on":true,"what":"socket_drop"}`, nil)
	ctx, cancel := context.WithTimeout(t.Context(), connectWithin)
	defer cancel()
	if err := s.slack.WaitConnections(ctx, 2); err != nil {
		t.Error(err)
	}
	var n announced
	s.post("/world/announce", `{}`, &n)
	if len(s.cards(n.Events[0])) != 1 {
		t.Error("no card after all that")
	}
	if ready := string(s.state().Bot.Ready); !strings.Contains(ready, `"ready":true`) {
		t.Errorf("after all that the bot is %s", ready)
	}
}

// Each permission that the README asks for can be missing.
func TestEachPermissionCanBeMissing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`"(ecs:\w+)"`).FindAllStringSubmatch(string(text), -1)
	if len(asked) == 0 {
		t.Fatal("the README asks for none")
	}
	for _, m := range asked {
		if !slices.Contains(permissions(), m[1]) {
			t.Errorf("%s cannot be taken away", m[1])
		}
	}
}

// Events can be steered as from the console, and wrong wishes are told.
func TestEventsAreSteered(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	event := s.firstEvent().ID
	var got struct{ Event ecsstub.Event }
	s.post("/world/event", `{"event_id":"`+event+`","do":"move","in":"10h"}`, &got)
	if left := got.Event.NotBefore.Sub(s.clock.Now()); left > 10*time.Hour || left < 9*time.Hour {
		t.Errorf("moved to %s from now", left)
	}
	s.post("/world/event", `{"event_id":"`+event+`","do":"execute"}`, &got)
	if got.Event.Status != ecsstub.Executing || !strings.Contains(said(s.cards(event)[0]), "Running") {
		t.Errorf("it is %s and its card says %s", got.Event.Status, said(s.cards(event)[0]))
	}
	s.post("/world/event", `{"event_id":"`+event+`","do":"fail"}`, &got)
	if got.Event.Status != ecsstub.Failed {
		t.Errorf("it is %s", got.Event.Status)
	}
	var n announced
	s.post("/world/announce", `{"type":"SystemMaintenance.RebootAndIsolateErrorDisk","inquiring":true,"region":"cn-shanghai","network":"vpc"}`, &n)
	s.post("/world/event", `{"event_id":"`+n.Events[0]+`","do":"accept"}`, &got)
	if got.Event.Status != ecsstub.Scheduled {
		t.Errorf("accepted it is %s", got.Event.Status)
	}
	s.post("/world/event", `{"event_id":"`+n.Events[0]+`","do":"cancel"}`, &got)

	for path, bodies := range map[string][]string{
		"/world/event": {
			`{"event_id":"` + event + `","do":"move","in":"1h"}`, `{"event_id":"e-none","do":"cancel"}`, `{"event_id":"` + event + `","do":"dance"}`,
			`{"event_id":"` + n.Events[0] + `","do":"move"}`, `{"event_id":"` + n.Events[0] + `","do":"move","in":"soon"}`,
		},
		"/world/announce": {
			`{"type":"Nothing.Known"}`, `{"count":101}`, `{"count":-1}`, `{"network":"ipx"}`, `{"region":"cn-nowhere"}`, `{"in":"-1h"}`, `{"in":"x"}`, `{"typo":1}`, `[]`, ``,
			`{"name":"` + strings.Repeat("x", 600) + `"}`,
		},
		"/world/fault": {`{"what":"earthquake","on":true}`, `{"what":"region_down","region":"x","on":true}`, `{"what":"permission_hidden","permission":"x","on":true}`},
		"/world/clock": {`{}`, `{"advance":"1h","next":true}`, `{"advance":"-1h"}`, `{"advance":"9000h"}`, `{"advance":"day"}`},
		"/world/bot":   {`{}`, `{"do":"fly"}`, `{"do":"restart","language":"fr"}`, `{"do":"kill","language":"en"}`},
	} {
		for _, body := range bodies {
			var refusal struct{ Error string }
			s.ask(http.MethodPost, path, body, http.StatusBadRequest, &refusal)
			if refusal.Error == "" {
				t.Errorf("%s %s is refused without a word", path, body)
			}
		}
	}
	s.ask(http.MethodGet, "/world/traffic?since=x", "", http.StatusBadRequest, nil)

	// With the bot stopped and every event over, nothing is due; and while one
	// moves the clock, nobody else does.
	s.post("/world/bot", `{"do":"stop"}`, nil)
	s.ask(http.MethodPost, "/world/clock", `{"next":true}`, http.StatusConflict, nil)
	s.moving.Lock()
	s.ask(http.MethodPost, "/world/clock", `{"advance":"1h"}`, http.StatusConflict, nil)
	s.moving.Unlock()
	s.post("/world/clock", `{"advance":"1h"}`, nil)
}

// What passes between the bot and the servers can be read, and no secret in it.
func TestTrafficIsToldWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := serve(t, playgroundOptions{})
	s.post("/slack/control/command", `{"user":"`+olivia+`","channel":"`+webChannel+`","text":"/ecs-migrate list"}`, nil)
	s.post("/slack/control/home", `{"user":"`+olivia+`"}`, nil)
	var all struct {
		Seq     int64
		Entries []entry
	}
	kinds, secrets := map[string]entry{}, []string{s.slack.BotToken(), s.slack.AppToken(), ecsstub.DefaultKeyID, ecsstub.DefaultKeySecret, "stub-verification-token", "/response/", "ticket="}
	for range 100 {
		s.get("/world/traffic", &all)
		for _, e := range all.Entries {
			kinds[e.Kind+" "+e.Name] = e
		}
		if e := kinds["envelope slash_commands"]; e.Status == "acknowledged" {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	for _, want := range []string{"envelope slash_commands", "slack auth.test", "slack apps.connections.open", "slack chat.postMessage", "cloud DescribeInstanceHistoryEvents", "cloud DescribeInstances"} {
		e, ok := kinds[want]
		if !ok || !e.OK || e.Request == nil || e.Answer == nil && e.Kind != kindEnvelope {
			t.Errorf("%s: %+v", want, e)
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if at := bytes.Index(raw, []byte(secret)); at >= 0 && secret != "ticket=" {
			t.Errorf("the traffic tells %q: …%s", secret, raw[max(0, at-100):min(len(raw), at+100)])
		}
	}
	if bytes.Contains(raw, []byte("ticket=")) && !bytes.Contains(raw, []byte("ticket="+"%E2%80%A2%E2%80%A2%E2%80%A2")) {
		t.Error("the traffic tells a socket's ticket")
	}
	var rest struct{ Entries []entry }
	s.get(fmt.Sprintf("/world/traffic?since=%d", all.Seq-1), &rest)
	if len(rest.Entries) == 0 || rest.Entries[0].Seq < all.Seq {
		t.Errorf("since the last but one: %+v", rest.Entries)
	}
	var log struct{ Lines []string }
	s.get("/world/log", &log)
	for _, secret := range secrets[:4] {
		if len(log.Lines) == 0 || strings.Contains(strings.Join(log.Lines, "\n"), secret) {
			t.Errorf("the log tells %q in %d lines", secret, len(log.Lines))
		}
	}
	// It is stamped by the world's clock, not by the machine's.
	if stamp := "time=" + dawn.Format(time.DateOnly); !strings.HasPrefix(strings.Join(log.Lines, "\n"), stamp) {
		t.Errorf("the log does not begin with %s: %q", stamp, log.Lines)
	}
}

// Nobody but the page itself, and programs on this machine, may use it.
func TestThePageAnswersOnlyItsOwnSite(t *testing.T) {
	t.Parallel()
	g, err := openPlayground(playgroundOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	}()
	h := g.handler()
	const here = "127.0.0.1:8080"
	for _, c := range []struct {
		method, path, host, kind string
		header                   string // Name: value
		want                     int
	}{
		{"GET", "/world", here, "", "", 200},
		{"GET", "/world", "localhost:8080", "", "", 200},
		{"GET", "/world", "[::1]:8080", "", "", 200},
		{"GET", "/world", here, "", "Sec-Fetch-Site: same-origin", 200},
		{"GET", "/world", here, "", "Sec-Fetch-Site: cross-site", 403},
		{"GET", "/world", here, "", "Sec-Fetch-Site: same-site", 403},
		{"GET", "/world", "evil.example:8080", "", "", 403},
		{"GET", "/world", "127.0.0.1.evil.example", "", "", 403},
		{"GET", "/", here, "", "Sec-Fetch-Site: cross-site", 200},
		{"GET", "/", here, "", "Sec-Fetch-Site: none", 200},
		{"GET", "/", "evil.example", "", "", 403},
		{"POST", "/world/fault", here, "application/json", "", 200},
		{"POST", "/world/fault", here, "application/json; charset=utf-8", "Origin: http://" + here, 200},
		{"POST", "/world/fault", here, "text/plain", "", 415},
		{"POST", "/world/fault", here, "", "", 415},
		{"POST", "/world/fault", here, "application/json", "Origin: http://evil.example", 403},
		{"POST", "/world/fault", here, "application/json", "Origin: null", 403},
		{"POST", "/world/fault", here, "application/json", "Origin: http://127.0.0.1:9090", 403},
		{"POST", "/world/fault", here, "application/json", "Sec-Fetch-Site: cross-site", 403},
		{"POST", "/slack/control/sockets", here, "text/plain", "", 415},
		{"POST", "/slack/control/sockets", here, "application/json", "Origin: http://evil.example", 403},
		{"DELETE", "/cloud/control/faults", here, "application/json", "Sec-Fetch-Site: same-site", 403},
		{"GET", "/slack/api/auth.test", here, "", "", 404},
		{"GET", "/cloud/", here, "", "", 404},
		{"GET", "/slack/control/violations", here, "", "", 200},
		{"GET", "/cloud/control/events", here, "", "", 200},
	} {
		body := strings.NewReader(`{"what":"socket_drop","on":true}`)
		if strings.HasPrefix(c.path, "/slack/") {
			body = strings.NewReader(`{"do":"mute"}`)
		}
		r, err := http.NewRequest(c.method, "http://"+here+c.path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Host, r.RemoteAddr = c.host, "127.0.0.1:1"
		if c.kind != "" {
			r.Header.Set("Content-Type", c.kind)
		}
		if name, value, ok := strings.Cut(c.header, ": "); ok {
			r.Header.Set(name, value)
		}
		w := newRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want || !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'self';") {
			t.Errorf("%s %s of %s, %q, %q: %d, want %d: %s", c.method, c.path, c.host, c.kind, c.header, w.Code, c.want, w.Body)
		}
	}
}

// The page's files are served as what they are, and nothing else is.
func TestPageFiles(t *testing.T) {
	h := pages()
	ask := func(path, tag string) *recorder {
		r, err := http.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := newRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	first := ask("/", "")
	if first.Code != 200 || first.Header().Get("Content-Type") != "text/html; charset=utf-8" || first.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("/: %d %v", first.Code, first.Header())
	}
	if again := ask("/", first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("/ again: %d", again.Code)
	}
	for _, path := range []string{"/page/", "/page/none.js", "/page/words.txt", "/page/../main.go", "/page/%2e%2e/main.go", "/page/page.html/", "/main.go"} {
		if w := ask(path, ""); w.Code == 200 {
			t.Errorf("%s is served", path)
		}
	}
	for _, path := range pagePaths(t) {
		if w := ask("/page/"+path, ""); w.Code != 200 || w.Header().Get("Content-Type") == "" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

// A taken port is told with what to do.
func TestATakenPortIsTold(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	var out, errs strings.Builder
	code := main1(t.Context(), []string{"--port", port}, program{stdout: &out, stderr: &errs})
	want := "ecs-migrate-demo: --port " + port + " is taken by another program: stop that one, or give another address with --port\n"
	if code != exitFault || errs.String() != want || out.Len() > 0 {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &out, &errs)
	}
}

// Every emoji that the bot's messages use is one that the page draws.
func TestThePageKnowsTheBotsEmoji(t *testing.T) {
	t.Parallel()
	drawn, err := pageFiles.ReadFile("page/emoji.js")
	if err != nil {
		t.Fatal(err)
	}
	name, used := regexp.MustCompile(`:([a-z][a-z0-9_+-]*):`), 0
	err = filepath.WalkDir("../../notifier", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			used++
			if !regexp.MustCompile(`\b` + m[1] + `: '`).Match(drawn) {
				t.Errorf("%s says :%s:, which the page shows as text", path, m[1])
			}
		}
		return err
	})
	if err != nil || used < 20 {
		t.Errorf("%d emoji were found: %v", used, err)
	}
}

// What became of an exchange is told by words that the page has in both
// languages, unless the server's own code tells it.
func TestThePageHasWordsForWhatHappened(t *testing.T) {
	t.Parallel()
	now := time.Now()
	entries := []entry{
		slackEntry(slackstub.Call{Status: 200}), slackEntry(slackstub.Call{Fault: 1}), cloudEntry(ecsstub.Call{}),
		envelopeEntry(slackstub.Envelope{}), envelopeEntry(slackstub.Envelope{Conn: 1}),
		envelopeEntry(slackstub.Envelope{Conn: 1, Sent: now, Acked: now}), envelopeEntry(slackstub.Envelope{Conn: 1, TimedOut: true}),
	}
	seen := map[string]bool{}
	for _, lang := range []string{"en", "zh"} {
		words, err := pageFiles.ReadFile("page/words-" + lang + ".js")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			seen[e.Status] = true
			if !bytes.Contains(words, []byte("'traffic.status."+e.Status+"'")) || e.Fault != "" && !bytes.Contains(words, []byte("'traffic.fault."+e.Fault+"'")) {
				t.Errorf("%s has no words for %q, %q", lang, e.Status, e.Fault)
			}
		}
	}
	if len(seen) != 6 {
		t.Errorf("the statuses are %v", seen)
	}
}
