package killtest

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

var soak = flag.Duration("soak", 15*time.Second, "how long TestSoak lasts")

// longEnough is from when on a soak tells whether anything grows: below that
// the process is still warming up.
const longEnough = 5 * time.Minute

// TestSoak lets people decide, look and read for a long time, while Slack and
// the cloud fail in every way that passes, each for a while. Then nothing may be
// lost or done twice, and the process may not have grown. One of them is an operator
// by a user group only, whom the bot refuses while Slack does not tell who is in it.
func TestSoak(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, slackstub.Limits{Off: true}, 12, func(r *rand.Rand) time.Duration {
		return time.Duration(r.IntN(3000)) * time.Millisecond
	})
	c.luck = true
	w, luck := c.world, rand.New(rand.NewPCG(c.plan, 0))
	member := c.byGroup()
	w.slack.AddFault(slackstub.Fault{Method: membersOf, Error: "internal_error"})
	w.start()
	reading, closing := context.WithCancel(t.Context())
	defer closing()
	c.people.Go(func() { c.look(reading, rand.New(rand.NewPCG(c.plan, 1000))) })
	samples, struck := c.weather(luck, *soak)
	closing()
	c.goHome()
	w.slack.ClearFaults()
	w.cloud.ClearFault(0)
	w.settle() // what was asked for last is answered
	c.groupDecides(member)
	w.settle()
	last, err := w.sample()
	if err != nil {
		t.Fatal(err)
	}
	w.quit()
	w.audit()
	t.Logf("%v, %d pieces of bad luck, %d decisions, %d messages, at the end %s",
		*soak, struck, len(w.book.all), len(w.slack.Messages("")), last)
	if *soak >= longEnough {
		flat(t, samples)
	}
}

// group makes operators of its members, whom Slack tells by membersOf.
const (
	group     = "S0000000099"
	membersOf = "usergroups.users.list"
)

// byGroup gives the roles to the people of the crowd by name, but for the first,
// who is in the group.
func (c *crowd) byGroup() (member string) {
	c.t.Helper()
	member = decider(0)
	operators := []string{group}
	var admins []string
	for i := range len(c.event) {
		switch {
		case inquires(i):
			admins = append(admins, decider(i))
		case i > 0:
			operators = append(operators, decider(i))
		}
	}
	c.slack.AddGroup(slackstub.UserGroup{ID: group, Handle: "on-call", Users: []string{member}})
	c.roles = fmt.Sprintf("operator: [%s], admin: [%s]", strings.Join(operators, ", "), strings.Join(admins, ", "))
	c.configure()
	return member
}

// groupDecides: whoever is in the group may decide, now that Slack tells again who
// is in it, and whoever is not may not. In a long soak they did meanwhile, too.
func (c *crowd) groupDecides(member string) {
	c.t.Helper()
	event := c.event[crowded(0)]
	counts := func(d decision) bool { return d.by == member && d.answer == yes }
	if *soak >= longEnough && !slices.ContainsFunc(c.book.of(event), counts) {
		c.t.Errorf("nothing counted of what %s decided: %v", member, c.book.of(event))
	}
	at := inFiveHours().Add(24 * time.Hour)
	card, err := c.card(c.soon(), event, "")
	if err != nil {
		c.t.Fatal(err)
	}
	line := fmt.Sprintf("/ecs-migrate reschedule %s %s UTC", event, at.Format("2006-01-02 15:04"))
	if r, err := c.slack.Command(mary, card.Channel, line); err != nil || r.Message == nil || !strings.Contains(r.Message.Text, "operator* role, which you do not have") {
		c.t.Errorf("who is not in %s is answered %+v, %v", group, r, err)
	}
	if got, err := c.choose(c.soon(), member, "reschedule", event, at); got != yes || err != nil {
		c.t.Errorf("%s is answered %q, %v; want a yes", member, got, err)
	}
}

// weather brings bad luck for as long as it lasts, and samples the process.
func (c *crowd) weather(r *rand.Rand, lasts time.Duration) (samples []usage, struck int) {
	c.t.Helper()
	over := time.After(lasts)
	sampling := time.NewTicker(max(lasts/200, time.Second))
	defer sampling.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-over:
			return samples, struck
		case <-c.life().ended:
			c.t.Error("the bot ended by itself")
			return samples, struck
		case <-sampling.C:
			if s, err := c.sample(); err == nil {
				samples = append(samples, s)
			} else {
				c.t.Errorf("reading the metrics: %v", err)
			}
		case <-next.C:
			c.badLuck(r)
			struck++
			next.Reset(time.Duration(200+r.IntN(1800)) * time.Millisecond)
		}
	}
}

