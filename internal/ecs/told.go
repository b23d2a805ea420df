package ecs

import (
	"sync"

	"ecs-migrate/internal/migration"
)

// mostTold bounds the memory of faults; past it all is forgotten, and what is
// still at fault is told once more.
const mostTold = 1000

// told remembers which faults were logged, so that each poll does not repeat
// them.
type told struct {
	mu   sync.Mutex
	seen map[toldKey]bool
}

type toldKey struct {
	region string
	fault  migration.Garbled
}

// first tells whether the fault is a new one.
func (t *told) first(region string, f migration.Garbled) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.Type = "" // the log does not tell it
	k := toldKey{region, f}
	if t.seen[k] {
		return false
	}
	if t.seen == nil || len(t.seen) >= mostTold {
		t.seen = map[toldKey]bool{}
	}
	t.seen[k] = true
	return true
}
