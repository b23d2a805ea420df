package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"

	"ecs-migrate/internal/migration"
)

// watched is the engine as the store uses it: it notices what goes wrong at
// work. Damage, once met, is final for as long as the file is open: nothing is
// read or written any more, since a bot that sees half of what was decided would
// decide wrongly, and each write could destroy more. A disk that is full or
// read-only is no such thing: the next write that it takes ends the trouble.
type watched struct {
	path string
	log  *slog.Logger

	swap   sync.RWMutex // held for writing while another engine takes the place
	engine engine

	mu      sync.Mutex
	damage  error // the first that was met
	failing error // what the last commit failed with, nil where it did not
}

func (w *watched) view(ctx context.Context, fn func(reader) error) error {
	w.swap.RLock()
	defer w.swap.RUnlock()
	if err := w.damaged(); err != nil {
		return err
	}
	return w.met(w.engine.view(ctx, fn))
}

func (w *watched) update(ctx context.Context, fn func(writer) error) (committed bool, err error) {
	w.swap.RLock()
	defer w.swap.RUnlock()
	if err := w.damaged(); err != nil {
		return false, err
	}
	returned, own := false, error(nil)
	committed, err = w.engine.update(ctx, func(tx writer) error {
		own = fn(tx)
		returned = true
		return own
	})
	if returned && own == nil {
		err = w.commit(committed, err)
	}
	return committed, w.met(err)
}

// check finds damage before anybody meets it. What the engine finds in its own
// structure is as final as what is met: writing there could destroy more.
func (w *watched) check(ctx context.Context) (faults []error, err error) {
	w.swap.RLock()
	defer w.swap.RUnlock()
	if err := w.damaged(); err != nil {
		return nil, err
	}
	faults, err = w.engine.check(ctx)
	if len(faults) > 0 {
		_ = w.met(faults[0]) // told with the others
	}
	return faults, w.met(err)
}

func (w *watched) copy(ctx context.Context, into *os.File) error {
	w.swap.RLock()
	defer w.swap.RUnlock()
	if err := w.damaged(); err != nil {
		return err
	}
	return w.met(w.engine.copy(ctx, into))
}

func (w *watched) size() (int64, error) {
	w.swap.RLock()
	defer w.swap.RUnlock()
	return w.engine.size()
}

func (w *watched) close() error {
	w.swap.RLock()
	defer w.swap.RUnlock()
	return w.engine.close()
}

// exchange puts another engine in the place of the present one, while nothing
// reads or writes: make gets the present one and gives its successor.
func (w *watched) exchange(make func(now engine) (engine, error)) error {
	w.swap.Lock()
	defer w.swap.Unlock()
	if err := w.damaged(); err != nil {
		return err
	}
	next, err := make(w.engine)
	if err != nil {
		return err
	}
	former := w.engine
	w.engine = next
	return former.close()
}

// damaged is a sentence about the damage that was met, nil where none was.
func (w *watched) damaged() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.damage == nil {
		return nil
	}
	return fmt.Errorf("%w: %s: see what is wrong with `ecs-migrate store check`, then put a backup in its place with `ecs-migrate store restore FILE`: %w",
		migration.ErrStoreDamaged, w.path, w.damage)
}

// met keeps damage in mind, and gives err as it is or as that.
func (w *watched) met(err error) error {
	if !errors.Is(err, errDamaged) {
		return err
	}
	w.mu.Lock()
	first := w.damage == nil
	if first {
		w.damage = err
	}
	w.mu.Unlock()
	told := w.damaged()
	if first {
		w.log.Error("the store is damaged: from now on nothing is decided, sent or asked for", "err", told)
	}
	return told
}

// commit keeps in mind how a commit ended, and gives its error a name.
func (w *watched) commit(committed bool, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		if committed && w.failing != nil {
			w.failing = nil
			w.log.Info("the store can be written again")
		}
		return nil
	}
	err = named(w.path, err)
	if w.failing == nil {
		w.log.Error("the store cannot be written: decisions are refused until it can", "err", err)
	}
	w.failing = err
	return err
}

// named tells apart why a file could not be written.
func named(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: make room on the disk of %s: %w", migration.ErrStoreFull, path, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the file system of %s is read-only: see what its disk says, and make it writable: %w", migration.ErrStoreReadOnly, path, err)
	}
	return err
}

// lastFailure is what the last commit failed with, nil where it did not.
func (w *watched) lastFailure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failing
}
