package bot_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// admins names the admin channel.
const admins = "admin_channel: " + desk

func isNotice(m slackstub.Message) bool {
	return m.Metadata != nil && m.Metadata.EventType == "ecs_migrate_post" && strings.HasPrefix(fmt.Sprint(m.Metadata.EventPayload["post"]), "notice/")
}

// notices are the texts of the notices in a channel, the oldest first.
func (w *world) notices(channel string) (all []string) {
	for _, m := range w.slack.Messages(channel) {
		if isNotice(m) {
			all = append(all, m.Text)
		}
	}
	return all
}

// notice waits for a notice that holds all the words.
func (w *world) notice(channel string, words ...string) slackstub.Message {
	w.t.Helper()
	m, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return isNotice(m) && m.Channel == channel && containsAll(read(m), words)
	})
	if err != nil {
		w.t.Fatalf("no notice with %q: %v\ntold: %q", words, err, w.notices(channel))
	}
	return m
}

func TestARegionThatIsDownIsToldOnceByNameAndAgainWhenItHeals(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	fault := ecsstub.Fault{Kind: ecsstub.FaultFail, Region: "cn-hangzhou", Status: 403, Code: "OperationDenied", Message: "The region is closed."}
	down, err := w.cloud.Inject(fault)
	if err != nil {
		t.Fatal(err)
	}
	w.failing("cn-hangzhou")
	stop := w.run(50 * time.Millisecond)
	defer func() { stop() }()
	told := w.notice(desk, "prod", "cn-hangzhou", "cannot be looked at", "does not mean that there are none", "*Next:*")
	if strings.Contains(read(told), "cn-shanghai") {
		t.Errorf("a region that works is named: %s", read(told))
	}

	// A restart tells it to nobody again; neither does time.
	stop()
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(10 * time.Minute)
	w.start()
	stop = w.run(50 * time.Millisecond)
	w.waitPolled("cn-shanghai", 10)
	if n := len(w.notices(desk)); n != 1 {
		t.Fatalf("told %d times: %q", n, w.notices(desk))
	}

	w.cloud.ClearFault(down)
	w.notice(desk, "cn-hangzhou can be looked at again")
	past, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.TS == told.TS && strings.Contains(m.Text, "could not be looked at from")
	})
	if err != nil {
		t.Fatalf("the notice still stands as if it were not over: %v, %s", err, past.Text)
	}

	// What comes and goes fills no channel.
	if _, err = w.cloud.Inject(fault); err != nil {
		t.Fatal(err)
	}
	w.waitPolled("cn-shanghai", 10)
	if n := len(w.notices(desk)); n != 2 {
		t.Errorf("told %d times: %q", n, w.notices(desk))
	}
}

// failing moves the clock on until a poll of the region failed, and beyond the
// time for which that is told to nobody.
func (w *world) failing(region string) {
	w.t.Helper()
	w.clock.Advance(10 * time.Second)
	w.logged(`"msg":"the region cannot be looked at","account":"prod","region":"` + region)
	w.clock.Advance(5 * time.Minute)
}

// waitPolled waits for so many more polls of a region.
func (w *world) waitPolled(region string, n int) {
	w.t.Helper()
	polled := func() (n int) {
		for _, c := range w.cloud.Calls() {
			if c.Action == "DescribeInstanceHistoryEvents" && c.Region == region {
				n++
			}
		}
		return n
	}
	before := polled()
	_, err := w.cloud.WaitCall(w.soon(), func(ecsstub.Call) bool { return polled() >= before+n })
	if err != nil {
		w.t.Fatalf("%d polls of %s: %v", polled()-before, region, err)
	}
}

func TestOneFailedPollIsToldToNobody(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Region: "cn-hangzhou", Times: 2})
	stop := w.run(50 * time.Millisecond)
	defer stop()
	w.logged(`"msg":"the region cannot be looked at","account":"prod","region":"cn-hangzhou"`)
	w.logged(`"msg":"the region can be looked at again","account":"prod","region":"cn-hangzhou"`)
	w.waitPolled("cn-hangzhou", 3)
	if all := w.notices(desk); len(all) != 0 {
		t.Errorf("told %q", all)
	}
}

