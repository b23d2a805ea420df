package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"ecs-migrate/bot"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

const modify = "ModifySystemEventAttribute"

// announced is a world with one card for web-01.
func announced(t *testing.T, o options) (w *world, event string, card slackstub.Message) {
	t.Helper()
	w = newWorld(t, o)
	event = w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	return w, event, w.cardSays(event, "No time reserved")
}

func (w *world) inject(f ecsstub.Fault) {
	w.t.Helper()
	if _, err := w.cloud.Inject(f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) cards(event string) (standing int) {
	for _, m := range w.slack.Messages("") {
		if isCard(m, event) && !m.Deleted {
			standing++
		}
	}
	return standing
}

const tomorrow = "/ecs-migrate reserve " + web01 + " 2024-05-02 02:00 Asia/Shanghai"

func TestTheCloudRefusesAndSaysWhy(t *testing.T) {
	w, event, card := announced(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: modify, Times: 1, Status: 403, Code: "OperationConflict", Message: "The event is being handled."})
	w.command(mary, web, tomorrow)
	w.cardSays(event, "OperationConflict")
	w.line(card, "<@"+mary+">", "OperationConflict", "The event is being handled.")
	if got := w.cardSays(event, "I have set it in the console"); !strings.Contains(read(got), "Still in force") {
		t.Errorf("the card does not tell which time is still in force: %s", read(got))
	}

	// She set it in the console and says so.
	w.click(mary, card, "declare")
	if r := w.submit(mary, w.form(mary), dawn.Add(5*time.Hour)); len(r.FieldErrors) > 0 {
		t.Fatalf("the form says %v", r.FieldErrors)
	}
	w.line(card, "<@"+mary+">", "in the console")
	if err := w.cloud.Move(event, dawn.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.poll()
	w.line(card, "Confirmed by Alibaba Cloud")
}

func TestAMissingPermissionIsToldByItsRAMAction(t *testing.T) {
	w, event, card := announced(t, options{})
	if err := w.cloud.Deny(ecsstub.DefaultKeyID, "ecs:"+modify); err != nil {
		t.Fatal(err)
	}
	w.command(mary, web, tomorrow)
	w.cardSays(event, "ecs:"+modify)
	w.line(card, "<@"+mary+">", "ecs:"+modify)
}

func TestAChangeThatTimedOutAfterItWasMadeIsConfirmedWithoutAnother(t *testing.T) {
	w, event, _ := announced(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultTruncate, Action: modify, Times: 1, AfterWork: true})
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	if n := w.cloud.Counts()[modify]; n != 1 {
		t.Errorf("the cloud was asked %d times", n)
	}
}

func TestAThrottledChangeIsRepeatedUntilItIsTaken(t *testing.T) {
	w, event, card := announced(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultThrottle, Action: modify, Times: 2})
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud", "<@"+mary+">")
}

func TestAPostThatTimedOutAfterItWasMadeIsNotRepeated(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 2, Drop: true, AfterWork: true})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	w.cardSays(event, "No time reserved")
	w.command(mary, web, tomorrow)
	card := w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud")
	if n := w.cards(event); n != 1 {
		t.Errorf("%d cards", n)
	}
	if n := len(w.lines(card)); n != 2 {
		t.Errorf("%d lines in the thread, want 2: asked, confirmed", n)
	}
}

// What was decided while nobody knew whether a card stands is on it before its line
// tells so: the card that is found shows what stood when it was posted.
func TestACardThatIsFoundShowsWhatWasDecidedSince(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
	w.slack.AddFault(slackstub.Fault{Method: "conversations.history", Error: "ratelimited", Retry: 3}) // time to decide
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	card := w.cardSays(event, "No time reserved")
	w.click(mary, card, "keep")
	w.line(card, "<@"+mary+">")
	if m, _ := w.slack.Message(card.Channel, card.TS); !strings.Contains(read(m), "Confirmed") {
		t.Errorf("the line is there, and the card says\n%s", read(m))
	}
	if n := w.cards(event); n != 1 {
		t.Errorf("%d cards", n)
	}
}

