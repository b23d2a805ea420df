package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// A notice is what the page asks the cloud to announce. Its zero value is a
// migration of a classic instance in three days.
type notice struct {
	Type      string `json:"type"`
	Network   string `json:"network"` // classic or vpc
	Plan      bool   `json:"plan"`    // only the console's migration plan can move it
	Inquiring bool   `json:"inquiring"`
	Count     int    `json:"count"`
	Region    string `json:"region"`
	Name      string `json:"name"` // of a new instance; "" takes one that has no open event
	In        string `json:"in"`
}

// mostAtOnce is how many migrations one notice may be about.
const mostAtOnce = 100

// announced is what came of a notice.
type announced struct {
	Events    []string `json:"events"`
	Instances []string `json:"instances"`
}

// announce lets the cloud announce it, and the bot see it.
func (g *playground) announce(ctx context.Context, n notice) (announced, error) {
	spec, err := n.spec(g.clock.Now())
	if err != nil {
		return announced{}, err
	}
	out := announced{Events: []string{}, Instances: []string{}}
	for i := range n.Count {
		if spec.InstanceID, err = g.instanceFor(n, i); err != nil {
			return out, err
		}
		spec.Region = n.Region
		id, err := g.cloud.Announce(spec)
		if err != nil {
			return out, err
		}
		out.Events, out.Instances = append(out.Events, id), append(out.Instances, spec.InstanceID)
	}
	g.look(ctx)
	return out, nil
}

// spec checks the notice, fills in what was left out, and gives what the cloud
// will say, but for the instance.
func (n *notice) spec(now time.Time) (ecsstub.EventSpec, error) {
	for field, value := range map[*string]string{&n.Type: ecsstub.TypeMigrate, &n.Network: "classic", &n.Region: regions()[0], &n.In: "72h"} {
		if *field == "" {
			*field = value
		}
	}
	if n.Count == 0 {
		n.Count = 1
	}
	ahead, err := time.ParseDuration(n.In)
	switch {
	case err != nil || ahead <= 0 || ahead > longestMove:
		return ecsstub.EventSpec{}, fmt.Errorf("in: %q is no time ahead: write it as in 72h", n.In)
	case !slices.Contains(eventTypes(), n.Type):
		return ecsstub.EventSpec{}, fmt.Errorf("type: the page announces no %q", n.Type)
	case n.Network != "classic" && n.Network != "vpc":
		return ecsstub.EventSpec{}, fmt.Errorf("network: %q is neither classic nor vpc", n.Network)
	case !slices.Contains(regions(), n.Region):
		return ecsstub.EventSpec{}, fmt.Errorf("region: %q is none of %v", n.Region, regions())
	case n.Count < 1 || n.Count > mostAtOnce:
		return ecsstub.EventSpec{}, fmt.Errorf("count: %d is not from 1 to %d", n.Count, mostAtOnce)
	case len(n.Name) > 512:
		return ecsstub.EventSpec{}, errors.New("name: it is longer than an instance's may be")
	}
	spec := ecsstub.EventSpec{Type: n.Type, NotBefore: now.Add(ahead)}
	if n.Plan {
		spec.Options = []string{"MigrationPlan"}
	}
	if n.Inquiring {
		spec.Status, spec.NotBefore = ecsstub.Inquiring, time.Time{}
	}
	if n.Network == "vpc" {
		spec.ReasonCode = "HostUpgrade" // nothing moves to a VPC that is in one
	}
	return spec, nil
}

// instanceFor is an instance of the notice's kind without an open event: one
// there is, or a new one.
func (g *playground) instanceFor(n notice, number int) (string, error) {
	classic := n.Network == "classic"
	open := map[string]bool{}
	for _, e := range g.cloud.Events() {
		switch e.Status {
		case ecsstub.Inquiring, ecsstub.Scheduled, ecsstub.Executing:
			open[e.InstanceID] = true
		}
	}
	all := g.cloud.Instances()
	if n.Name == "" {
		for _, in := range all {
			if in.Region == n.Region && in.Classic == classic && !open[in.ID] {
				return in.ID, nil
			}
		}
	}
	in := ecsstub.Instance{
		ID: fmt.Sprintf("i-new%06d", len(all)+1), Name: n.Name, Region: n.Region, Zone: n.Region + "-h", Classic: classic,
		PublicIP: fmt.Sprintf("198.51.100.%d", 20+len(all)%200), Bandwidth: 5,
		Tags:  map[string]string{"team": "web", "owner": cast()[0].Name},
		Disks: []ecsstub.Disk{{Type: "system", SizeGiB: 40}, {SizeGiB: 100}},
	}
	switch {
	case n.Name == "":
		in.Name = fmt.Sprintf("fleet-%03d", len(all)+1)
	case n.Count > 1:
		in.Name = fmt.Sprintf("%s-%d", n.Name, number+1)
	}
	return in.ID, g.cloud.AddInstance("", in)
}

// A steering is what the page does to an event, as the cloud or as a person in
// the console.
type steering struct {
	Event string    `json:"event_id"`
	Do    string    `json:"do"`
	At    time.Time `json:"at"`
	In    string    `json:"in"`
}

