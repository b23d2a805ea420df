package store

import (
	"context"
	"errors"
	"os"
)

// space names a part of the engine with keys of its own.
type space string

// reader is one consistent look at an engine. Slices that it hands out are only
// valid until its transaction ends.
type reader interface {
	// get is nil where the key is unknown.
	get(s space, key []byte) ([]byte, error)
	// scan shows, in order of the keys, each one that begins with prefix and is
	// not before from. It ends without an error where each returns errStop. The
	// space must not be written meanwhile.
	scan(s space, prefix, from []byte, each func(key, value []byte) error) error
}

// writer is a transaction that commits whole or not at all.
type writer interface {
	reader
	create(s space) error // nothing happens where the space exists
	put(s space, key, value []byte) error
	delete(s space, key []byte) error
}

// engine is an ordered key-value store. One writer is at work at a time;
// readers go on beside it and see what was committed when they began.
type engine interface {
	view(ctx context.Context, fn func(reader) error) error
	// update commits what fn wrote, durably, unless fn returns an error. Where
	// fn wrote nothing there is no commit, and committed is false.
	update(ctx context.Context, fn func(writer) error) (committed bool, err error)
	// check looks for damage in the engine's own structure: all that it finds. An
	// error says that it could not look.
	check(ctx context.Context) (faults []error, err error)
	// copy writes what was committed when it began, whole, into the empty file.
	copy(ctx context.Context, into *os.File) error
	// compact writes the same into a new file at path, without the space that
	// nothing uses.
	compact(ctx context.Context, path string) error
	// size is that of the file, in bytes.
	size() (int64, error)
	close() error
}

// errNoSpace says that an engine has no such space.
var errNoSpace = errors.New("it has no space")

// errStop ends a scan early.
var errStop = errors.New("scan: stop")

// first is the first key of the space that is not before from, nil where there
// is none.
func first(r reader, s space, from []byte) (key, value []byte, err error) {
	err = r.scan(s, nil, from, func(k, v []byte) error {
		key, value = k, v
		return errStop
	})
	return key, value, err
}
