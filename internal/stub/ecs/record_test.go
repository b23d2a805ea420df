package ecs

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// Everything asked is kept, but no key, signature or token.
func TestRecord(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	c.must("DescribeInstances", params{"InstanceName": "web*"})
	c.refused("DescribeDisks", params{"RegionId": "cn-nowhere"}, 404, "InvalidRegionId.NotFound")
	get(t, s, common(nil))
	calls := s.Calls()
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	first := calls[0]
	if first.Action != "DescribeInstances" || first.Status != 200 || first.Region != "cn-hangzhou" || first.Account != DefaultAccountID ||
		first.RAMAction != "ecs:DescribeInstances" || first.Params["InstanceName"] != "web*" || first.RequestID == "" || first.Method != "POST" {
		t.Errorf("%+v", first)
	}
	if calls[1].Status != 404 || calls[1].Code != "InvalidRegionId.NotFound" || calls[2].Code != "MissingSignature" || calls[2].Account != "" {
		t.Errorf("%+v", calls[1:])
	}
	for _, call := range calls {
		if strings.Contains(call.Key, DefaultKeyID) || !strings.HasPrefix(call.Key, "LTAI") || call.Params["Signature"]+call.Params["AccessKeyId"] != "" {
			t.Errorf("kept: %+v", call)
		}
	}
	if got := s.Counts(); got["DescribeInstances"] != 1 || got["DescribeDisks"] != 1 || got["DescribeRegions"] != 1 {
		t.Errorf("%v", got)
	}
	s.ResetCounts()
	if len(s.Counts()) != 0 || s.Peak() != 0 || len(s.Calls()) != 3 {
		t.Error("counts start again, the record stays")
	}
}

func TestWaitCall(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	done := make(chan Call, 1)
	go func() {
		call, err := s.WaitCall(context.Background(), func(c Call) bool { return c.Action == "DescribeDisks" })
		if err != nil {
			t.Error(err)
		}
		done <- call
	}()
	c.must("DescribeInstances", nil)
	c.must("DescribeDisks", nil)
	call := <-done
	if call.Action != "DescribeDisks" {
		t.Errorf("%+v", call)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.WaitCallAfter(ctx, call.Seq, func(Call) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing came after: %v", err)
	}
	if _, err := s.WaitStarted(ctx, func(Call) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing is under way: %v", err)
	}
}

func TestPeak(t *testing.T) {
	s, _ := start(t, Options{})
	inject(t, s, Fault{Kind: FaultHang, Action: "DescribeInstances"})
	var all sync.WaitGroup
	for range 3 {
		c := newClient(t, s)
		all.Go(func() {
			if _, err := c.call("DescribeInstances", nil); err == nil {
				t.Error("answered")
			}
		})
	}
	if _, err := s.WaitStarted(t.Context(), func(c Call) bool { return c.Concurrent == 3 }); err != nil {
		t.Fatal(err)
	}
	s.Close()
	all.Wait()
	if s.Peak() != 3 {
		t.Errorf("peak %d", s.Peak())
	}
}

// The record is bounded, and its numbers go on.
func TestRecordIsBounded(t *testing.T) {
	r := newRecord(10)
	for range 95 {
		r.event(time.Unix(0, 0), Event{})
	}
	entries, _ := r.after(0)
	if len(entries) < 10 || len(entries) >= 20 || entries[len(entries)-1].Seq != 95 {
		t.Errorf("%d entries", len(entries))
	}
	if rest, _ := r.after(93); len(rest) != 2 || rest[0].Seq != 94 {
		t.Errorf("%+v", rest)
	}
}
