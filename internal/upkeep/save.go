package upkeep

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Save has write make a file and gives it the name path, whole or not at all and
// with mode 0600. What stands there already is replaced only with force.
func Save(path string, force bool, write func(temp string) error) (err error) {
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			return fmt.Errorf("%s is a directory: give the name of a file in it", path)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file: give another name", path)
		case !force:
			return fmt.Errorf("%s exists already and was left as it is: give another name, or --force to replace it", path)
		}
	}
	// A directory of its own, for what wants to make the file itself.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".ecs-migrate-")
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no directory %s: create it, or give another name", filepath.Dir(path))
	} else if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	temp := filepath.Join(dir, "new")
	if err := write(temp); err != nil {
		return err
	}
	if err := place(temp, path, force); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// place gives a file its name. A link, unlike a rename, never replaces what came
// there meanwhile.
func place(temp, path string, force bool) error {
	if !force {
		err := os.Link(temp, path)
		if err == nil {
			return nil
		}
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s exists already and was left as it is: give another name, or --force to replace it", path)
		}
		// This file system has no links.
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// syncDir makes a new name survive a power cut, where the file system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // some cannot, and need not; the file itself is on the disk
	return nil
}