func TestSlackAsksToSlowDownAndNothingIsLost(t *testing.T) {
	w, event, card := announced(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 2, Error: "ratelimited", Retry: 1})
	w.slack.AddFault(slackstub.Fault{Method: "chat.update", Times: 1, Status: 503})
	w.command(mary, web, tomorrow)
	w.cardSays(event, "Confirmed")
	w.line(card, "asked for")
	w.line(card, "Confirmed by Alibaba Cloud")
}

func TestADecisionOutlivesARestart(t *testing.T) {
	w, event, card := announced(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultHang, Action: modify, Times: 1})
	w.command(mary, web, tomorrow)
	if _, err := w.cloud.WaitStarted(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := w.stop(); err != nil {
		t.Fatalf("the bot ended with: %v", err)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("stopping took %v while the cloud hung, want at most 15 s", took)
	}
	w.start()
	w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud", "<@"+mary+">")
}

func TestADeletedCardComesBackWithTheNextNews(t *testing.T) {
	w, event, card := announced(t, options{})
	if err := w.slack.DeleteMessage(card.Channel, card.TS); err != nil {
		t.Fatal(err)
	}
	w.command(mary, web, tomorrow)
	fresh := w.cardSays(event, "Confirmed")
	if fresh.TS == card.TS || w.cards(event) != 1 {
		t.Errorf("%d cards, the one at %s", w.cards(event), fresh.TS)
	}
	if got := fresh.Metadata.EventPayload["generation"]; got == card.Metadata.EventPayload["generation"] {
		t.Errorf("the new card is of generation %v like the old one", got)
	}
	w.line(fresh, "Confirmed by Alibaba Cloud")
}

func TestWhatHappensOutsideSlackIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		do          func(*ecsstub.Server, string) error
		state, line string
	}{
		"moved in the console": {func(s *ecsstub.Server, id string) error { return s.Move(id, dawn.Add(20*time.Hour)) }, "Set in the console", "Changed in the console"},
		"cancelled":            {(*ecsstub.Server).Cancel, "Cancelled by Alibaba Cloud", "Cancelled by Alibaba Cloud"},
		"avoided":              {(*ecsstub.Server).Avoid, "Avoided", "Avoided"},
		"failed":               {(*ecsstub.Server).Fail, "Failed", "Failed"},
		"runs":                 {(*ecsstub.Server).Run, "Running", "Started"},
	} {
		t.Run(name, func(t *testing.T) {
			w, event, card := announced(t, options{})
			if err := c.do(w.cloud, event); err != nil {
				t.Fatal(err)
			}
			w.poll()
			w.cardSays(event, c.state)
			w.line(card, c.line)
		})
	}
}

func TestAnEventThatAsksIsAuthorised(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: api01, Type: "SystemMaintenance.Redeploy", Status: ecsstub.Inquiring})
	w.poll()
	card := w.cardSays(event, "Waits for authorisation")
	if card.Channel != ops {
		t.Errorf("the card is in %s, want %s, which takes the rest", card.Channel, ops)
	}
	w.click(mary, card, "accept")
	w.line(card, "<@"+mary+">", "authorised")
	w.poll()
	w.line(card, "Scheduled for")
}

func TestOneRegionDownLeavesTheOther(t *testing.T) {
	w := newWorld(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultDown, Region: "cn-hangzhou"})
	here := w.announce(ecsstub.EventSpec{InstanceID: web01})
	there := w.announce(ecsstub.EventSpec{InstanceID: api01})
	w.clock.Advance(11 * time.Second)
	w.cardSays(there, "No time reserved")
	if n := w.cards(here); n != 0 {
		t.Errorf("%d cards from a region that is down", n)
	}
}

