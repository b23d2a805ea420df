package handlers_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/migration"
)

// still is a clock that stands until it is moved; waiting on it takes no time.
type still struct {
	mu  sync.Mutex
	now time.Time
}

func (c *still) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *still) After(time.Duration) <-chan time.Time {
	done := make(chan time.Time, 1)
	done <- c.Now()
	return done
}

func (c *still) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// faulty is a store that can be made to fail.
type faulty struct {
	handlers.Store
	mu           sync.Mutex
	noWrite, off bool
	read         int    // how often all that is open was read
	once         func() // is called once when that is read next
	tabs         func() // is called once when the Home tabs were read next
}

// reads tells how often all that is open was read.
func (f *faulty) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read
}

// meanwhile has something happen while all that is open is read.
func (f *faulty) meanwhile(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.once = do
}

// afterTabs has something happen right after the Home tabs are read.
func (f *faulty) afterTabs(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tabs = do
}

var errDisk = errors.New("no space left on device")

func (f *faulty) fail(noWrite, off bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.noWrite, f.off = noWrite, off
}

func (f *faulty) failing(write bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off || write && f.noWrite {
		return errDisk
	}
	return nil
}

func (f *faulty) Apply(ctx context.Context, k migration.Key, once string, fn func(*migration.Migration) (migration.Change, error)) (migration.Migration, error) {
	if err := f.failing(true); err != nil {
		return migration.Migration{}, err
	}
	return f.Store.Apply(ctx, k, once, fn)
}

func (f *faulty) Migration(ctx context.Context, k migration.Key) (migration.Migration, bool, error) {
	if err := f.failing(false); err != nil {
		return migration.Migration{}, false, err
	}
	return f.Store.Migration(ctx, k)
}

func (f *faulty) Find(ctx context.Context, target string) ([]migration.Migration, error) {
	if err := f.failing(false); err != nil {
		return nil, err
	}
	return f.Store.Find(ctx, target)
}

func (f *faulty) Withdrawn(ctx context.Context, fn func(migration.Migration) bool) error {
	if err := f.failing(false); err != nil {
		return err
	}
	return f.Store.Withdrawn(ctx, fn)
}

func (f *faulty) ByDeadline(ctx context.Context, fn func(migration.Migration) bool) error {
	if err := f.failing(false); err != nil {
		return err
	}
	f.mu.Lock()
	do := f.once
	f.read, f.once = f.read+1, nil
	f.mu.Unlock()
	if do != nil {
		do()
	}
	return f.Store.ByDeadline(ctx, fn)
}

func (f *faulty) Homes(ctx context.Context) ([]migration.HomeTab, error) {
	all, err := f.Store.Homes(ctx)
	f.mu.Lock()
	do := f.tabs
	f.tabs = nil
	f.mu.Unlock()
	if do != nil {
		do()
	}
	return all, err
}
