package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"ecs-migrate/internal/migration"
)

// Options are what a store needs besides its file; the zero value will do.
type Options struct {
	Log *slog.Logger     // nil: nothing is logged
	Now func() time.Time // nil: the machine's clock
	// LockTimeout is how long to wait for another process that has the file
	// open; zero is a second.
	LockTimeout time.Duration
	// Follow adds to each change of a migration what it brings with it, in the
	// same transaction; nil: nothing. It is told the migration as it stood, nil for
	// a new one. It must have no effects of its own and may run more than once.
	Follow func(old *migration.Migration, c migration.Change, now time.Time) migration.Change
}

func (o Options) whole() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Follow == nil {
		o.Follow = func(_ *migration.Migration, c migration.Change, _ time.Time) migration.Change { return c }
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = time.Second
	}
	return o
}

// Open opens the store in the file path, or begins one where there is no such
// file: with mode 0600, and whole or not at all. An older file is brought up to
// date. An error is a sentence for the person who started the program, with what
// to do next; the file is as it was then.
func Open(path string, o Options) (*Store, error) { return openWith(path, o, steps()) }

func openWith(path string, o Options, all []step) (*Store, error) {
	o = o.whole()
	e, err := openFile(path, o, all)
	if err != nil {
		return nil, err
	}
	return newStore(path, e, o), nil
}

func newStore(path string, e engine, o Options) *Store {
	w := &watched{path: path, engine: e, log: o.Log}
	return &Store{engine: w, writes: group{engine: w}, now: o.Now, follow: o.Follow, log: o.Log, wake: make(chan struct{}, 1)}
}

// openFile is an engine whose file is ours and of the present version.
func openFile(path string, o Options, all []step) (engine, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && all != nil {
		if err := begin(path, o, all); err != nil {
			return nil, explain(path, err)
		}
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return nil, explain(path, err)
	case info.IsDir():
		return nil, fmt.Errorf("the store %s is a directory: set `store` to a file in it, such as %s",
			path, filepath.Join(path, "ecs-migrate.db"))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("the store %s is not a regular file: set `store` to a file on a disk", path)
	case info.Size() == 0:
		return nil, fmt.Errorf("the store %s is empty, which a store never is: put a backup in its place with `ecs-migrate store restore FILE`, or remove it to begin anew", path)
	}
	e, err := openBolt(path, o.LockTimeout)
	if err != nil {
		return nil, explain(path, err)
	}
	if err := upToDate(path, e, o, all); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// ours refuses a file that is not ours, or too new for the given version.
func ours(path string, e engine, version int) (schema, error) {
	s, ok, err := found(context.Background(), e)
	switch {
	case err != nil:
		return s, explain(path, err)
	case !ok:
		return s, explain(path, errForeign)
	case s.Version > version:
		return s, fmt.Errorf("the store %s has schema version %d and this ecs-migrate knows %d at most: "+
			"run the newer ecs-migrate, or restore the backup from before the upgrade", path, s.Version, version)
	case s.Version < 0:
		return s, explain(path, fmt.Errorf("%w: schema version %d", errDamaged, s.Version))
	}
	return s, nil
}

// upToDate refuses what is not ours and upgrades an older file; a nil all leaves
// it as it is.
func upToDate(path string, e engine, o Options, all []step) error {
	ctx := context.Background()
	version := len(all)
	if all == nil {
		version = len(steps())
	}
	s, err := ours(path, e, version)
	if err != nil || all == nil || s.Version == version {
		return err
	}
	if err := upgrade(ctx, e, s, all); err != nil {
		return fmt.Errorf("the store %s cannot be brought from schema version %d to %d and is as it was: "+
			"run the ecs-migrate that it was written with, and report this: %w", path, s.Version, len(all), err)
	}
	o.Log.Info("store brought up to date", "path", path, "from", s.Version, "to", len(all))
	return nil
}

// begin makes a new store beside path and gives it that name once it is whole,
// so that no start that was cut short leaves half a store behind.
func begin(path string, o Options, all []step) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return err
	}
	name := file.Name()
	defer func() { err = errors.Join(err, remove(name)) }()
	if err := file.Close(); err != nil {
		return err
	}
	e, err := beginBolt(name)
	if err != nil {
		return err
	}
	s := schema{Format: format, Created: o.Now().UTC()}
	if err := errors.Join(upgrade(context.Background(), e, s, all), e.close()); err != nil {
		return err
	}
	// A link, unlike a rename, never replaces what another process put there
	// meanwhile; theirs is opened then.
	if err := os.Link(name, path); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		// This file system has no links, and path was not there just now.
		if err := os.Rename(name, path); err != nil {
			return err
		}
	}
	// Where the volume with the former store is not mounted, nothing else tells.
	o.Log.Warn("a new store was begun, since there was none: if this is not the first start, stop the bot and bring the former file back, or restore a backup", "path", path)
	return syncDir(filepath.Dir(path))
}

func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes a new name in the directory survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some file systems cannot sync a directory, and need not.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

// explain says what is wrong with the file and what to do about it.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, errLocked):
		return &inUse{path}
	case errors.Is(err, errForeign):
		return fmt.Errorf("%s is not a store of ecs-migrate and was left as it is: set `store` to another file, or move this one away", path)
	case errors.Is(err, errDamaged):
		return fmt.Errorf("the store %s is damaged and was left as it is: put a backup in its place with `ecs-migrate store restore FILE`, or move it away to begin anew: %w", path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the store %s may not be read and written by this user: give the user both the file and its directory: %w", path, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the store %s is on a read-only file system: set `store` to a file on a disk that can be written", path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("there is no space left for the store %s: make room on its disk: %w", path, err)
	case errors.Is(err, fs.ErrNotExist) && isLink(path):
		return fmt.Errorf("the store %s is a link to a file that does not exist: bring that file back, or remove the link to begin anew", path)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("there is no directory %s for the store: create it, or set `store` to a file elsewhere", filepath.Dir(path))
	}
	return fmt.Errorf("the store %s cannot be opened, and nothing was changed: check `store` and its disk: %w", path, err)
}

// inUse says that another process has the file open.
type inUse struct{ path string }

func (e *inUse) Error() string {
	return fmt.Sprintf("the store %s is in use by another process: stop the other ecs-migrate, or set another file as `store`", e.path)
}

func (e *inUse) Unwrap() error { return errLocked }

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
