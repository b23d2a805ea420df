package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Summary is what a store holds, for a person.
type Summary struct {
	Migrations int       `json:"migrations"`
	Open       int       `json:"open"` // of them, those that are not over
	Jobs       int       `json:"jobs"` // that wait
	Entries    int       `json:"entries"`
	Size       int64     `json:"size"`           // of the file, in bytes
	AsOf       time.Time `json:"as_of,omitzero"` // of a backup: the moment it shows
}

// Summary counts what there is.
func (s *Store) Summary(ctx context.Context) (Summary, error) {
	stats := s.Stats()
	out := Summary{Migrations: stats.Migrations, Open: stats.Open}
	for _, n := range stats.Jobs {
		out.Jobs += n
	}
	err := s.engine.view(ctx, func(r reader) error {
		n, err := number(r, meta, "sequence/audit")
		out.Entries = int(n)
		if err != nil {
			return err
		}
		out.AsOf, err = asOf(r)
		return err
	})
	if err == nil {
		out.Size, err = s.engine.size()
	}
	if err != nil {
		return Summary{}, fmt.Errorf("sum the store up: %w", err)
	}
	return out, nil
}

var savedKey = []byte("saved")

// asOf is the moment that a backup shows, zero in a store that is none.
func asOf(r reader) (time.Time, error) {
	b, err := r.get(meta, savedKey)
	if err != nil || b == nil {
		return time.Time{}, err
	}
	at, _, err := cutTime(b)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: the moment of the backup cannot be read", errDamaged)
	}
	return at, nil
}

// Backup writes all that is committed into a new file at path, which is a store
// of its own then, with mode 0600, on the disk and checked. Others read and
// write meanwhile. Where it fails, no file is left.
func (s *Store) Backup(ctx context.Context, path string) (_ Summary, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Summary{}, unwritten(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove(path))
		}
	}()
	at := s.now() // what is committed later may or may not be in it
	if err := errors.Join(s.engine.copy(ctx, file), file.Sync(), file.Close()); err != nil {
		return Summary{}, unwritten(path, err)
	}
	return seal(ctx, path, func(w writer) error { return w.put(meta, savedKey, appendTime(nil, at)) })
}

// seal makes a copy of a store what it should be, and checks it.
func seal(ctx context.Context, path string, change func(writer) error) (Summary, error) {
	e, err := openBolt(path, time.Second)
	if err != nil {
		return Summary{}, unsealed(path, err)
	}
	s := newStore(path, e, Options{}.whole())
	s.older, err = older(ctx, e)
	var sum Summary
	if err == nil {
		_, err = e.update(ctx, change)
	}
	if err == nil {
		err = s.Check(ctx)
	}
	if err == nil {
		sum, err = s.Summary(ctx)
	}
	if err = errors.Join(err, e.close()); err != nil {
		return Summary{}, unsealed(path, err)
	}
	return sum, nil
}

func unsealed(path string, err error) error {
	return unwritten(path, fmt.Errorf("the copy is not sound: check the store itself with `ecs-migrate store check`: %w", err))
}

// unwritten says why a file beside the store could not be made.
func unwritten(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already and was left as it is", path)
	}
	return fmt.Errorf("cannot write %s: %w", path, named(path, err))
}

// older tells whether the file's schema is not the present one.
func older(ctx context.Context, e engine) (bool, error) {
	s, _, err := found(ctx, e)
	return s.Version < len(steps()), err
}

// Compact gives the space that nothing uses any more back to the disk. Reads and
// writes wait meanwhile; then they go on with the new file, in the same place.
// Where it fails, the file is as it was.
func (s *Store) Compact(ctx context.Context) (before, after int64, err error) {
	if s.older {
		return 0, 0, fmt.Errorf("the store %s has an older schema: `ecs-migrate run` brings it up to date", s.engine.path)
	}
	err = s.engine.exchange(func(now engine) (engine, error) {
		if before, err = now.size(); err != nil {
			return nil, err
		}
		next, err := compacted(ctx, s.engine.path, now)
		if err != nil {
			return nil, err
		}
		if err := syncDir(filepath.Dir(s.engine.path)); err != nil {
			s.log.Error("the compacted store may lose its name in a power cut: see what its disk says", "err", err)
		}
		after, err = next.size()
		if err != nil {
			s.log.Warn("cannot tell how large the compacted store is", "err", err)
		}
		return next, nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("compact the store, which is as it was: %w", named(s.engine.path, err))
	}
	return before, after, nil
}

// compacted is an engine on a compacted copy, checked, that has the path now.
func compacted(ctx context.Context, path string, now engine) (_ engine, err error) {
	path, err = filepath.EvalSymlinks(path) // a link stays one
	if err != nil {
		return nil, err
	}
	temp, err := besides(path, "compact")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove(temp)) }()
	if err := now.compact(ctx, temp); err != nil {
		return nil, err
	}
	next, err := openBolt(temp, time.Second)
	if err != nil {
		return nil, err
	}
	err = newStore(temp, next, Options{}.whole()).Check(ctx)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return nil, errors.Join(err, next.close())
	}
	return next, nil // from here on the former file has no name
}

// besides makes an empty file of mode 0600 in path's directory, for what will
// take its name once it is whole.
func besides(path, purpose string) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"."+purpose+"-*") // 0600
	if err != nil {
		return "", err
	}
	return file.Name(), file.Close()
}

// Look opens the store in the file path as it is, to look after it: nothing is
// begun where there is none, and an older file stays one.
func Look(path string, o Options) (*Store, error) {
	o = o.whole()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !isLink(path) {
		return nil, fmt.Errorf("there is no store %s: give its path with --store, or the bot's configuration with --config", path)
	}
	e, err := openFile(path, o, nil)
	if err != nil {
		return nil, err
	}
	s := newStore(path, e, o)
	if s.older, err = older(context.Background(), e); err != nil {
		return nil, errors.Join(explain(path, err), e.close())
	}
	return s, nil
}

// ErrLocked says that another process, most likely a running bot, has the store
// open.
var ErrLocked = errLocked

// Older tells whether the file waits to be brought up to date: then only its own
// structure can be checked.
func (s *Store) Older() bool { return s.older }

// Verify checks a file that is a store and that nobody has open, and sums it up.
func Verify(ctx context.Context, path string) (Summary, error) {
	return seal(ctx, path, func(writer) error { return nil })
}