func TestSlackRefusesTheToken(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	w.slack.AddFault(slackstub.Fault{Method: "auth.test", Error: "invalid_auth"})
	err := bot.Run(w.soon(), bot.Options{Config: w.config(), Log: slog.New(slog.DiscardHandler), Clock: w.clock})
	if err == nil || !strings.Contains(err.Error(), "SLACK_BOT_TOKEN") {
		t.Errorf("the bot ends with %v, want the token's name", err)
	}
}

func TestTwoBotsOnOneStore(t *testing.T) {
	w := newWorld(t, options{})
	err := bot.Run(w.soon(), bot.Options{Config: w.config(), Log: slog.New(slog.DiscardHandler), Clock: w.clock})
	if err == nil || !strings.Contains(err.Error(), "another") {
		t.Errorf("the second bot ends with %v, want that another one holds the store", err)
	}
}

func TestNoSecretLeavesTheProcess(t *testing.T) {
	w, event, card := announced(t, options{listen: loopback, roles: guarded})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultHang, Action: "DescribeInstanceHistoryEvents", Times: 1})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: modify, Times: 1, Status: 403, Code: "SignatureDoesNotMatch", Message: "server string to sign is: GET&%2F&AccessKeyId%3D" + ecsstub.DefaultKeyID})
	w.slack.CutSockets()
	w.slack.AddFault(slackstub.Fault{Method: "usergroups.users.list", Times: 1, Drop: true})
	w.slack.AddFault(slackstub.Fault{Method: "users.info", Times: 2, Drop: true})
	w.slack.AddFault(slackstub.Fault{Method: "response_url", Times: 1, Drop: true})
	w.slack.AddFault(slackstub.Fault{Method: "views.open", Times: 1, Drop: true})
	w.command2(mary, tomorrow) // who she is cannot be read
	w.clock.Advance(6 * time.Minute)
	w.command2(mary, tomorrow) // nor who is in the group
	w.clock.Advance(time.Minute)
	w.click(withGuest(w), card, "keep")
	w.told(guest, "Only full members")
	w.command2(mary, tomorrow)
	w.line(card, "<@"+mary+">")
	w.cardSays(event, "Refused")
	w.click(mary, card, "choose")
	w.told(mary, "could not be opened in time")
	w.slack.AddFault(slackstub.Fault{Method: "upload", Times: 1, Drop: true})
	w.asks(mary, "/ecs-migrate calendar") // fails on its way
	w.uploads(1)
	w.asks(mary, "/ecs-migrate calendar")
	addresses := w.uploads(2)
	if _, err := w.slack.WaitCall(w.soon(), "files.completeUploadExternal", func(slackstub.Call) bool { return true }); err != nil {
		t.Fatal(err)
	}
	pages := w.probe("/metrics") + w.probe("/readyz") + w.probe("/healthz")
	history := w.history(event)
	var shown strings.Builder
	for _, m := range w.slack.Messages("") {
		shown.WriteString(m.Text + read(m))
	}
	for _, who := range []string{lin, mary, jonas, guest} {
		for _, m := range w.slack.Ephemerals(who) {
			shown.WriteString(m.Text + read(m))
		}
	}
	// Where a bot cannot start, its last words.
	failing := w.config()
	failing.Listen = "256.0.0.1:1"
	end := fmt.Sprint(bot.Run(w.soon(), bot.Options{Config: failing, Log: slog.New(slog.NewJSONHandler(w.logs, nil)), Clock: w.clock}))
	if !strings.Contains(end, "cannot listen") {
		t.Errorf("it ended with %s", end)
	}
	for where, text := range map[string]string{
		"the log": w.logs.String(), "messages": shown.String(), "the store": w.storeBytes(), "probes and metrics": pages,
		"the audit trail": fmt.Sprintf("%+v", history), "an error": end, "the configuration, printed": fmt.Sprintf("%+v %#v", failing, failing),
	} {
		if len(text) < 20 {
			t.Errorf("%s was not read: %q", where, text)
		}
		for _, secret := range append([]string{
			w.slack.BotToken(), w.slack.AppToken(), ecsstub.DefaultKeyID, ecsstub.DefaultKeySecret, "Signature=", "ticket=",
			"/response/", "/upload/", "trigger_id", // whoever has these can act for the bot
		}, addresses...) {
			if strings.Contains(text, secret) {
				at := strings.Index(text, secret)
				t.Errorf("%s holds %q: …%s…", where, secret, text[max(0, at-100):min(len(text), at+100)])
			}
		}
	}
}

