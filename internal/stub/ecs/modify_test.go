package ecs

import (
	"testing"
	"time"
)

// The rules: API reference, ModifySystemEventAttribute. The codes are invented.
func TestModifyRules(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	now, web := clock.Now(), "i-bp1web01classic0001"
	limit := now.Add(48 * time.Hour)
	announce(t, s, EventSpec{EventID: "e-1", InstanceID: web, NotBefore: limit})
	announce(t, s, EventSpec{EventID: "e-now", InstanceID: web, NotBefore: limit})
	announce(t, s, EventSpec{EventID: "e-asking", InstanceID: web, Status: Inquiring})
	announce(t, s, EventSpec{EventID: "e-running", InstanceID: web, Status: Executing, NotBefore: now})
	announce(t, s, EventSpec{EventID: "e-plan", InstanceID: web, Options: []string{"MigrationPlan"}})
	announce(t, s, EventSpec{EventID: "e-bill", InstanceID: web, Type: "InstanceExpiration.Stop"})
	announce(t, s, EventSpec{EventID: "e-hidden", InstanceID: web, NotBefore: limit, HideInitial: true})
	announce(t, s, EventSpec{EventID: "e-shanghai", Region: "cn-shanghai"})
	ok := stamp(now.Add(time.Hour))
	for name, tc := range map[string]struct {
		event, instance, at string
		status              int
		code                string
	}{
		"good":              {"e-1", web, ok, 0, ""},
		"now itself":        {"e-now", web, stamp(now), 0, ""},
		"the limit itself":  {"e-1", web, stamp(limit), 0, ""},
		"no event":          {"", web, ok, 400, "MissingParameter"},
		"no instance":       {"e-1", "", ok, 400, "MissingParameter"},
		"no time":           {"e-1", web, "", 400, "MissingParameter"},
		"no seconds":        {"e-1", web, "2024-05-02T00:00Z", 400, "InvalidNotBefore.Malformed"},
		"with an offset":    {"e-1", web, "2024-05-02T00:00:00+08:00", 400, "InvalidNotBefore.Malformed"},
		"no such day":       {"e-1", web, "2024-02-30T00:00:00Z", 400, "InvalidNotBefore.Malformed"},
		"past":              {"e-1", web, stamp(now.Add(-time.Second)), 400, "InvalidNotBefore.Past"},
		"after the limit":   {"e-1", web, stamp(limit.Add(time.Second)), 400, "InvalidNotBefore.ExceedInitial"},
		"limit not told":    {"e-hidden", web, stamp(limit.Add(time.Second)), 400, "InvalidNotBefore.ExceedInitial"},
		"unknown event":     {"e-none", web, ok, 404, "InvalidEventId.NotFound"},
		"another region's":  {"e-shanghai", "i-uf6api01vpc00000005", ok, 404, "InvalidEventId.NotFound"},
		"unknown instance":  {"e-1", "i-none", ok, 404, "InvalidInstanceId.NotFound"},
		"another instance":  {"e-1", "i-bp1db01classic00002", ok, 400, "InvalidInstanceId.EventMismatch"},
		"inquiring":         {"e-asking", web, ok, 403, "IncorrectEventStatus"},
		"executing":         {"e-running", web, ok, 403, "IncorrectEventStatus"},
		"by migration plan": {"e-plan", web, ok, 403, "OperationDenied.MigrationPlanOnly"},
		"billing":           {"e-bill", web, ok, 403, "OperationDenied.ModifyNotSupported"},
	} {
		t.Run(name, func(t *testing.T) {
			p := params{"EventId": tc.event, "InstanceId": tc.instance, "NotBefore": tc.at}
			if tc.code != "" {
				before, _ := s.Event(tc.event)
				c.refused("ModifySystemEventAttribute", p, tc.status, tc.code)
				if after, _ := s.Event(tc.event); !after.NotBefore.Equal(before.NotBefore) {
					t.Error("a refused change changed it")
				}
				return
			}
			c.must("ModifySystemEventAttribute", p)
			if e, _ := s.Event(tc.event); stamp(e.NotBefore) != tc.at || !e.InitialNotBefore.Equal(limit) {
				t.Errorf("%+v", e)
			}
		})
	}
}

// Source: API reference, AcceptInquiredSystemEvent, for the codes.
func TestAccept(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	no := false
	if err := s.AddInstance("", Instance{ID: "i-locked", Region: "cn-hangzhou", Locks: []string{"security"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddInstance("", Instance{ID: "i-starting", Region: "cn-hangzhou", Status: "Starting"}); err != nil {
		t.Fatal(err)
	}
	announce(t, s, EventSpec{EventID: "e-1", Status: Inquiring, Type: "SystemFailure.Redeploy"})
	announce(t, s, EventSpec{EventID: "e-at", Status: Inquiring, NotBefore: clock.Now().Add(5 * time.Hour)})
	announce(t, s, EventSpec{EventID: "e-cannot", Status: Inquiring, CanAccept: &no})
	announce(t, s, EventSpec{EventID: "e-planned"})
	announce(t, s, EventSpec{EventID: "e-locked", InstanceID: "i-locked", Status: Inquiring})
	announce(t, s, EventSpec{EventID: "e-starting", InstanceID: "i-starting", Status: Inquiring})

	c.refused("AcceptInquiredSystemEvent", nil, 400, "MissingParameter")
	c.refused("AcceptInquiredSystemEvent", params{"EventId": "e-none"}, 404, "InvalidEventId.NoInquiringEventFound")
	c.refused("AcceptInquiredSystemEvent", params{"EventId": "e-planned"}, 404, "InvalidEventId.NoInquiringEventFound")
	c.refused("AcceptInquiredSystemEvent", params{"EventId": "e-cannot"}, 403, "OperationDenied.AcceptNotSupported")
	c.refused("AcceptInquiredSystemEvent", params{"EventId": "e-locked"}, 403, "OperationConflict")
	c.refused("AcceptInquiredSystemEvent", params{"EventId": "e-starting"}, 400, "IncorrectInstanceStatus")

	c.must("AcceptInquiredSystemEvent", params{"EventId": "e-1"})
	if e, _ := s.Event("e-1"); e.Status != Scheduled || !e.NotBefore.Equal(clock.Now().Add(acceptedAfter)) || !e.InitialNotBefore.Equal(e.NotBefore) {
		t.Errorf("accepted: %+v", e)
	}
	c.refused("AcceptInquiredSystemEvent", params{"EventId": "e-1"}, 404, "InvalidEventId.NoInquiringEventFound")
	c.must("AcceptInquiredSystemEvent", params{"EventId": "e-at"})
	if e, _ := s.Event("e-at"); !e.NotBefore.Equal(clock.Now().Add(5 * time.Hour)) {
		t.Errorf("accepted with a time: %+v", e)
	}
	clock.advance(acceptedAfter)
	if e, _ := s.Event("e-1"); e.Status != Executing {
		t.Errorf("later: %+v", e)
	}
}
