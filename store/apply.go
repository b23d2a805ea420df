package store

import (
	"context"
	"errors"
	"fmt"

	"ecs-migrate/internal/migration"
)

// Apply lets fn decide on the migration as it stands, nil where the key is
// unknown, and commits what it decides: all of it, durably, or nothing. It
// returns the migration as it then stands.
//
// fn runs in the transaction and maybe more than once: it must have no effects
// of its own and must not call the store. An error of fn is returned as it is,
// with the migration as it stands, and nothing is committed.
//
// once, where it is not empty, names the envelope that is carried out. It is
// remembered for a day in the same transaction. Where it was carried out before,
// fn does not run and the error is migration.ErrTwice.
//
// Where ctx ends before the commit has begun, the error is ctx.Err() and nothing
// is written. Any other error says that the change could not be stored; only
// where the disk fails in the last step of a commit, the change may be there all
// the same, and the next Apply sees it.
func (s *Store) Apply(
	ctx context.Context, key migration.Key, once string, fn func(cur *migration.Migration) (migration.Change, error),
) (migration.Migration, error) {
	var out migration.Migration
	var answer error
	var woke bool
	err := s.writes.do(ctx, func(w writer) error {
		out, answer, woke = migration.Migration{}, nil, false // it may be another run
		old, err := load(w, key)
		if err != nil {
			return err
		}
		if old.migration != nil {
			out = *old.migration
		}
		if once != "" {
			twice, err := carriedOut(w, once)
			if err != nil {
				return err
			}
			if twice {
				answer = migration.ErrTwice
				return nil
			}
		}
		change, err := fn(old.migration)
		if err != nil {
			answer = err
			return nil
		}
		change = s.follow(old.migration, change, s.now())
		if change.Migration != nil {
			out = migrationUTC(*change.Migration)
		}
		if once != "" {
			if err := carryOut(w, once, s.now()); err != nil {
				return err
			}
		}
		woke = wakes(change)
		return commit(w, key, old, change)
	})
	switch {
	case err == nil && woke:
		s.signal()
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return migration.Migration{}, err
	case err != nil:
		return migration.Migration{}, fmt.Errorf("store a change of %s: %w", key, err)
	}
	return out, answer
}

// ApplyEach is Apply for many migrations in one transaction. fn decides on what
// was read first; only where that gives something to commit are the keys decided
// on again, in a write transaction. changed counts the keys that had a change.
func (s *Store) ApplyEach(
	ctx context.Context, keys []migration.Key, fn func(k migration.Key, cur *migration.Migration) migration.Change,
) (changed int, err error) {
	news, err := s.anyChange(ctx, keys, fn)
	if err != nil || !news {
		return 0, err
	}
	var woke bool
	err = s.writes.do(ctx, func(w writer) error {
		changed, woke = 0, false
		for _, key := range keys {
			old, err := load(w, key)
			if err != nil {
				return err
			}
			change := fn(key, old.migration)
			if change.Empty() {
				continue
			}
			change = s.follow(old.migration, change, s.now())
			changed++
			woke = woke || wakes(change)
			if err := commit(w, key, old, change); err != nil {
				return fmt.Errorf("change of %s: %w", key, err)
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("store changes of %d migrations: %w", len(keys), err)
	}
	if woke {
		s.signal()
	}
	return changed, nil
}

// anyChange tells whether fn has something to commit for any of the keys.
func (s *Store) anyChange(
	ctx context.Context, keys []migration.Key, fn func(k migration.Key, cur *migration.Migration) migration.Change,
) (bool, error) {
	stand := make([]known, len(keys))
	err := s.engine.view(ctx, func(r reader) (err error) {
		for i, key := range keys {
			if stand[i], err = load(r, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("read %d migrations: %w", len(keys), err)
	}
	for i, key := range keys {
		if !fn(key, stand[i].migration).Empty() {
			return true, nil
		}
	}
	return false, nil
}

// wakes tells whether the change is of interest to whoever runs the jobs.
func wakes(c migration.Change) bool { return len(c.Jobs)+len(c.Done) > 0 }

// commit writes a change. What is done or has lost its point is taken away before
// what follows is queued: a job may queue itself anew for later.
func commit(w writer, key migration.Key, old known, c migration.Change) error {
	if err := allowed(key, c); err != nil {
		return err
	}
	if c.Migration != nil {
		if err := save(w, old, *c.Migration); err != nil {
			return err
		}
	}
	for _, id := range c.Drop {
		if err := take(w, id); err != nil {
			return err
		}
	}
	p, err := pastOf(w, old, c)
	if err != nil {
		return err
	}
	if err := commitJobs(w, c.Done, c.Jobs, p); err != nil {
		return err
	}
	for _, e := range c.Entries {
		if err := record(w, e); err != nil {
			return err
		}
	}
	return nil
}

// commitJobs takes away what is done, then queues what follows.
func commitJobs(w writer, done, follow []migration.Job, p past) error {
	for _, job := range done {
		if err := finish(w, job); err != nil {
			return err
		}
	}
	for _, job := range follow {
		err := errors.Join(nameable("job id", job.ID, maxJob), nameable("lane", job.Lane, maxJob), nameable("job kind", string(job.Kind), maxText))
		if err == nil {
			err = queue(w, job, p.of(job))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// allowed refuses a change that could not be found again.
func allowed(key migration.Key, c migration.Change) error {
	if c.Empty() {
		return nil
	}
	if err := checkKey(key); err != nil {
		return err
	}
	if c.Migration != nil && c.Migration.Key() != key {
		return fmt.Errorf("the change is of another migration, %s", c.Migration.Key())
	}
	for _, e := range c.Entries {
		if e.Key != key {
			return fmt.Errorf("an audit entry is of another migration, %s", e.Key)
		}
	}
	return nil
}

// record appends to the audit trail, which nothing ever changes.
func record(w writer, e migration.Entry) error {
	seq, err := next(w, "audit")
	if err != nil {
		return err
	}
	b, err := encode(entryUTC(e))
	if err != nil {
		return err
	}
	if err := w.put(audit, appendNumber(nil, seq), b); err != nil {
		return err
	}
	return w.put(trail, appendNumber(appendKey(nil, e.Key), seq), nil)
}
