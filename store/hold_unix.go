//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Hold keeps others from opening the store at path, whatever is in the file: a
// damaged one can be held too. The lock is the one that bbolt takes. Where
// there is no file, there is nothing to hold. The error is ErrLocked where
// another process has it open.
func Hold(path string) (release func() error, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() error { return nil }, nil
	} else if err != nil {
		return nil, explain(path, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, errors.Join(explain(path, err), file.Close())
	}
	return file.Close, nil
}