// steer does it and lets the bot see it.
func (g *playground) steer(ctx context.Context, s steering) (ecsstub.Event, error) {
	if s.In != "" {
		ahead, err := time.ParseDuration(s.In)
		if err != nil {
			return ecsstub.Event{}, fmt.Errorf("in: %q is no time ahead: write it as in 2h", s.In)
		}
		s.At = g.clock.Now().Add(ahead)
	}
	do := map[string]func(string) error{
		"move": func(id string) error {
			if s.At.IsZero() {
				return errors.New(`move needs "at" or "in"`)
			}
			return g.cloud.Move(id, s.At)
		},
		"cancel": g.cloud.Cancel, "fail": g.cloud.Fail, "will_fail": g.cloud.WillFail, "execute": g.cloud.Run,
		"finish": g.cloud.Finish, "accept": g.cloud.Accept, "avoid": g.cloud.Avoid,
	}[s.Do]
	if do == nil {
		return ecsstub.Event{}, fmt.Errorf("do: an event cannot be made to %q", s.Do)
	}
	if err := do(s.Event); err != nil {
		return ecsstub.Event{}, err
	}
	g.look(ctx)
	e, _ := g.cloud.Event(s.Event)
	return e, nil
}

// A fault is bad luck that the page can turn on and off.
type fault struct {
	What       string `json:"what"`
	On         bool   `json:"on"`
	Region     string `json:"region,omitempty"`
	Permission string `json:"permission,omitempty"`

	cloud, slack int // the stubs' numbers of it
}

// same tells whether two are about the same thing.
func (f fault) same(o fault) bool {
	return f.What == o.What && f.Region == o.Region && f.Permission == o.Permission
}

// hidden is the permission that is taken away where none is named.
const hidden = "ecs:DescribeInstanceHistoryEvents"

// permissions are those that the bot needs, by its documents.
func permissions() []string {
	return []string{hidden, "ecs:DescribeInstances", "ecs:DescribeDisks", "ecs:DescribeSnapshots", "ecs:ModifySystemEventAttribute", "ecs:AcceptInquiredSystemEvent"}
}

// turn turns bad luck on or off, and lets the bot meet it.
func (g *playground) turn(ctx context.Context, f fault) ([]fault, error) {
	if f.What == "permission_hidden" && f.Permission == "" {
		f.Permission = hidden
	}
	if f.What == "region_down" && f.Region == "" {
		f.Region = regions()[0]
	}
	if f.What == "socket_drop" {
		g.slack.CutSockets()
		return g.turned(), nil
	}
	if err := g.turnOne(f); err != nil {
		return nil, err
	}
	g.touch()
	g.look(ctx)
	return g.turned(), nil
}

// turnOne changes one fault where that is another state than it has.
func (g *playground) turnOne(f fault) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.IndexFunc(g.faults, f.same)
	switch {
	case f.On && at < 0:
		if err := g.strike(&f); err != nil {
			return err
		}
		g.faults = append(g.faults, f)
	case !f.On && at >= 0:
		old := g.faults[at]
		g.faults = slices.Delete(g.faults, at, at+1)
		return g.relieve(old)
	}
	return nil
}

// strike plants a fault in a stub.
func (g *playground) strike(f *fault) (err error) {
	inCloud := func(c ecsstub.Fault) { f.cloud, err = g.cloud.Inject(c) }
	inSlack := func(s slackstub.Fault) { s.Times = -1; f.slack = g.slack.AddFault(s) }
	switch f.What {
	case "throttle":
		inCloud(ecsstub.Fault{Kind: ecsstub.FaultThrottle})
	case "region_down":
		if !slices.Contains(regions(), f.Region) {
			return fmt.Errorf("region: %q is none of %v", f.Region, regions())
		}
		inCloud(ecsstub.Fault{Kind: ecsstub.FaultDown, Region: f.Region})
	case "permission_hidden":
		if !slices.Contains(permissions(), f.Permission) {
			return fmt.Errorf("permission: %q is none of %v", f.Permission, permissions())
		}
		return g.cloud.Deny(ecsstub.DefaultKeyID, f.Permission)
	case "modify_refused":
		inCloud(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "ModifySystemEventAttribute", Status: http.StatusForbidden, Code: "OperationConflict", Message: "The operation conflicts with another one."})
	case "cloud_slow":
		inCloud(ecsstub.Fault{Kind: ecsstub.FaultDelay, Delay: 2 * time.Second})
	case "slack_429":
		inSlack(slackstub.Fault{Method: "chat.postMessage", Error: "ratelimited", Retry: 5})
	case "slack_5xx":
		inSlack(slackstub.Fault{Method: "chat.postMessage", Status: http.StatusServiceUnavailable})
	case "slack_slow":
		inSlack(slackstub.Fault{Method: "*", Delay: 2 * time.Second})
	default:
		return fmt.Errorf("what: there is no fault %q", f.What)
	}
	return err
}

func (g *playground) relieve(f fault) error {
	switch {
	case f.cloud != 0:
		g.cloud.ClearFault(f.cloud)
	case f.slack != 0:
		g.slack.RemoveFault(f.slack)
	default:
		return g.cloud.Allow(ecsstub.DefaultKeyID, f.Permission)
	}
	return nil
}

// turned are the faults that are on.
func (g *playground) turned() []fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]fault{}, g.faults...)
}

// errNoSuchDeed is what the page may not ask of the bot's process.
var errNoSuchDeed = errors.New("do: the bot can be killed, stopped, started and restarted")

// command kills, stops or starts the bot. language, where given, is what it
// speaks in channels from then on.
func (g *playground) command(ctx context.Context, do, language string) error {
	starts := do == "start" || do == "restart"
	if language != "" && (!starts || language != englishLang && language != chineseLang) {
		return fmt.Errorf("language: %q is neither %s nor %s, or is not for %q", language, englishLang, chineseLang, do)
	}
	switch do {
	case "kill":
		g.bot.kill()
	case "stop":
		g.bot.stop()
	case "restart":
		g.bot.stop()
	case "start":
	default:
		return errNoSuchDeed
	}
	if !starts {
		return nil
	}
	if language != "" {
		g.mu.Lock()
		g.language = language
		g.mu.Unlock()
	}
	return g.start(ctx)
}
