package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// commitState is how the last commit ended, and since when one is under way.
type commitState struct {
	failed atomic.Pointer[error]
	began  atomic.Int64 // Unix nanoseconds; 0: none is under way
}

func (c *commitState) begins() { c.began.Store(time.Now().UnixNano()) }

// patience is for how long a commit may be under way, which takes milliseconds:
// Slack gives up a click after 3 s.
const patience = 5 * time.Second

// hanging is an error where a commit has been under way for longer than patience,
// as on a disk that answers nothing.
func (c *commitState) hanging() error {
	at := c.began.Load()
	if at == 0 {
		return nil
	}
	if since := time.Since(time.Unix(0, at)); since > patience {
		return fmt.Errorf("write to the store: a commit has not ended for %s: see what the store's disk says", since.Round(time.Second))
	}
	return nil
}

func (c *commitState) ended(err error) {
	if err == nil {
		c.failed.Store(nil)
		return
	}
	c.failed.Store(&err)
}

// trialSize is as much as a decision with its jobs needs, new pages of its own
// included: less than that may still fit where no decision does.
const trialSize = 32 << 10

// Writable tells whether decisions can be kept: nil where the last commit was
// written, or, where it was not, where one can be written now; never where one
// hangs. Asking costs a commit only while there is trouble.
func (s *Store) Writable(ctx context.Context) error {
	if err := s.writes.last.hanging(); err != nil {
		return err
	}
	if s.writes.last.failed.Load() == nil {
		return s.engine.damaged()
	}
	ended := make(chan error, 1)
	go func() {
		ended <- s.writes.do(ctx, func(w writer) error { return w.put(meta, []byte("trial"), make([]byte, trialSize)) })
	}()
	var err error
	select {
	case err = <-ended:
	case <-time.After(patience):
		err = errNotEnded
	}
	if err != nil {
		return fmt.Errorf("write to the store: %w", err)
	}
	return nil
}

var errNotEnded = errors.New("a commit does not end: see what the store's disk says")