func TestEachTroubleOfTheCloudIsToldWithItsReasonAndNextStep(t *testing.T) {
	for name, c := range map[string]struct {
		trouble func(*world)
		words   []string
	}{
		"throttled": {func(w *world) { w.inject(ecsstub.Fault{Kind: ecsstub.FaultThrottle, Region: "cn-hangzhou"}) }, []string{"throttles cn-hangzhou", "Throttling", "poll less often"}},
		"malformed": {func(w *world) { w.inject(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Region: "cn-hangzhou"}) }, []string{"cannot be read", "proxy"}},
		"permission": {func(w *world) {
			w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Status: 403, Code: "Forbidden.RAM", Message: "User not authorized."})
		}, []string{"permission is missing for cn-hangzhou, cn-shanghai", "ecs:DescribeInstanceHistoryEvents", "README"}},
		"expired key": {func(w *world) {
			w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Status: 404, Code: "InvalidAccessKeyId.NotFound", Message: "Specified access key is not found."})
		}, []string{"does not accept the bot", "cn-hangzhou, cn-shanghai", "AccessKey", "renew"}},
		"clock off": {func(w *world) { w.cloud.SetSkew(20 * time.Minute) }, []string{"or its clock", "clock is off", "NTP"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{extra: admins})
			c.trouble(w)
			w.failing("cn-hangzhou")
			stop := w.run(50 * time.Millisecond)
			defer stop()
			w.notice(desk, c.words...)
			w.waitPolled("cn-shanghai", 5)
			if all := w.notices(desk); len(all) != 1 {
				t.Errorf("told %d times: %q", len(all), all)
			}
		})
	}
}

// garbledEvent is an event that cannot be read but for its id.
func garbledEvent(id string) string {
	return `{"EventId":"` + id + `","InstanceId":"i-1","EventType":{"Name":"SystemMaintenance.Reboot"},"EventCycleStatus":{"Name":"Scheduled"},"NotBefore":"soon"}`
}

// edited waits until a notice holds the words, and others no more.
func (w *world) edited(m slackstub.Message, with, without string) {
	w.t.Helper()
	if _, err := w.slack.WaitMessage(w.soon(), func(now slackstub.Message) bool {
		return now.TS == m.TS && strings.Contains(read(now), with) && !strings.Contains(read(now), without)
	}); err != nil {
		w.t.Fatalf("the notice does not say %q without %q: %v, told %q", with, without, err, w.notices(desk))
	}
}

func TestAFurtherEventThatCannotBeReadIsTold(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	unread := func(id string) (event string) {
		return w.announce(ecsstub.EventSpec{InstanceID: web01, Raw: garbledEvent(id)})
	}
	cancel := func(event string) {
		if err := w.cloud.Cancel(event); err != nil {
			t.Fatal(err)
		}
	}
	one := unread("e-one")
	defer w.run(50 * time.Millisecond)()
	first := w.notice(desk, "events of cn-hangzhou cannot be read", "e-one")
	w.clock.Advance(10 * time.Minute)
	two := unread("e-two")
	second := w.notice(desk, "events of cn-hangzhou cannot be read", "e-two")
	if strings.Contains(read(second), "e-one") || second.TS == first.TS {
		t.Errorf("what was told is told again: %s", read(second))
	}

	// One that comes right after is told there.
	three := unread("e-three")
	w.edited(second, "e-two (unreadable NotBefore), e-three", "e-one")
	cancel(two)
	w.edited(second, "e-three", "e-two")
	cancel(one)
	w.edited(first, "could not be read from", "cannot be read")
	w.waitPolled("cn-hangzhou", 3)
	if all := w.notices(desk); len(all) != 2 {
		t.Errorf("not all can be read again, told %q", all)
	}
	cancel(three)
	w.notice(desk, "all events of cn-hangzhou can be read again")
	w.edited(second, "could not be read from", "cannot be read")
	if all := w.notices(desk); len(all) != 3 {
		t.Errorf("told %q", all)
	}
}

// A poll that fails by chance ends no trouble that lasts, and begins none.
func TestOneFailedPollChangesNoNotice(t *testing.T) {
	for name, c := range map[string]struct {
		trouble func(*world)
		words   []string
	}{
		"an event that cannot be read": {
			func(w *world) { w.announce(ecsstub.EventSpec{InstanceID: web01, Raw: garbledEvent("e-when")}) },
			[]string{"events of cn-hangzhou cannot be read", "e-when"},
		},
		"no permission for facts": {
			func(w *world) {
				w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "DescribeInstances", Status: 403, Code: "Forbidden.RAM", Message: "User not authorized."})
				w.announce(ecsstub.EventSpec{InstanceID: web01})
			},
			[]string{"a permission is missing for cn-hangzhou", "ecs:DescribeInstances"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{extra: admins})
			c.trouble(w)
			defer w.run(50 * time.Millisecond)()
			told := w.notice(desk, c.words...)
			w.clock.Advance(40 * time.Minute)
			w.inject(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Action: "DescribeInstanceHistoryEvents", Region: "cn-hangzhou", Times: 1})
			w.waitPolled("cn-hangzhou", 5)
			w.edited(told, c.words[0], "could not")
			if all := w.notices(desk); len(all) != 1 {
				t.Errorf("told %q", all)
			}
		})
	}
}

