package store

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"time"

	"ecs-migrate/internal/migration"
)

// Audited is an entry of the audit trail with what its migration is called now.
type Audited struct {
	migration.Entry
	InstanceID string
	Name       string // of the instance; may be empty
}

// Audit shows the audit trail in order of time, from since on and before until;
// a zero time is no bound. fn runs outside of any transaction and may take its
// time; what is committed meanwhile is shown too. An error of fn ends it and is
// returned as it is. It holds no more than some minutes of the trail.
func (s *Store) Audit(ctx context.Context, since, until time.Time, fn func(Audited) error) error {
	var waiting byTime
	var from []byte
	for more := true; more; {
		var err error
		var page []placed
		if page, from, err = s.auditPage(ctx, from); err != nil {
			return fmt.Errorf("read the audit trail: %w", err)
		}
		more = len(page) == mostPage
		for _, e := range page {
			if at := e.News.When; !at.Before(since) && (until.IsZero() || at.Before(until)) {
				heap.Push(&waiting, e)
			}
		}
		for len(waiting) > 0 && (!more || waiting[0].News.When.Before(page[len(page)-1].News.When.Add(-settled))) {
			if err := fn(heap.Pop(&waiting).(placed).Audited); err != nil {
				return err
			}
		}
	}
	return nil
}

// settled is by how much the moment of an entry may be before that of one which
// was committed earlier: a decision's moment is taken before its commit. A clock
// that was set back by more is told in the order of the commits.
const settled = 2 * time.Minute

// auditPage reads some entries in the order of their commits, and the key from
// which to go on.
func (s *Store) auditPage(ctx context.Context, from []byte) (page []placed, next []byte, err error) {
	next = append([]byte(nil), from...)
	err = s.engine.view(ctx, func(r reader) error {
		names := map[migration.Key]Audited{}
		return r.scan(audit, nil, from, func(k, v []byte) error {
			if len(page) == mostPage {
				return errStop
			}
			seq, err := cutNumber(k)
			if err != nil {
				return fmt.Errorf("%w: %w", errDamaged, err)
			}
			e, err := decode[migration.Entry](v)
			if err != nil {
				return err
			}
			a, met := names[e.Key]
			if !met {
				k, err := load(r, e.Key)
				if err != nil {
					return err
				}
				if k.migration != nil {
					a.InstanceID, a.Name = k.migration.Event.InstanceID, k.migration.Instance.Name
				}
				names[e.Key] = a
			}
			a.Entry = e
			page = append(page, placed{a, seq})
			next = append(append(next[:0], k...), 0) // the least key behind k
			return ctx.Err()
		})
	})
	return page, next, err
}

// placed is an entry with its place in the order of the commits.
type placed struct {
	Audited
	seq uint64
}

// byTime is a heap, the earliest entry first.
type byTime []placed

func (h byTime) Len() int { return len(h) }
func (h byTime) Less(i, j int) bool {
	return cmp.Or(h[i].News.When.Compare(h[j].News.When), cmp.Compare(h[i].seq, h[j].seq)) < 0
}
func (h byTime) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push and Pop are for container/heap.
func (h *byTime) Push(x any) { *h = append(*h, x.(placed)) }

// Pop takes the last one off.
func (h *byTime) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