// uploads waits for so many uploads, and gives the secret part of the address that
// each went to.
func (w *world) uploads(n int) (secrets []string) {
	w.t.Helper()
	sent := func() bool { return len(w.slack.Calls("upload")) >= n }
	if err := w.slack.Wait(w.soon(), fmt.Sprintf("%d uploads", n), sent); err != nil {
		w.t.Fatal(err)
	}
	for _, c := range w.slack.Calls("files.getUploadURLExternal") {
		secrets = append(secrets, path.Base(fmt.Sprint(c.Answer["upload_url"])))
	}
	if len(secrets) < n {
		w.t.Fatalf("%d addresses were given for %d uploads", len(secrets), n)
	}
	return secrets
}

// withGuest lets a guest into the channel and gives their id.
func withGuest(w *world) string {
	w.slack.AddChannel(slackstub.Channel{ID: web, Name: "web-ops", Members: []string{lin, mary, jonas, guest}})
	return guest
}

// What the README and the manifest ask for is what the bot uses: no more, and
// nothing that no story needs.
func TestItUsesWhatTheReadmeAsksFor(t *testing.T) {
	w := newWorld(t, options{noBot: true, roles: "{operator: [" + team + "], admin: [" + team + "]}"})
	w.rest = desk // a private channel
	w.start()
	stop := w.run(100 * time.Millisecond)
	lost := func(event string) {
		t.Helper()
		w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Drop: true, AfterWork: true})
		w.poll()
		card := w.cardSays(event, "No time reserved")
		if err := w.slack.Wait(w.soon(), "the fault to strike", func() bool { return len(w.slack.Faults()) == 0 }); err != nil {
			t.Fatal(err)
		}
		if _, err := w.slack.WaitCall(w.soon(), "conversations.history", func(c slackstub.Call) bool { return c.Worked && c.Args["channel"] == card.Channel }); err != nil {
			t.Fatal(err)
		}
	}
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	lost(event)
	private := w.announce(ecsstub.EventSpec{InstanceID: api01, NotBefore: dawn.Add(72 * time.Hour)})
	lost(private)
	w.known(event) // its disks and their snapshots
	w.command(lin, web, tomorrow)
	w.cardSays(event, "Confirmed")
	asking := w.announce(ecsstub.EventSpec{InstanceID: api01, Status: ecsstub.Inquiring})
	w.poll()
	w.click(mary, w.cardSays(asking, "Waits for authorisation"), "accept")
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == "AcceptInquiredSystemEvent" }); err != nil {
		t.Fatal(err)
	}
	w.asks(lin, "/ecs-migrate calendar")
	if _, err := w.slack.WaitCall(w.soon(), "files.completeUploadExternal", func(c slackstub.Call) bool { return c.Worked }); err != nil {
		t.Fatal(err)
	}
	stop()

	readme := w.readme()
	scopes := w.slack.ScopesUsed()
	if slices.ContainsFunc(w.slack.Envelopes(), func(e slackstub.Envelope) bool { return e.Type == "slash_commands" }) {
		scopes = append(scopes, "commands") // no method needs it
	}
	same(t, "scopes", "the README", scopes, quoted(within(t, readme, "| Scope | For |", "\n\n"), "(?m)^ *\\|([^|]*)\\|", "`([a-z:]+)`"))
	var manifest struct {
		OAuth struct{ Scopes struct{ Bot []string } } `yaml:"oauth_config"`
	}
	// The command's own test holds what it prints to this.
	printed := w.file("../cmd/ecs-migrate/testdata/script/manifest.txtar")
	if err := yaml.Unmarshal([]byte(within(t, printed, "-- manifest.golden --\n", "")), &manifest); err != nil {
		t.Fatal(err)
	}
	same(t, "scopes", "the manifest", scopes, manifest.OAuth.Scopes.Bot)
	same(t, "RAM actions", "the README's policy", w.cloud.RAMActions(ecsstub.DefaultKeyID), quoted(within(t, readme, `"Action": [`, "]"), "(?s)(.*)", `"([a-zA-Z:]+)"`))
}

