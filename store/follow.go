package store

import (
	"context"
	"fmt"
	"slices"

	"ecs-migrate/internal/migration"
)

// followedKey is where the name of the rules is kept that all open migrations
// were last brought in line with.
var followedKey = []byte("followed")

// followed are the places that list the migrations which may have something to
// remind of: those that are not over, those that wait for their acknowledgement,
// and those that are done and still have a reminder to come, such as the voucher's.
var followed = [...]followedIn{
	{in: open, key: func(k, _ []byte) ([]byte, error) { return k, nil }},
	{in: unacked, key: func(k, _ []byte) ([]byte, error) { return k[unackedLen:], nil }},
	{in: jobs, prefix: []byte("remind/"), key: func(_, v []byte) ([]byte, error) {
		q, err := decode[queued](v)
		return appendKey(nil, q.Key), err
	}},
}

// followedIn is one of them, and where an entry names its migration.
type followedIn struct {
	in     space
	prefix []byte
	key    func(k, v []byte) ([]byte, error)
}

// FollowAll brings the jobs of all migrations that may have something to remind of
// in line with Options.Follow, where its rules are not those of the last time: by is their
// name, which changes whenever they do. Each page is a transaction of its own; a
// crash between two of them begins again at the next start. It returns how many
// migrations had something to bring in line.
func (s *Store) FollowAll(ctx context.Context, by string) (changed int, err error) {
	var last []byte
	err = s.engine.view(ctx, func(r reader) (err error) {
		b, err := r.get(meta, followedKey)
		last = slices.Clone(b)
		return err
	})
	if err != nil || string(last) == by {
		return 0, err
	}
	for _, in := range followed {
		var from []byte
		for {
			keys, next, err := s.astray(ctx, in, from)
			if err != nil {
				return changed, fmt.Errorf("look for migrations to bring in line: %w", err)
			}
			n, err := s.ApplyEach(ctx, keys, func(_ migration.Key, cur *migration.Migration) migration.Change {
				return migration.Change{Migration: cur}
			})
			if changed += n; err != nil {
				return changed, err
			}
			if from = next; from == nil {
				break
			}
		}
	}
	err = s.writes.do(ctx, func(w writer) error { return w.put(meta, followedKey, []byte(by)) })
	if err != nil {
		return changed, fmt.Errorf("note the rules: %w", err)
	}
	return changed, nil
}

// astray are the migrations of a page whose jobs are not as Follow would have them;
// next is where the following page begins, nil behind the last one.
func (s *Store) astray(ctx context.Context, in followedIn, from []byte) (keys []migration.Key, next []byte, err error) {
	now, seen := s.now(), 0
	err = s.engine.view(ctx, func(r reader) error {
		keys, next, seen = nil, nil, 0
		return r.scan(in.in, in.prefix, from, func(k, v []byte) error {
			if seen++; seen > mostPage {
				next = slices.Clone(k)
				return errStop
			}
			key, err := in.key(k, v)
			if err != nil {
				return err
			}
			m, err := follow(r, key)
			if err != nil {
				return err
			}
			ok, err := follows(r, s.follow(&m, migration.Change{Migration: &m}, now))
			if err == nil && !ok {
				keys = append(keys, m.Key())
			}
			return err
		})
	})
	return keys, next, err
}

// follows tells whether the jobs that wait are those that the change asks for.
func follows(r reader, c migration.Change) (bool, error) {
	for _, id := range c.Drop {
		if _, known, err := waiting(r, id); err != nil || known {
			return false, err
		}
	}
	for _, job := range c.Jobs {
		q, known, err := waiting(r, job.ID)
		if err != nil || !known || !q.Due.Equal(job.Due) || q.Lane != job.Lane {
			return false, err
		}
	}
	return true, nil
}