// methods are those that may fail without hiding from people what counted.
var methods = []string{"chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "users.info", "views.open", "views.update", "views.publish", "apps.connections.open"}

// badLuck is one thing that goes wrong and passes.
func (c *crowd) badLuck(r *rand.Rand) {
	// Luck that has yet to strike must not pile up into an outage without end.
	slackFault := func(f slackstub.Fault) {
		if len(c.slack.Faults()) > 2 {
			return
		}
		f.Method = methods[r.IntN(len(methods))]
		f.Times = 1 + r.IntN(3)
		c.slack.AddFault(f)
	}
	cloudFault := func(f ecsstub.Fault) {
		if len(c.cloud.Faults()) > 0 {
			return
		}
		f.Times = 1 + r.IntN(3)
		if _, err := c.cloud.Inject(f); err != nil {
			c.t.Error(err)
		}
	}
	after := r.IntN(2) == 0
	switch r.IntN(14) {
	case 0:
		slackFault(slackstub.Fault{Error: "ratelimited", Retry: 1})
	case 1:
		slackFault(slackstub.Fault{Status: 503, AfterWork: after})
	case 2:
		slackFault(slackstub.Fault{Drop: true, AfterWork: after})
	case 3:
		slackFault(slackstub.Fault{Error: "internal_error", AfterWork: after})
	case 4:
		slackFault(slackstub.Fault{Delay: time.Duration(r.IntN(1500)) * time.Millisecond})
	case 5:
		c.slack.AddFault(slackstub.Fault{Method: "chat.postMessage", Hang: true, AfterWork: after})
	case 6:
		c.slack.Disconnect("warning")
	case 7:
		c.slack.Disconnect("refresh_requested")
	case 8:
		c.slack.CutSockets()
	case 9:
		cloudFault(ecsstub.Fault{Kind: ecsstub.FaultThrottle})
	case 10:
		cloudFault(ecsstub.Fault{Kind: ecsstub.FaultDown})
	case 11:
		cloudFault(ecsstub.Fault{Kind: ecsstub.FaultCut, AfterWork: after})
	case 12:
		cloudFault(ecsstub.Fault{Kind: ecsstub.FaultTruncate, AfterWork: true})
	case 13:
		cloudFault(ecsstub.Fault{Kind: ecsstub.FaultGarbage, Action: "DescribeInstanceHistoryEvents", Body: `{"InstanceSystemEventSet":`})
	}
}

// look is somebody who reads: lists, single migrations and the Home tab.
func (c *crowd) look(ctx context.Context, r *rand.Rand) {
	events := make([]string, 0, len(c.event))
	for _, e := range c.event {
		events = append(events, e)
	}
	slices.Sort(events)
	var card slackstub.Message
	if err := c.slack.Wait(ctx, "a channel to look in", func() bool {
		all := c.slack.Messages("")
		if len(all) > 0 {
			card = all[0]
		}
		return len(all) > 0
	}); err != nil {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(300 * time.Millisecond):
		}
		// Slack may be away at the moment: what people read then is not the point.
		switch r.IntN(3) {
		case 0:
			_, _ = c.slack.Command(mary, card.Channel, "/ecs-migrate list")
		case 1:
			_, _ = c.slack.Command(mary, card.Channel, "/ecs-migrate show "+events[r.IntN(len(events))])
		default:
			_, _ = c.slack.OpenHome(mary)
		}
	}
}

// usage is what the process needs at one moment.
type usage struct{ memory, files, goroutines float64 }

func (u usage) String() string {
	return fmt.Sprintf("%.1f MiB resident, %.0f file descriptors, %.0f goroutines", u.memory/(1<<20), u.files, u.goroutines)
}

// sample reads the process's own metrics.
func (w *world) sample() (usage, error) {
	p := w.life()
	<-p.ready
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.probes+"/metrics", nil)
	if err != nil {
		return usage{}, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return usage{}, err
	}
	defer answer.Body.Close()
	var u usage
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		to := map[string]*float64{"process_resident_memory_bytes": &u.memory, "process_open_fds": &u.files, "go_goroutines": &u.goroutines}[name]
		if to == nil {
			continue
		}
		if *to, err = strconv.ParseFloat(value, 64); err != nil {
			return u, err
		}
	}
	if u.memory == 0 || u.files == 0 || u.goroutines == 0 {
		return u, fmt.Errorf("the metrics tell %+v", u)
	}
	return u, nil
}

// flat compares the second quarter of the samples with the last one: medians,
// so that a moment's bad luck does not count.
func flat(t *testing.T, samples []usage) {
	t.Helper()
	n := len(samples)
	early, late := samples[n/4:n/2], samples[3*n/4:]
	for name, c := range map[string]struct {
		of    func(usage) float64
		spare float64 // what counts as flat on top of a quarter
	}{
		"resident memory":  {func(u usage) float64 { return u.memory }, 8 << 20},
		"file descriptors": {func(u usage) float64 { return u.files }, 4},
		"goroutines":       {func(u usage) float64 { return u.goroutines }, 8},
	} {
		before, after := median(early, c.of), median(late, c.of)
		t.Logf("%s: %.0f in the second quarter, %.0f in the last", name, before, after)
		if after > before*1.25+c.spare {
			t.Errorf("%s grows: %.0f in the second quarter, %.0f in the last", name, before, after)
		}
	}
}

func median(all []usage, of func(usage) float64) float64 {
	values := make([]float64, len(all))
	for i, u := range all {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