// within is what stands between two marks of a text; an empty one is its end.
func within(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	if to != "" {
		rest, _, _ = strings.Cut(rest, to)
	}
	if !found {
		t.Fatalf("no %q", from)
	}
	return rest
}

// quoted are the names in the parts of a text.
func quoted(text, part, name string) (all []string) {
	for _, p := range regexp.MustCompile(part).FindAllStringSubmatch(text, -1) {
		for _, n := range regexp.MustCompile(name).FindAllStringSubmatch(p[1], -1) {
			all = append(all, n[1])
		}
	}
	return all
}

// same compares what was used with what is asked for, both ways.
func same(t *testing.T, what, where string, used, listed []string) {
	t.Helper()
	slices.Sort(used)
	slices.Sort(listed)
	if len(listed) == 0 || !slices.Equal(used, listed) {
		t.Errorf("the %s that were used are\n%v, those of %s\n%v", what, used, where, listed)
	}
}

func TestItStopsInTimeWhenSlackHangs(t *testing.T) {
	w, _, _ := announced(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "*", Times: -1, Hang: true})
	w.command(mary, web, tomorrow)
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	stop := w.stop
	go func() { ended <- stop() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the bot ended with: %v", err)
		}
	case <-ctx.Done():
		t.Error("the bot did not end within 15 s")
	}
}

func TestACardWhoseBlocksSlackRefusesIsShownAsText(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 1, Error: "invalid_blocks"})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	card := w.card(event, "is plain text", func(m slackstub.Message) bool { return len(m.Versions[0].Blocks) == 0 })
	if !strings.Contains(card.Versions[0].Text, "web-01") {
		t.Errorf("the text is %q", card.Versions[0].Text)
	}
}

func TestAChannelTheBotIsNotInHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.KickBot(web)
	here := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	there := w.announce(ecsstub.EventSpec{InstanceID: api01})
	w.poll()
	w.cardSays(there, "No time reserved")
	if n := w.cards(here); n != 0 {
		t.Fatalf("%d cards in a channel that the bot is not in", n)
	}
	w.slack.InviteBot(web)
	defer w.run(5 * time.Second)()
	if card := w.cardSays(here, "No time reserved"); card.Channel != web {
		t.Errorf("the card is in %s", card.Channel)
	}
}

func TestACardThatCannotBeDrawnAgainIsNotPostedAgainWithoutNews(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.update", Times: -1, Error: "cant_update_message"})
	first := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.cardSays(first, "No time reserved")
	for n := range 3 {
		w.clock.Advance(time.Hour)
		// The channel's jobs go in order: once a later event's card stands, what
		// was due before it was done.
		later := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72*time.Hour + time.Duration(n)*time.Minute)})
		w.poll()
		w.cardSays(later, "No time reserved")
	}
	if n := w.cards(first); n != 1 {
		t.Errorf("%d cards without any news", n)
	}
}

