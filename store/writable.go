package store

import (
	"context"
	"fmt"
	"sync/atomic"
)

// commitState is how the last commit ended.
type commitState struct{ failed atomic.Pointer[error] }

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
// written, or, where it was not, where one can be written now. Asking costs a
// commit only while there is trouble.
func (s *Store) Writable(ctx context.Context) error {
	if s.writes.last.failed.Load() == nil {
		return s.engine.damaged()
	}
	err := s.writes.do(ctx, func(w writer) error { return w.put(meta, []byte("trial"), make([]byte, trialSize)) })
	if err != nil {
		return fmt.Errorf("write to the store: %w", err)
	}
	return nil
}
