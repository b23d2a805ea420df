package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// What can be wrong with a file, told apart for open.go's sentences.
var (
	errLocked  = errors.New("another process holds the file")
	errForeign = errors.New("not a bbolt file")
	errDamaged = errors.New("the file is damaged")
)

// bolt is the engine on a bbolt file.
type bolt struct {
	db   *bbolt.DB
	file *os.File // that db has open: it may get another name meanwhile
}

// openBolt opens a bbolt file that exists. Nothing is written to it.
func openBolt(path string, lockTimeout time.Duration) (engine, error) {
	if err := probe(path, lockTimeout); err != nil {
		return nil, err
	}
	return newBolt(path, bbolt.Options{Timeout: lockTimeout})
}

// beginBolt makes an empty bbolt file of a file without content.
func beginBolt(path string) (engine, error) {
	return newBolt(path, bbolt.Options{Timeout: time.Second})
}

func newBolt(path string, o bbolt.Options) (engine, error) {
	o.FreelistType = bbolt.FreelistMapType // stays fast where much is deleted
	var file *os.File
	o.OpenFile = func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = openExisting(path, flag, mode)
		return file, err
	}
	// Where a damaged list of free pages makes this panic, the file stays locked
	// until the process ends.
	db, err := guarded(func() (*bbolt.DB, error) { return bbolt.Open(path, 0o600, &o) })
	if err != nil {
		return nil, kindOf(err)
	}
	return &bolt{db, file}, nil
}

// openExisting keeps bbolt from making a file where somebody took it away.
func openExisting(path string, flag int, mode os.FileMode) (*os.File, error) {
	return os.OpenFile(path, flag&^os.O_CREATE, mode)
}

// leastSize is that of bbolt's two header pages, with the smallest page in use.
const leastSize = 2 * 4096

// probe looks whether the file is as long as its own header says. Opening a
// shorter one for writing would read beyond its end.
func probe(path string, lockTimeout time.Duration) error {
	_, err := guarded(func() (struct{}, error) {
		var none struct{}
		info, err := os.Stat(path)
		if err != nil {
			return none, err
		}
		if info.Size() < leastSize {
			return none, errForeign
		}
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout, OpenFile: openExisting})
		if err != nil {
			return none, kindOf(err)
		}
		defer db.Close()
		if info, err = os.Stat(path); err != nil { // under the lock
			return none, err
		}
		return none, db.View(func(tx *bbolt.Tx) error {
			if info.Size() < tx.Size() {
				return fmt.Errorf("%w: it has %d bytes of at least %d", errDamaged, info.Size(), tx.Size())
			}
			return nil
		})
	})
	return err
}

// kindOf gives bbolt's errors our own names.
func kindOf(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return errLocked
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%w: %w", errForeign, err)
	case errors.Is(err, bolterrors.ErrChecksum):
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return err
}

// unmapped tells whether the file can no longer be reached through memory, which
// only opening it again mends.
func unmapped(err error) bool { return errors.Is(err, bolterrors.ErrInvalidMapping) }

// guarded turns bbolt's answer to pages that make no sense, a panic or an
// access beyond the mapped file, into an error.
func guarded[T any](fn func() (T, error)) (out T, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errDamaged, r)
		}
	}()
	return fn()
}

// faulted tells whether a panic is an access beyond the mapped file.
func faulted(panicked any) bool {
	_, ok := panicked.(interface{ Addr() uintptr })
	return ok
}

func (b *bolt) close() error { return b.db.Close() }

func (b *bolt) size() (int64, error) {
	info, err := b.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// copy holds a reader's place: a commit that must map more of the file waits for
// it. So the file must be one on a disk, never a pipe to somebody slow.
func (b *bolt) copy(ctx context.Context, into *os.File) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := guarded(func() (struct{}, error) {
		return struct{}{}, b.db.View(func(tx *bbolt.Tx) error {
			_, err := tx.WriteTo(into)
			return err
		})
	})
	return err
}

// compactStep bounds what a transaction of a compaction holds in memory.
const compactStep = 16 << 20

func (b *bolt) compact(ctx context.Context, path string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// One sync at the end will do: until then nobody knows the file.
	dst, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	_, err = guarded(func() (struct{}, error) {
		return struct{}{}, errors.Join(bbolt.Compact(dst, b.db, compactStep), dst.Sync())
	})
	return errors.Join(err, dst.Close())
}