func TestAChangeSeenOnlyWhenItRunsIsToldAsConfirmed(t *testing.T) {
	w, event, card := announced(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultTruncate, Action: modify, Times: 1, AfterWork: true})
	down, err := w.cloud.Inject(ecsstub.Fault{Kind: ecsstub.FaultDown, Action: "DescribeInstanceHistoryEvents"})
	if err != nil {
		t.Fatal(err)
	}
	w.command(mary, web, tomorrow)
	if _, err := w.cloud.WaitCall(w.soon(), func(c ecsstub.Call) bool { return c.Action == modify }); err != nil {
		t.Fatal(err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(dawn.Add(16*time.Hour + 5*time.Minute).Sub(w.clock.Now())) // 02:00 in Shanghai is 18:00 UTC
	w.cloud.ClearFault(down)
	w.start()
	w.line(card, "Started")
	for _, line := range w.slack.Thread(card.Channel, card.TS) {
		if strings.Contains(read(line), "not carried out") {
			t.Errorf("a change that was made is told as refused: %s", read(line))
		}
	}
	w.line(card, "Confirmed by Alibaba Cloud", "<@"+mary+">")
	w.cardSays(event, "Running")
}

func TestAProxyThatRefusesLosesNoCard(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 2, Status: 403})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	w.cardSays(event, "No time reserved")
}

func TestACardThatCouldNotBePostedFollowsTheRoutes(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.KickBot(ops)
	event := w.announce(ecsstub.EventSpec{InstanceID: api01})
	w.poll()
	if _, err := w.slack.WaitCall(w.soon(), "chat.postMessage", func(c slackstub.Call) bool { return c.Error == "not_in_channel" }); err != nil {
		t.Fatal(err)
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.rest = web
	w.start()
	defer w.run(5 * time.Second)()
	if card := w.cardSays(event, "No time reserved"); card.Channel != web {
		t.Errorf("the card is in %s", card.Channel)
	}
}

func TestCredentialsThatAreNotAcceptedAreNoMissingPermission(t *testing.T) {
	w, event, card := announced(t, options{})
	w.cloud.SetSkew(20 * time.Minute)
	w.command(mary, web, tomorrow)
	got := read(w.cardSays(event, "clock is off"))
	if strings.Contains(got, "lacks the RAM action") {
		t.Errorf("the card blames a permission: %s", got)
	}
	w.line(card, "<@"+mary+">", "clock is off")
}

func TestABotThatIsStoppedWhileItStartsEndsInPeace(t *testing.T) {
	w := newWorld(t, options{noBot: true})
	w.slack.AddFault(slackstub.Fault{Method: "auth.test", Hang: true})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- bot.Run(ctx, bot.Options{Config: w.config(), Log: slog.New(slog.DiscardHandler), Clock: w.clock})
	}()
	if err := w.slack.Wait(w.soon(), "the fault to strike", func() bool { return len(w.slack.Faults()) == 0 }); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestMigrationsThatNoPollFollowsAnyMoreAreToldAtStart(t *testing.T) {
	w := newWorld(t, options{})
	event := w.announce(ecsstub.EventSpec{InstanceID: api01})
	w.poll()
	w.cardSays(event, "No time reserved")
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.regions = "cn-hangzhou"
	w.start()
	if log := w.logs.String(); !strings.Contains(log, `followed no longer`) || !strings.Contains(log, `"region":"cn-shanghai","migrations":1`) {
		t.Error("the log does not tell of cn-shanghai")
	}
}

// misfortunes are what may become of a call to Slack; the strange one is that
// the work is done and its caller never learns so.
func misfortunes() map[string]slackstub.Fault {
	return map[string]slackstub.Fault{
		"429 with Retry-After":         {Error: "ratelimited", Retry: 3},
		"ratelimited in a 200":         {Error: "ratelimited", Status: http.StatusOK},
		"rate_limited in a 200":        {Error: "rate_limited", Status: http.StatusOK},
		"500":                          {Status: http.StatusInternalServerError},
		"502":                          {Status: http.StatusBadGateway},
		"503":                          {Status: http.StatusServiceUnavailable},
		"503 although it was done":     {Status: http.StatusServiceUnavailable, AfterWork: true},
		"internal_error":               {Error: "internal_error"},
		"internal_error, yet done":     {Error: "internal_error", AfterWork: true},
		"fatal_error":                  {Error: "fatal_error"},
		"service_unavailable":          {Error: "service_unavailable"},
		"request_timeout, yet done":    {Error: "request_timeout", AfterWork: true},
		"cut off":                      {Drop: true},
		"cut off although it was done": {Drop: true, AfterWork: true},
	}
}

func TestNoMisfortuneOfSlackLosesOrRepeatsAMessage(t *testing.T) {
	for name, fault := range misfortunes() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{slack: slackstub.Options{Limits: slackstub.Limits{Off: true}}})
			for _, method := range []string{"chat.postMessage", "chat.update"} {
				f := fault
				f.Method, f.Times = method, 2
				w.slack.AddFault(f)
			}
			event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
			w.poll()
			defer w.run(100 * time.Millisecond)()
			w.cardSays(event, "No time reserved")
			w.command(mary, web, tomorrow)
			card := w.cardSays(event, "Confirmed")
			w.line(card, "Confirmed by Alibaba Cloud")
			if n := w.cards(event); n != 1 {
				t.Errorf("%d cards", n)
			}
			told := w.newsOf(card)
			if len(told) != 2 || !strings.Contains(told[0], "asked for") || !strings.Contains(told[1], "Confirmed by Alibaba Cloud") {
				t.Errorf("the thread tells %q", told)
			}
		})
	}
}

