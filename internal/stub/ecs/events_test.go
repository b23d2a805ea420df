package ecs

import (
	"net/netip"
	"testing"
	"time"
)

// A migration lives from its announcement to the change of its instance.
// Source: the migration notice, for what changes.
func TestMigrationLife(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	web := "i-bp1web01classic0001"
	id := announce(t, s, EventSpec{InstanceID: web, NotBefore: clock.Now().Add(48 * time.Hour)})
	look := func(statuses ...string) map[string]any {
		t.Helper()
		p := params{"EventId.1": id, "MaxResults": "100"}
		for i, st := range statuses {
			p["InstanceEventCycleStatus."+itoa(i+1)] = st
		}
		got := events(t, c.must("DescribeInstanceHistoryEvents", p))
		if len(got) != 1 {
			t.Fatalf("%v: %d events", statuses, len(got))
		}
		return got[0]
	}
	if e := look(Inquiring, Scheduled, Executing); status(e) != Scheduled || e["NotBefore"] != "2024-05-03T08:30:00Z" {
		t.Errorf("announced: %v", e)
	}
	c.must("ModifySystemEventAttribute", params{"EventId": id, "InstanceId": web, "NotBefore": "2024-05-01T18:30:00Z"})
	e := look(Scheduled)
	ext := e["ExtendedAttribute"].(map[string]any)
	if e["NotBefore"] != "2024-05-01T18:30:00Z" || ext["InitialNotBefore"] != "2024-05-03T08:30:00Z" {
		t.Errorf("modified: %v", e)
	}

	clock.advance(10 * time.Hour)
	if e = look(Executing); e["EventFinishTime"] != nil {
		t.Errorf("executing: %v", e)
	}
	before := describe(c, web)
	if before["InstanceNetworkType"] != "classic" || before["Status"] != Stopped || addresses(before, "InnerIpAddress")[0] != "10.80.1.11" {
		t.Errorf("instance while executing: %v", before)
	}
	clock.advance(15*time.Minute - time.Second)
	look(Executing)
	clock.advance(time.Second)
	if e = look(); status(e) != Executed || e["EventFinishTime"] != "2024-05-01T18:45:00Z" {
		t.Errorf("executed: %v", e)
	}
	after := describe(c, web)
	vpc := after["VpcAttributes"].(map[string]any)
	private := addresses(vpc, "PrivateIpAddress")
	if after["InstanceNetworkType"] != "vpc" || after["Status"] != Running || vpc["VpcId"] == "" || vpc["VSwitchId"] == "" || len(private) != 1 {
		t.Fatalf("instance after: %v", after)
	}
	if !netip.MustParsePrefix("172.16.0.0/16").Contains(netip.MustParseAddr(private[0])) || len(addresses(after, "InnerIpAddress")) != 0 {
		t.Errorf("private address: %v", private)
	}
	if got := addresses(after, "PublicIpAddress"); len(got) != 1 || got[0] != "121.40.1.11" {
		t.Errorf("the public address stays: %v", got)
	}
	if nics := list(t, after, "NetworkInterfaces", "NetworkInterface"); len(nics) != 1 || len(list(t, before, "NetworkInterfaces", "NetworkInterface")) != 2 {
		t.Errorf("the public interface goes: %v", nics)
	}
}

// Source: the migration notice: at 0 Mbit/s the public address is released.
func TestMigrationReleasesIdleAddress(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	id := announce(t, s, EventSpec{InstanceID: "i-bp1job01classic0003"})
	if err := s.Finish(id); err != nil {
		t.Fatal(err)
	}
	if in := describe(c, "i-bp1job01classic0003"); len(addresses(in, "PublicIpAddress")) != 0 || in["InstanceNetworkType"] != "vpc" {
		t.Errorf("%v", in)
	}
}

// Only a migration to VPC that succeeds changes the network.
func TestNetworkStays(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	for name, spec := range map[string]EventSpec{
		"failed":  {WillFail: true},
		"reboot":  {Type: "SystemMaintenance.Reboot"},
		"reasons": {ReasonCode: "HostMigration"},
	} {
		id := announce(t, s, spec)
		clock.advance(49 * time.Hour)
		e, ok := s.Event(id)
		if want := map[bool]string{true: Failed, false: Executed}[spec.WillFail]; !ok || e.Status != want {
			t.Errorf("%s: %+v", name, e)
		}
		if in := describe(c, "i-bp1web01classic0001"); in["InstanceNetworkType"] != "classic" || in["Status"] != Running {
			t.Errorf("%s: %v", name, in)
		}
	}
}

