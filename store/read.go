package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecs-migrate/internal/migration"
)

// Migration is the migration of that key, ok=false where it is unknown.
func (s *Store) Migration(ctx context.Context, key migration.Key) (m migration.Migration, ok bool, err error) {
	err = s.engine.view(ctx, func(r reader) error {
		k, err := load(r, key)
		if k.migration != nil {
			m, ok = *k.migration, true
		}
		return err
	})
	if err != nil {
		return migration.Migration{}, false, fmt.Errorf("read %s: %w", key, err)
	}
	return m, ok, nil
}

// Tracked are the keys of the account's migrations in the region that are not
// over.
func (s *Store) Tracked(ctx context.Context, account, region string) ([]migration.Key, error) {
	var keys []migration.Key
	err := s.engine.view(ctx, func(r reader) error {
		return r.scan(open, appendText(appendText(nil, account), region), nil, func(k, _ []byte) error {
			key, err := readKey(k)
			keys = append(keys, key)
			return cmp.Or(err, ctx.Err())
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read what is tracked in %s/%s: %w", account, region, err)
	}
	return keys, nil
}

// Find are the migrations that people mean by target: an instance's id, an
// event's id, or an instance's name, in any case: a phone makes the first letter
// a capital. An id that itself has capitals must be given as it is. Those
// that are not over come first, by deadline; then those that wait for their
// acknowledgement, as in ByDeadline; then the rest, the newest first.
func (s *Store) Find(ctx context.Context, target string) ([]migration.Migration, error) {
	var all []migration.Migration
	err := s.engine.view(ctx, func(r reader) error {
		met := map[migration.Key]bool{} // an instance may be named like its id
		for _, prefix := range terms(target) {
			err := r.scan(lookup, prefix, nil, func(k, _ []byte) error {
				m, err := follow(r, k[len(prefix):])
				if err == nil && !met[m.Key()] {
					met[m.Key()] = true
					all = append(all, m)
				}
				return cmp.Or(err, ctx.Err())
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find %q: %w", target, err)
	}
	slices.SortFunc(all, compareFound)
	return all, nil
}

// terms are all that the target may stand for, each once.
func terms(target string) [][]byte {
	var all [][]byte
	for _, value := range []string{target, strings.ToLower(target)} {
		for _, by := range []string{byInstance, byEvent, byName} {
			t := term(by, value)
			if t != nil && !slices.ContainsFunc(all, func(o []byte) bool { return bytes.Equal(o, t) }) {
				all = append(all, t)
			}
		}
	}
	return all
}

// compareFound is the order of Find.
func compareFound(a, b migration.Migration) int {
	if c := cmp.Compare(foundClass(a), foundClass(b)); c != 0 {
		return c
	}
	var c int
	switch foundClass(a) {
	case 0:
		c = bytes.Compare(appendDeadline(nil, a.Deadline()), appendDeadline(nil, b.Deadline()))
	case 1:
		c = bytes.Compare(appendUnacked(nil, a), appendUnacked(nil, b))
	default:
		c = finished(b).Compare(finished(a))
	}
	if c != 0 {
		return c
	}
	return bytes.Compare(appendKey(nil, a.Key()), appendKey(nil, b.Key()))
}

// foundClass is 0 for what is not over, 1 for what waits for its acknowledgement,
// and 2 for the rest.
func foundClass(m migration.Migration) int {
	switch {
	case !m.Event.Status.Final():
		return 0
	case m.Waiting():
		return 1
	}
	return 2
}

// finished is when the event ended, or when we learnt that it had.
func finished(m migration.Migration) time.Time {
	if !m.Event.FinishedAt.IsZero() {
		return m.Event.FinishedAt
	}
	return m.ChangedAt
}

// follow reads the migration whose key ends an index entry.
func follow(r reader, tail []byte) (migration.Migration, error) {
	key, err := readKey(tail)
	if err != nil {
		return migration.Migration{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	k, err := load(r, key)
	if err != nil {
		return migration.Migration{}, err
	}
	if k.migration == nil {
		return migration.Migration{}, fmt.Errorf("%w: %s is listed and has no record", errDamaged, key)
	}
	return *k.migration, nil
}

// How many migrations ByDeadline reads at a time: few first, since most callers
// show a page.
const (
	firstPage = 32
	mostPage  = 512
)

// ByDeadline shows the migrations that are not over in the order of their
// deadlines, those without one last, and then those that wait for their
// acknowledgement, what failed first and then the one that has waited longest,
// until fn is false. fn runs outside of any transaction and may take its time and
// call the store; a migration that gets another place meanwhile may be shown twice
// or not at all.
func (s *Store) ByDeadline(ctx context.Context, fn func(migration.Migration) bool) error {
	for _, in := range []struct {
		space space
		head  int // length of what stands before the migration's key
	}{{deadlines, timeLen}, {unacked, unackedLen}} {
		more, err := s.inOrder(ctx, in.space, in.head, fn)
		if err != nil {
			return fmt.Errorf("read migrations by deadline: %w", err)
		}
		if !more {
			return nil
		}
	}
	return nil
}

// inOrder shows the migrations that a space lists; more tells that fn wants more.
func (s *Store) inOrder(ctx context.Context, in space, head int, fn func(migration.Migration) bool) (more bool, err error) {
	var from []byte
	for size := firstPage; ; size = min(2*size, mostPage) {
		var page []migration.Migration
		err := s.engine.view(ctx, func(r reader) error {
			return r.scan(in, nil, from, func(k, _ []byte) error {
				if len(page) == size {
					return errStop
				}
				if len(k) < head {
					return errDamaged
				}
				m, err := follow(r, k[head:])
				page = append(page, m)
				from = append(append(from[:0], k...), 0) // the least key behind k
				return err
			})
		})
		if err != nil {
			return false, err
		}
		for _, m := range page {
			if !fn(m) {
				return false, nil
			}
		}
		if len(page) < size {
			return true, nil
		}
	}
}

// Withdrawn shows the migrations whose event was cancelled or avoided, in no
// order, until fn is false. fn runs outside of any transaction. There is no index
// of them: all records are walked, and only those that may be meant are decoded.
func (s *Store) Withdrawn(ctx context.Context, fn func(migration.Migration) bool) error {
	var from []byte
	for more := true; more; {
		var page []migration.Migration
		seen := 0
		err := s.engine.view(ctx, func(r reader) error {
			return r.scan(records, nil, from, func(k, v []byte) error {
				if seen++; seen > mostPage {
					return errStop
				}
				from = append(append(from[:0], k...), 0) // the least key behind k
				if !bytes.Contains(v, canceled) && !bytes.Contains(v, avoided) {
					return ctx.Err()
				}
				m, err := decode[migration.Migration](v)
				if m.Event.Status == migration.Canceled || m.Event.Status == migration.Avoided {
					page = append(page, m)
				}
				return err
			})
		})
		if err != nil {
			return fmt.Errorf("read what was withdrawn: %w", err)
		}
		for _, m := range page {
			if !fn(m) {
				return nil
			}
		}
		more = seen > mostPage
	}
	return nil
}

// What a record has in it whose event was withdrawn, as encode writes it.
var (
	canceled = []byte(`"status":"` + string(migration.Canceled) + `"`)
	avoided  = []byte(`"status":"` + string(migration.Avoided) + `"`)
)

// History is the audit trail of one migration, the oldest entry first.
func (s *Store) History(ctx context.Context, key migration.Key) ([]migration.Entry, error) {
	var all []migration.Entry
	err := s.engine.view(ctx, func(r reader) error {
		prefix := appendKey(nil, key)
		return r.scan(trail, prefix, nil, func(k, _ []byte) error {
			b, err := r.get(audit, k[len(prefix):])
			if err != nil {
				return err
			}
			e, err := decode[migration.Entry](b)
			all = append(all, e)
			return cmp.Or(err, ctx.Err())
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", key, err)
	}
	return all, nil
}