// newsOf are the lines of news in a card's thread, in order.
func (w *world) newsOf(card slackstub.Message) (all []string) {
	for _, m := range w.slack.Thread(card.Channel, card.TS) {
		if m.Metadata != nil && m.Metadata.EventType == "ecs_migration_news" && !m.Deleted {
			all = append(all, read(m))
		}
	}
	return all
}

func TestASlackThatHangsLosesAndRepeatsNothing(t *testing.T) {
	w := newWorld(t, options{})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Hang: true, AfterWork: true})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	w.cardSays(event, "No time reserved") // posted, though the bot was never told so
	defer w.run(100 * time.Millisecond)()
	w.command(mary, web, tomorrow)
	card := w.cardSays(event, "Confirmed")
	w.line(card, "Confirmed by Alibaba Cloud")
	if n := w.cards(event); n != 1 || len(w.newsOf(card)) != 2 {
		t.Errorf("%d cards, and the thread tells %q", n, w.newsOf(card))
	}
}

func TestAMessageThatIsTooLongIsShownAsText(t *testing.T) {
	for _, method := range []string{"chat.postMessage", "chat.update"} {
		for _, code := range []string{"msg_too_long", "msg_blocks_too_long"} {
			t.Run(method+"/"+code, func(t *testing.T) {
				w := newWorld(t, options{})
				w.slack.AddFault(slackstub.Fault{Method: method, Error: code})
				event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
				w.poll()
				w.cardOnce(event)
				w.command(mary, web, tomorrow)
				w.card(event, "was plain text once", func(m slackstub.Message) bool {
					return slices.ContainsFunc(m.Versions, func(v slackstub.Version) bool {
						return len(v.Blocks) == 0 && strings.Contains(v.Text, "web-01")
					})
				})
			})
		}
	}
}

// cardOnce waits until the card of an event stands, whatever it shows.
func (w *world) cardOnce(event string) {
	w.t.Helper()
	w.card(event, "stands", func(slackstub.Message) bool { return true })
}

func TestALineWhoseCardIsGoneBringsItBack(t *testing.T) {
	w, event, card := announced(t, options{})
	// The card is updated, and deleted before its line is posted.
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Error: "thread_not_found"})
	defer w.run(50 * time.Millisecond)()
	w.command(mary, web, tomorrow)
	fresh := w.card(event, "stands anew", func(m slackstub.Message) bool { return m.TS != card.TS })
	w.line(fresh, "Confirmed by Alibaba Cloud")
	lines := 0
	for _, m := range w.slack.Messages(web) {
		if isLine(m, event) {
			lines++
		}
	}
	if lines != 2 {
		t.Errorf("%d lines of news, want both", lines)
	}
	if !strings.Contains(read(fresh), "The former card was deleted") {
		t.Errorf("it does not say why it stands there: %s", read(fresh))
	}
}
