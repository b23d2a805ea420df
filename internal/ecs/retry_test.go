package ecs_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

func TestAReadIsTriedAgain(t *testing.T) {
	for name, fault := range map[string]stub.Fault{
		"throttled":        {Kind: stub.FaultThrottle},
		"throttled by API": {Kind: stub.FaultThrottle, Code: "Throttling.Api"},
		"down":             {Kind: stub.FaultDown},
		"an inner error":   {Kind: stub.FaultFail},
		"hanging":          {Kind: stub.FaultHang},
		"cut":              {Kind: stub.FaultCut},
		"truncated":        {Kind: stub.FaultTruncate},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, ecs.Options{ReadTimeout: 200 * time.Millisecond, Tries: 3})
			w.announce(stub.EventSpec{})
			fault.Times = 2
			w.inject(fault)
			pages, err := pending(t.Context(), w.ecs, hangzhou)
			if err != nil || len(pages) != 1 || len(pages[0]) != 1 {
				t.Fatalf("got %v, %v", pages, err)
			}
			fault.Times = 3
			w.inject(fault)
			_, err = pending(t.Context(), w.ecs, hangzhou)
			if e := cloudError(t, err); e.Kind != migration.CloudFailing {
				t.Errorf("after every try: %v", err)
			}
			if n := len(w.requests("DescribeInstanceHistoryEvents")); n != 6 {
				t.Errorf("%d calls, want 3 and 3", n)
			}
		})
	}
}

func TestNoRetryBeginsAfterItsTime(t *testing.T) {
	w := newWorld(t, ecs.Options{Tries: 100, RetryWait: time.Hour, RetryTime: time.Minute})
	w.inject(stub.Fault{Kind: stub.FaultThrottle})
	_, err := pending(t.Context(), w.ecs, hangzhou)
	if e := cloudError(t, err); e.Kind != migration.CloudFailing || e.Code != "Throttling.User" {
		t.Errorf("got %v", err)
	}
	if n := len(w.requests("DescribeInstanceHistoryEvents")); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestCallsSideBySideAreBounded(t *testing.T) {
	w := newWorld(t, ecs.Options{Concurrency: 3})
	w.cloud.SetLatency(5 * time.Millisecond)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			var err error
			if i%2 == 0 {
				_, err = pending(t.Context(), w.ecs, hangzhou)
			} else {
				_, err = w.ecs.Instances(t.Context(), "cn-shanghai", []string{fmt.Sprint("i-", i)})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if peak := w.cloud.Peak(); peak > 3 {
		t.Errorf("%d calls were under way at once, want at most 3", peak)
	}
}
