package ecs

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
)

func TestEachEndsAtTheFirstErrorAndSurvivesAPanic(t *testing.T) {
	boom := errors.New("boom")
	var begun atomic.Int32
	err := each(t.Context(), make([]int, 100), func(ctx context.Context, _ int) error {
		if begun.Add(1) == 1 {
			return boom
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if err != boom || begun.Load() > atOnce+1 {
		t.Errorf("%v, %d begun", err, begun.Load())
	}
	err = each(t.Context(), []int{1}, func(context.Context, int) error { panic("on purpose") })
	if err == nil || !strings.Contains(err.Error(), "on purpose") {
		t.Errorf("after a panic: %v", err)
	}
	done, stop := context.WithCancel(t.Context())
	stop()
	if err := each(done, []int{1}, func(context.Context, int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := each(t.Context(), []int{1, 2}, func(context.Context, int) error { return nil }); err != nil {
		t.Error(err)
	}
}
