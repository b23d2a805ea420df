package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"ecs-migrate/internal/clock"
)

func TestMovableWakesWhoeverAMoveMakesDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
		c := clock.NewMovable(start)
		day, week := c.After(24*time.Hour), c.After(7*24*time.Hour)
		began := time.Now()

		c.Advance(25 * time.Hour)
		if got, want := <-day, start.Add(25*time.Hour); !got.Equal(want) {
			t.Errorf("woke at %v, want %v", got, want)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a move should wake at once, waited %v", waited)
		}
		<-week
		if got, want := c.Now(), start.Add(7*24*time.Hour); !got.Equal(want) {
			t.Errorf("the rest passes at the machine's pace: now %v, want %v", got, want)
		}
		if got, want := time.Since(began), 7*24*time.Hour-25*time.Hour; got != want {
			t.Errorf("waited %v, want %v", got, want)
		}
	})
}

func TestRealIsUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := clock.Real{}.Now()
		if now.Location() != time.UTC || !now.Equal(time.Now()) {
			t.Errorf("Real.Now() = %v", now)
		}
		if got := <-(clock.Real{}).After(time.Minute); got.Sub(now) != time.Minute {
			t.Errorf("After(1m) took %v", got.Sub(now))
		}
	})
}