func (b *bolt) view(ctx context.Context, fn func(reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := guarded(func() (struct{}, error) {
		return struct{}{}, b.db.View(func(tx *bbolt.Tx) error { return fn(&boltTx{tx: tx}) })
	})
	return err
}

// errClean rolls back a transaction that wrote nothing.
var errClean = errors.New("nothing written")

func (b *bolt) update(ctx context.Context, fn func(writer) error) (committed bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	_, err = guarded(func() (struct{}, error) {
		return struct{}{}, b.db.Update(func(tx *bbolt.Tx) error {
			w := &boltTx{tx: tx}
			if err := fn(w); err != nil {
				return err
			}
			if !w.wrote {
				return errClean
			}
			return nil
		})
	})
	if errors.Is(err, errClean) {
		return false, nil
	}
	return err == nil, err
}

// check holds the writer's place, since bbolt's check reads the list of free
// pages that writers change. It works in a goroutine of its own, in which a read
// beyond the end of a file that was cut short would end the process: the length
// is looked at first.
func (b *bolt) check(ctx context.Context) (faults []error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := b.long(); err != nil {
		return nil, err
	}
	_, err = guarded(func() (struct{}, error) {
		return struct{}{}, b.db.Update(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				faults = append(faults, fmt.Errorf("%w: %w", errDamaged, err))
			}
			return errClean
		})
	})
	if errors.Is(err, errClean) {
		err = nil
	}
	return faults, err
}

// long tells where the file is shorter than what is said to be in it.
func (b *bolt) long() error {
	_, err := guarded(func() (struct{}, error) {
		return struct{}{}, b.db.View(func(tx *bbolt.Tx) error {
			size, err := b.size()
			if err == nil && size < tx.Size() {
				err = fmt.Errorf("%w: it has %d bytes of at least %d", errDamaged, size, tx.Size())
			}
			return err
		})
	})
	return err
}

// boltTx is a transaction; a space is a bucket.
type boltTx struct {
	tx    *bbolt.Tx
	wrote bool
}

// Each step below is guarded by itself: in a transaction that several callers
// share, a page that makes no sense must not pass for a fault of the one that
// came upon it.

func (t *boltTx) bucket(s space) (*bbolt.Bucket, error) {
	b := t.tx.Bucket([]byte(s))
	if b == nil {
		return nil, fmt.Errorf("%w: %w %q", errDamaged, errNoSpace, s)
	}
	return b, nil
}

func (t *boltTx) get(s space, key []byte) ([]byte, error) {
	return guarded(func() ([]byte, error) {
		b, err := t.bucket(s)
		if err != nil {
			return nil, err
		}
		return b.Get(key), nil
	})
}

// pair is where a cursor stands; no key: behind the last.
type pair struct{ key, value []byte }

func (t *boltTx) scan(s space, prefix, from []byte, each func(key, value []byte) error) error {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	var c *bbolt.Cursor
	at, err := guarded(func() (at pair, err error) {
		b, err := t.bucket(s)
		if err == nil {
			c = b.Cursor()
			at.key, at.value = c.Seek(from)
		}
		return at, err
	})
	for err == nil && at.key != nil && bytes.HasPrefix(at.key, prefix) {
		if err := each(at.key, at.value); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
		at, err = guarded(func() (at pair, err error) {
			at.key, at.value = c.Next()
			return at, nil
		})
	}
	return err
}

func (t *boltTx) create(s space) error {
	t.wrote = true
	_, err := guarded(func() (*bbolt.Bucket, error) { return t.tx.CreateBucketIfNotExists([]byte(s)) })
	return err
}

func (t *boltTx) put(s space, key, value []byte) error {
	t.wrote = true
	if value == nil {
		value = []byte{} // so that get tells it from an unknown key
	}
	return t.change(s, func(b *bbolt.Bucket) error { return b.Put(key, value) })
}

func (t *boltTx) delete(s space, key []byte) error {
	t.wrote = true
	return t.change(s, func(b *bbolt.Bucket) error { return b.Delete(key) })
}

func (t *boltTx) change(s space, fn func(*bbolt.Bucket) error) error {
	_, err := guarded(func() (struct{}, error) {
		b, err := t.bucket(s)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, fn(b)
	})
	return err
}
