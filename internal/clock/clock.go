// Package clock tells the time. The bot and its stub servers take a Clock so
// that a test or the demo can move all of them on together; the production
// binary only ever holds Real.
package clock

import (
	"sync"
	"time"
)

// A Clock tells what time it is and when a while has passed.
type Clock interface {
	// Now is the current moment in UTC.
	Now() time.Time
	// After sends once when d has passed on this clock.
	After(d time.Duration) <-chan time.Time
}

// Real is the machine's clock.
type Real struct{}

// Now is the machine's time in UTC.
func (Real) Now() time.Time { return time.Now().UTC() }

// After is time.After.
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Movable runs at the machine's pace from a chosen start and can be moved on.
type Movable struct {
	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{} // closed and replaced at each move
}

// NewMovable is a clock that shows start now.
func NewMovable(start time.Time) *Movable {
	return &Movable{offset: time.Until(start), moved: make(chan struct{})}
}

// Now is the moved time in UTC.
func (c *Movable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now strips the monotonic reading, which knows nothing of the offset.
func (c *Movable) now() time.Time { return time.Now().Round(0).Add(c.offset).UTC() }

// Ahead is by how much the clock is ahead of the machine's.
func (c *Movable) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Advance moves the clock on by d and wakes whoever that makes due.
func (c *Movable) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	close(c.moved)
	c.moved = make(chan struct{})
}

// After sends once when d has passed, by waiting or by Advance.
func (c *Movable) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	due := c.now().Add(d)
	c.mu.Unlock()
	out := make(chan time.Time, 1)
	go func() {
		for {
			c.mu.Lock()
			now, moved := c.now(), c.moved
			c.mu.Unlock()
			if !now.Before(due) {
				out <- now
				return
			}
			timer := time.NewTimer(due.Sub(now))
			select {
			case <-timer.C:
			case <-moved:
				timer.Stop()
			}
		}
	}()
	return out
}
