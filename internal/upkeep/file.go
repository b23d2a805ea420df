package upkeep

import (
	"context"
	"errors"
	"io"
	"time"

	"ecs-migrate/store"
)

// lockWait is how long the file is waited for: a bot holds it for good, anybody
// else for a moment.
const lockWait = 300 * time.Millisecond

// file is the keeper of a store that nobody has open.
type file struct {
	path string
	o    Options
}

// with opens the file for as long as fn runs.
func (f *file) with(fn func(*store.Store) error) (err error) {
	s, err := store.Look(f.path, store.Options{Log: f.o.Log, Now: f.o.Now, LockTimeout: lockWait})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return fn(s)
}

func (f *file) Check(ctx context.Context) (out Checked, err error) {
	err = f.with(func(s *store.Store) error {
		out, err = check(ctx, s)
		return err
	})
	return out, err
}

func check(ctx context.Context, s *store.Store) (Checked, error) {
	faults, err := s.Faults(ctx)
	if err != nil || len(faults) > 0 {
		return Checked{Faults: faults}, err
	}
	sum, err := s.Summary(ctx)
	return Checked{Summary: sum, Older: s.Older()}, err
}

func (f *file) Backup(ctx context.Context, path string) (out store.Summary, err error) {
	err = f.with(func(s *store.Store) error {
		out, err = s.Backup(ctx, path)
		return err
	})
	return out, err
}

func (f *file) Compact(ctx context.Context) (out Compacted, err error) {
	err = f.with(func(s *store.Store) error {
		out.Before, out.After, err = s.Compact(ctx)
		return err
	})
	return out, err
}

// Restore needs no sound store: it is what mends a damaged one.
func (f *file) Restore(ctx context.Context, name string, from io.Reader) (out Restored, err error) {
	release, err := store.Hold(f.path)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, release()) }()
	p, err := store.Prepare(ctx, f.path, name, from, store.Options{Log: f.o.Log, Now: f.o.Now})
	if err != nil {
		return Restored{}, err
	}
	former, err := p.Install()
	return Restored{Summary: p.Summary, At: f.o.Now(), Former: former}, err
}

func (f *file) Audit(ctx context.Context, since, until time.Time, fn func(store.Audited) error) error {
	return f.with(func(s *store.Store) error { return s.Audit(ctx, since, until, fn) })
}