func TestAnotherReasonIsToldOnceItLasts(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	fault := func(kind ecsstub.FaultKind, times int) int {
		id, err := w.cloud.Inject(ecsstub.Fault{Kind: kind, Region: "cn-hangzhou", Times: times, Status: 403, Code: "OperationDenied", Message: "Closed."})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	down := fault(ecsstub.FaultFail, 0)
	defer w.run(50 * time.Millisecond)()
	told := w.notice(desk, "cn-hangzhou cannot be looked at", "OperationDenied")
	w.clock.Advance(40 * time.Minute)
	fault(ecsstub.FaultGarbage, 1)
	again := fault(ecsstub.FaultFail, 0)
	w.cloud.ClearFault(down) // once it cannot be read, then it is as before
	w.waitPolled("cn-hangzhou", 5)
	w.edited(told, "cannot be looked at", "could not")
	if all := w.notices(desk); len(all) != 1 {
		t.Fatalf("told %q", all)
	}

	fault(ecsstub.FaultGarbage, 0)
	from := w.clock.Now()
	w.cloud.ClearFault(again)
	now := w.notice(desk, "what Alibaba Cloud tells of cn-hangzhou cannot be read")
	if since := w.dateIn(now); since.Before(from.Truncate(time.Minute)) {
		t.Errorf("it is told since %s, and is so since %s", since, from)
	}
	w.edited(told, "could not be looked at from", "cannot be looked at")
	if all := w.notices(desk); len(all) != 2 {
		t.Errorf("told %q", all)
	}
}

func TestARegionThatFailsForOneReasonOrAnotherIsTold(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	for range 60 {
		w.inject(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Region: "cn-hangzhou", Times: 1})
		w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Region: "cn-hangzhou", Times: 1, Status: 403, Code: "OperationDenied", Message: "Closed."})
	}
	defer w.run(200 * time.Millisecond)()
	w.notice(desk, "cn-hangzhou", "Events there are unknown")
	w.waitPolled("cn-hangzhou", 10)
	if all := w.notices(desk); len(all) != 1 {
		t.Errorf("told %q", all)
	}
}

// dateIn is the first date that a message shows.
func (w *world) dateIn(m slackstub.Message) time.Time {
	w.t.Helper()
	found := regexp.MustCompile(`<!date\^(\d+)\^`).FindStringSubmatch(read(m))
	if found == nil {
		w.t.Fatalf("no date in %s", read(m))
	}
	sec, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	return time.Unix(sec, 0)
}

func TestAnEventThatCannotBeReadIsToldByItsID(t *testing.T) {
	w := newWorld(t, options{extra: admins, listen: loopback})
	good := w.announce(ecsstub.EventSpec{InstanceID: web01})
	garbled := w.announce(ecsstub.EventSpec{InstanceID: web01, Raw: garbledEvent("e-when")})
	w.poll()
	w.cardSays(good, "No time reserved") // the others are told
	w.logged("events of the region cannot be read")
	w.clock.Advance(5 * time.Minute)
	stop := w.run(50 * time.Millisecond)
	defer stop()
	told := w.notice(desk, "events of cn-hangzhou cannot be read", "e-when (unreadable NotBefore)", "ECS console")
	if body := w.probe("/readyz"); !containsAll(body, []string{`"ready":false`, "could not read all events of prod/cn-hangzhou", "e-when"}) {
		t.Error(body)
	}
	if got := w.command(mary, web, "/ecs-migrate list"); !strings.Contains(got, "prod/cn-hangzhou (single events that cannot be read)") {
		t.Errorf("the list does not tell: %s", got)
	}
	w.waitPolled("cn-hangzhou", 5)
	if n := len(w.notices(desk)); n != 1 {
		t.Errorf("told %d times: %q", n, w.notices(desk))
	}

	if err := w.cloud.Cancel(garbled); err != nil { // and is not listed any more
		t.Fatal(err)
	}
	w.notice(desk, "all events of cn-hangzhou can be read again")
	if _, err := w.slack.WaitMessage(w.soon(), func(m slackstub.Message) bool {
		return m.TS == told.TS && strings.Contains(m.Text, "could not be read from")
	}); err != nil {
		t.Error(err)
	}
	if body := w.probe("/readyz"); strings.Contains(body, "could not read") {
		t.Error(body)
	}
}

func TestAListThatHidesWhatIsThereIsToldAsAMissingPermission(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	w.cardSays(event, "No time reserved")
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultHide, Action: "DescribeInstanceHistoryEvents", Region: "cn-hangzhou"})
	stop := w.run(50 * time.Millisecond)
	defer stop()
	w.notice(desk, "permission is missing for cn-hangzhou", "empty list", "tells of none of the events")
	w.cardSays(event, "No time reserved") // and nothing is resolved by it
}

func TestWithoutAnAdminChannelTheRegionsOwnChannelHearsOfIt(t *testing.T) {
	w := newWorld(t, options{})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Region: "cn-hangzhou"})
	stop := w.run(50 * time.Millisecond)
	defer stop()
	w.notice(ops, "cn-hangzhou", "cannot be read")
}

