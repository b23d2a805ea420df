package ecs_test

import (
	"sync"
	"testing"

	"ecs-migrate/internal/ecs"
	stub "ecs-migrate/internal/stub/ecs"
)

// Each exchange is told when it has ended, those that are repeated too.
func TestExchangesAreTold(t *testing.T) {
	var mu sync.Mutex
	var told []ecs.Exchange
	w := newWorld(t, quick(ecs.Options{Seen: func(e ecs.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, e)
	}}))
	w.inject(stub.Fault{Kind: stub.FaultThrottle, Action: "DescribeInstances", Times: 1})
	w.inject(stub.Fault{Kind: stub.FaultFail, Action: "AcceptInquiredSystemEvent", Status: 403, Code: "Forbidden.RAM"})
	if _, err := w.ecs.Instances(t.Context(), hangzhou, []string{web}); err != nil {
		t.Fatal(err)
	}
	if err := w.ecs.Accept(t.Context(), hangzhou, "e-1"); err == nil {
		t.Fatal("authorised without the permission")
	}
	want := []struct{ action, outcome string }{
		{"ecs:DescribeInstances", "throttled"}, {"ecs:DescribeInstances", "ok"}, {"ecs:AcceptInquiredSystemEvent", "not_allowed"},
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) != len(want) {
		t.Fatalf("told of %+v", told)
	}
	for i, e := range told {
		if e.Account != "prod" || e.Region != hangzhou || e.Action != want[i].action || e.Outcome != want[i].outcome || e.Took <= 0 {
			t.Errorf("exchange %d: %+v, want %+v", i, e, want[i])
		}
	}
}
