package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"ecs-migrate/internal/migration"
)

const (
	// postsKept is how long a post is known: longer than anything it tells of is
	// open, as a rule. One that is forgotten is not updated any more; a notice whose
	// trouble is not over is never forgotten, since that must be told again then.
	postsKept = 60 * 24 * time.Hour
	// forgetPosts is how many old posts each new one takes away at most.
	forgetPosts = 8
)

// ApplyPost lets fn decide on the post as it stands, nil where the id is
// unknown, and commits what it decides: all of it, durably, or nothing. It
// returns the post as it then stands. What is said of fn, once, ctx and errors
// at Apply holds here too.
func (s *Store) ApplyPost(
	ctx context.Context, id, once string, fn func(cur *migration.Post) (migration.PostChange, error),
) (migration.Post, error) {
	var out migration.Post
	var answer error
	var woke bool
	err := s.writes.do(ctx, func(w writer) error {
		out, answer, woke = migration.Post{}, nil, false // it may be another run
		old, err := loadPost(w, id)
		if err != nil {
			return err
		}
		if old != nil {
			out = *old
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
		change, err := fn(old)
		if err != nil {
			answer = err
			return nil
		}
		if change.Post != nil {
			out = postUTC(*change.Post)
		}
		if once != "" {
			if err := carryOut(w, once, s.now()); err != nil {
				return err
			}
		}
		woke = len(change.Jobs)+len(change.Done) > 0
		return s.commitPost(w, id, old, change)
	})
	switch {
	case err == nil && woke:
		s.signal()
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return migration.Post{}, err
	case err != nil:
		return migration.Post{}, fmt.Errorf("store a change of the post %s: %w", id, err)
	}
	return out, answer
}

func (s *Store) commitPost(w writer, id string, old *migration.Post, c migration.PostChange) error {
	if c.Empty() {
		return nil
	}
	if err := nameable("post id", id, maxText); err != nil {
		return err
	}
	if c.Post != nil && c.Post.ID != id {
		return fmt.Errorf("the change is of another post, %s", c.Post.ID)
	}
	if c.Post != nil {
		if err := s.savePost(w, old, *c.Post); err != nil {
			return err
		}
	}
	for _, key := range c.Gather {
		known, err := load(w, key)
		if err != nil {
			return err
		}
		if known.migration == nil {
			continue
		}
		if m, ok := known.migration.Gather(id); ok {
			if err := save(w, known, m); err != nil {
				return err
			}
		}
	}
	p, err := s.pastOfPost(w, old)
	if err != nil {
		return err
	}
	return commitJobs(w, c.Done, c.Jobs, p)
}

// savePost writes the record, and forgets some old ones for each new one.
func (s *Store) savePost(w writer, old *migration.Post, p migration.Post) error {
	p = postUTC(p)
	b, err := encode(p)
	if err != nil {
		return err
	}
	switch {
	case old == nil:
		if err := forgetOldPosts(w, s.now().Add(-postsKept)); err != nil {
			return err
		}
	case !old.Begun.Equal(p.Begun):
		if err := w.delete(postAt, postPlace(*old)); err != nil {
			return err
		}
	}
	if err := w.put(posts, []byte(p.ID), b); err != nil {
		return err
	}
	return w.put(postAt, postPlace(p), nil)
}

// postPlace is the post's key in postAt.
func postPlace(p migration.Post) []byte { return append(appendTime(nil, p.Begun), p.ID...) }

func forgetOldPosts(w writer, before time.Time) error {
	var old [][]byte
	err := w.scan(postAt, nil, nil, func(k, _ []byte) error {
		at, _, err := cutTime(k)
		if err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		if !at.Before(before) || len(old) == forgetPosts {
			return errStop
		}
		p, err := loadPost(w, string(k[timeLen:]))
		if err != nil {
			return err
		}
		if p != nil && p.Notice != nil && p.Notice.Open() {
			return nil
		}
		old = append(old, bytes.Clone(k))
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range old {
		if err := w.delete(postAt, k); err != nil {
			return err
		}
		if err := w.delete(posts, k[timeLen:]); err != nil {
			return err
		}
	}
	return nil
}

// loadPost is the post of that id, nil where it is unknown.
func loadPost(r reader, id string) (*migration.Post, error) {
	b, err := r.get(posts, []byte(id))
	if err != nil || b == nil {
		return nil, err
	}
	p, err := decode[migration.Post](b)
	if err != nil {
		return nil, fmt.Errorf("post %s: %w", id, err)
	}
	return &p, nil
}

// Migrations are those of the keys that are known, in the order of the keys.
func (s *Store) Migrations(ctx context.Context, keys []migration.Key) ([]migration.Migration, error) {
	var all []migration.Migration
	err := s.engine.view(ctx, func(r reader) error {
		all = nil
		for _, key := range keys {
			k, err := load(r, key)
			if err != nil {
				return err
			}
			if k.migration != nil {
				all = append(all, *k.migration)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read %d migrations: %w", len(keys), err)
	}
	return all, nil
}

// Post is the post of that id, ok=false where it is unknown: never begun, or
// forgotten since.
func (s *Store) Post(ctx context.Context, id string) (p migration.Post, ok bool, err error) {
	err = s.engine.view(ctx, func(r reader) error {
		found, err := loadPost(r, id)
		if found != nil {
			p, ok = *found, true
		}
		return err
	})
	if err != nil {
		return migration.Post{}, false, fmt.Errorf("read the post %s: %w", id, err)
	}
	return p, ok, nil
}

// Posts are the posts whose ids begin with prefix, in the order of their ids.
func (s *Store) Posts(ctx context.Context, prefix string) ([]migration.Post, error) {
	var all []migration.Post
	err := s.engine.view(ctx, func(r reader) error {
		return r.scan(posts, []byte(prefix), nil, func(k, v []byte) error {
			p, err := decode[migration.Post](v)
			if err != nil {
				return fmt.Errorf("post %s: %w", k, err)
			}
			all = append(all, p)
			return ctx.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the posts %s…: %w", prefix, err)
	}
	return all, nil
}