func TestARegionWhosePollHangsIsTold(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultHang, Region: "cn-hangzhou", Times: 1})
	if _, err := w.cloud.WaitStarted(w.soon(), func(c ecsstub.Call) bool { return c.Region == "cn-hangzhou" }); err != nil {
		t.Fatal(err)
	}
	stop := w.run(time.Second)
	defer stop()
	w.notice(desk, "cn-hangzhou was not looked at", "does not end")
}

func TestAChannelThatTakesNoMessagesIsToldToTheAdmins(t *testing.T) {
	for name, c := range map[string]struct {
		shut, open func(*slackstub.Server)
		code       string
	}{
		"not in the channel": {func(s *slackstub.Server) { s.KickBot(ops) }, func(s *slackstub.Server) { s.InviteBot(ops) }, "not_in_channel"},
		"unknown channel": {
			func(s *slackstub.Server) {
				s.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 1, Error: "channel_not_found"})
			}, func(*slackstub.Server) {}, "channel_not_found",
		},
		"archived": {
			func(s *slackstub.Server) {
				s.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 1, Error: "is_archived"})
			}, func(*slackstub.Server) {}, "is_archived",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{extra: admins})
			c.shut(w.slack)
			event := w.announce(ecsstub.EventSpec{InstanceID: api01})
			w.poll()
			w.notice(desk, "<#"+ops+">", c.code, "invite the bot")
			c.open(w.slack)
			defer w.run(5 * time.Second)()
			w.cardSays(event, "No time reserved")
			w.notice(desk, "can post into <#"+ops+"> again")
			if all := w.notices(desk); len(all) != 2 {
				t.Errorf("told %q", all)
			}
		})
	}
}

func TestNoEventsAndCouldNotLookAreToldApart(t *testing.T) {
	w := newWorld(t, options{extra: admins})
	w.poll()
	const none, unsure = "No migrations are open", "not every region could be looked at"
	if got := w.command(mary, web, "/ecs-migrate list"); !strings.Contains(got, none) || strings.Contains(got, "region") {
		t.Errorf("every region was looked at: %s", got)
	}
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Region: "cn-hangzhou"})
	w.failing("cn-hangzhou")
	got := w.command(mary, web, "/ecs-migrate list")
	if strings.Contains(got, none) || !containsAll(got, []string{unsure, "prod/cn-hangzhou"}) || strings.Contains(got, "cn-shanghai") {
		t.Errorf("one region cannot be looked at: %s", got)
	}
	if _, err := w.slack.OpenHome(mary); err != nil {
		t.Fatal(err)
	}
	if _, err := w.slack.WaitHome(w.soon(), mary, func(v slackstub.View) bool {
		return containsAll(v.JSON(), []string{unsure, "prod/cn-hangzhou"})
	}); err != nil {
		t.Error(err)
	}
}

func TestATokenThatIsRevokedWhileNothingIsPostedIsToldByTheProbe(t *testing.T) {
	w := newWorld(t, options{extra: admins, listen: loopback})
	revoked := w.slack.AddFault(slackstub.Fault{Method: "users.info", Times: -1, Error: "token_revoked"})
	w.command(mary, web, tomorrow) // and is refused: nobody knows who she is
	if body := w.probe("/readyz"); !strings.Contains(body, "Slack refuses the bot's token (token_revoked)") {
		t.Error(body)
	}
	if body := w.probe("/metrics"); !strings.Contains(body, "\necs_migrate_slack_token_accepted 0\n") {
		t.Error("the metrics do not tell it")
	}
	w.slack.RemoveFault(revoked)
	w.clock.Advance(time.Hour)
	w.command(mary, web, tomorrow)
	if body := w.probe("/readyz"); strings.Contains(body, "token") {
		t.Errorf("Slack takes the token again: %s", body)
	}
}

func TestATokenThatSlackRefusesInTheMiddleOfLifeIsToldByTheProbe(t *testing.T) {
	w := newWorld(t, options{extra: admins, listen: loopback})
	w.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Times: 2, Error: "invalid_auth"})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01})
	w.poll()
	w.logged("install the app again and set SLACK_BOT_TOKEN")
	if status, body := w.get("/readyz"); status != 503 || !strings.Contains(body, "Slack refuses the bot's token (invalid_auth)") {
		t.Errorf("%d %s", status, body)
	}
	w.clock.Advance(time.Minute)
	w.clock.Advance(time.Minute)
	defer w.run(time.Second)()
	card := w.cardSays(event, "No time reserved")
	w.command(mary, web, tomorrow)
	w.line(card, "<@"+mary+">")
	if _, body := w.get("/readyz"); strings.Contains(body, "token") {
		t.Errorf("Slack takes the token again: %s", body)
	}
}
