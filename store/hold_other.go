//go:build !unix

package store

import (
	"errors"
	"io/fs"
	"os"
)

// Hold finds out whether another process has the store open, as well as this
// system tells.
func Hold(path string) (release func() error, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() error { return nil }, nil
	} else if err != nil {
		return nil, explain(path, err)
	}
	return file.Close, nil
}