// What the cloud, or a person in the console, can do to an event.
func TestConsole(t *testing.T) {
	s, clock := start(t, Options{})
	open := func(status string) string { return announce(t, s, EventSpec{Status: status}) }
	later := clock.Now().Add(72 * time.Hour)
	for name, tc := range map[string]struct {
		from string
		do   func(string) error
		want string // "" is an error
	}{
		"move":              {Scheduled, func(id string) error { return s.Move(id, later) }, Scheduled},
		"move, executing":   {Executing, func(id string) error { return s.Move(id, later) }, ""},
		"accept":            {Inquiring, s.Accept, Scheduled},
		"accept, planned":   {Scheduled, s.Accept, ""},
		"run":               {Scheduled, s.Run, Executing},
		"run, inquiring":    {Inquiring, s.Run, Executing},
		"run twice":         {Executing, s.Run, ""},
		"finish":            {Executing, s.Finish, Executed},
		"finish, planned":   {Scheduled, s.Finish, Executed},
		"fail":              {Executing, s.Fail, Failed},
		"will fail":         {Scheduled, func(id string) error { return first(s.WillFail(id), s.Finish(id)) }, Failed},
		"cancel":            {Scheduled, s.Cancel, Canceled},
		"cancel, executing": {Executing, s.Cancel, Canceled},
		"avoid":             {Scheduled, s.Avoid, Avoided},
		"over":              {Scheduled, func(id string) error { return first(s.Cancel(id), s.Run(id)) }, ""},
		"unknown":           {Scheduled, func(string) error { return s.Run("e-none") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			id := open(tc.from)
			err := tc.do(id)
			if (err == nil) != (tc.want != "") {
				t.Fatalf("error %v, want %s", err, tc.want)
			}
			if e, _ := s.Event(id); err == nil && (e.Status != tc.want || finished(e.Status) == e.Finished.IsZero()) {
				t.Errorf("%+v, want %s", e, tc.want)
			}
		})
	}
	id := open(Scheduled)
	if err := s.Move(id, later); err != nil {
		t.Fatal(err)
	}
	if e, _ := s.Event(id); !e.NotBefore.Equal(later) || !e.InitialNotBefore.Equal(clock.Now().Add(48*time.Hour)) {
		t.Errorf("moved: %+v", e)
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestAnnounceRefusals(t *testing.T) {
	s, _ := start(t, Options{})
	announce(t, s, EventSpec{EventID: "e-1"})
	announce(t, s, EventSpec{InstanceID: "i-unknown", Account: "prod", Region: "cn-shanghai"}) // with its place it may be unknown
	for name, spec := range map[string]EventSpec{
		"taken id": {EventID: "e-1"}, "status": {Status: "Pending"}, "account": {Account: "nobody"},
		"region": {Region: "cn-nowhere"}, "instance": {InstanceID: "i-none"},
	} {
		if id, err := s.Announce(spec); err == nil {
			t.Errorf("%s: announced %s", name, id)
		}
	}
	if err := s.AddInstance("", Instance{ID: "i-bp1web01classic0001", Region: "cn-hangzhou"}); err == nil {
		t.Error("an instance id twice")
	}
	if err := s.AddInstance("nobody", Instance{ID: "i-x", Region: "cn-hangzhou"}); err == nil {
		t.Error("an unknown account")
	}
	if len(s.Events()) != 2 || len(s.Instances()) != 6 {
		t.Errorf("%d events, %d instances", len(s.Events()), len(s.Instances()))
	}
}

func describe(c *client, id string) map[string]any {
	c.t.Helper()
	got := list(c.t, c.must("DescribeInstances", params{"InstanceIds": `["` + id + `"]`}), "Instances", "Instance")
	if len(got) != 1 {
		c.t.Fatalf("%d instances", len(got))
	}
	return got[0]
}

func addresses(of map[string]any, name string) []string {
	var out []string
	for _, a := range of[name].(map[string]any)["IpAddress"].([]any) {
		out = append(out, a.(string))
	}
	return out
}
