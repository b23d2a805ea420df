package ecs

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnOverloadedRegionIsHeldBackAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{slots: make(chan struct{}, 2), paces: map[string]*pace{}}
		begun := time.Now()
		c.pace("slow").hold(time.Minute)
		c.pace("slow").hold(time.Second) // no shorter for it
		entered := make(chan string, 8)
		for range 3 {
			go func() {
				leave, err := c.enter(t.Context(), "slow")
				if err != nil {
					t.Error(err)
					return
				}
				entered <- "slow"
				leave()
			}()
		}
		synctest.Wait()
		leave, err := c.enter(t.Context(), "fast")
		if err != nil || time.Since(begun) != 0 {
			t.Errorf("the other region waited %v: %v", time.Since(begun), err)
		}
		leave()
		for range 3 {
			<-entered
		}
		if d := time.Since(begun); d != time.Minute {
			t.Errorf("the region was held back for %v, want a minute", d)
		}
		if len(c.slots) != 0 {
			t.Errorf("%d slots are still taken", len(c.slots))
		}
	})
}

func TestThrottlingSlowsTheWholeAccountDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{slots: make(chan struct{}, 2), paces: map[string]*pace{}}
		begun := time.Now()
		c.slowDown("cn-hangzhou", &failure{throttled: true}, 2*time.Second)
		c.slowDown("cn-shanghai", &failure{overloaded: true}, 5*time.Second)
		for region, want := range map[string]time.Duration{"cn-hangzhou": 2 * time.Second, "cn-beijing": 2 * time.Second, "cn-shanghai": 5 * time.Second} {
			if held := c.held(region); held != want {
				t.Errorf("%s is held back for %v, want %v", region, held, want)
			}
		}
		leave, err := c.enter(t.Context(), "cn-beijing")
		if err != nil || time.Since(begun) != 2*time.Second {
			t.Errorf("a call of another region began after %v: %v", time.Since(begun), err)
		}
		leave()
	})
}

func TestAHeldBackCallTakesNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{slots: make(chan struct{}, 1), paces: map[string]*pace{}}
		leave, err := c.enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan time.Duration)
		begun := time.Now()
		go func() {
			leave, err := c.enter(t.Context(), "a")
			if err != nil {
				t.Error(err)
			}
			got <- time.Since(begun)
			leave()
		}()
		synctest.Wait() // it waits for the slot
		c.pace("a").hold(time.Second)
		leave()
		synctest.Wait() // it has seen that its region is held back by now
		if leave, err = c.enter(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		leave()
		if d := <-got; d != time.Second {
			t.Errorf("entered after %v, want a second", d)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Client{slots: make(chan struct{}, 1), paces: map[string]*pace{}}
		c.slots <- struct{}{}
		c.pace("held").hold(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error)
		for _, region := range []string{"held", "free"} {
			go func() {
				_, err := c.enter(ctx, region)
				errs <- err
			}()
		}
		synctest.Wait()
		cancel()
		for range 2 {
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestRetriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := retry{wait: 500 * time.Millisecond}
		waits, total := r.waits(), time.Duration(0)
		for range 20 {
			w := waits.NextBackOff()
			if w > 7500*time.Millisecond {
				t.Errorf("a wait of %v, want at most ten times the first, and half of it", w)
			}
			total += w
		}
		if total == 0 {
			t.Error("no waits at all")
		}
	})
}
