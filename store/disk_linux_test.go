package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// fillDisk is the role of a process on a disk that is full, twice: once where
// the file cannot grow, then where what should be in it cannot be written.
func fillDisk(path string) int {
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	written := 0
	for _, room := range []uint64{64 << 10, 24 << 10} {
		if err := fillUp(s, &written, room); err != nil {
			fmt.Fprintf(os.Stderr, "%d written, room for %d: %v\n", written, room, err)
			return 1
		}
	}
	if err := errors.Join(s.Check(context.Background()), s.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(written)
	return 0
}

// fillUp writes until no byte may be written behind the first room ones, looks
// whether the store can be read then, and writes one more with room again.
func fillUp(s *store.Store, written *int, room uint64) error {
	ctx := context.Background()
	announce := func() error {
		_, err := s.Apply(ctx, event(*written).Key, "", func(*migration.Migration) (migration.Change, error) {
			return migration.First(event(*written), instance(*written), "C1", start), nil
		})
		if err == nil {
			*written++
		}
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: limit.Max}); err != nil {
		return err
	}
	for announce() == nil {
		if *written > 10_000 {
			return errors.New("the disk never filled")
		}
	}
	if err := s.Writable(ctx); err == nil {
		return errors.New("a full disk is told to be writable")
	}
	for n := range *written + 1 {
		if _, ok, err := s.Migration(ctx, event(n).Key); ok != (n < *written) || err != nil {
			return fmt.Errorf("%d on a full disk: there %v, err %w", n, ok, err)
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return errors.Join(s.Writable(ctx), announce()) // nothing else has to be written for that to be known
}

func TestAFullDiskIsToldAndTheStoreGoesOn(t *testing.T) {
	s := openTest(t)
	s.close()
	child, out := again(t, "fill", s.path)
	var written int
	if out.Scan() {
		fmt.Sscan(out.Text(), &written)
	}
	err := child.Wait()
	s.open()
	if err != nil || written == 0 || s.Stats().Migrations != written {
		t.Errorf("%d written, stats %+v, err %v", written, s.Stats(), err)
	}
}

// asNobody runs fn with the rights that a user without any has on files, whoever
// runs the tests.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with its odd rights
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
			t.Error(errno)
			return
		}
		fn()
	}()
	<-done
}

func TestAFileOfSomebodyElse(t *testing.T) {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "test.db")
	before := filled(t, path)
	denied := "the store PATH may not be read and written by this user: give the user both the file and its directory: "
	for _, c := range []struct {
		file, dir os.FileMode
		name      string
		want      string
	}{
		{0o000, 0o755, "test.db", denied + "open PATH: permission denied"},
		{0o444, 0o555, "test.db", denied + "open PATH: permission denied"},
		{0o600, 0o000, "test.db", denied + "stat PATH: permission denied"},
	} {
		for name, mode := range map[string]os.FileMode{path: c.file, dir: c.dir} {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
		asNobody(t, func() {
			_, err := store.Open(filepath.Join(dir, c.name), store.Options{})
			if err == nil || strings.ReplaceAll(err.Error(), path, "PATH") != c.want {
				t.Errorf("%v in %v: got  %v\nwant %s", c.file, c.dir, err, c.want)
			}
		})
	}
	// No new file may be made there either.
	os.Chmod(dir, 0o555)
	asNobody(t, func() {
		_, err := store.Open(filepath.Join(dir, "new.db"), store.Options{})
		if !errors.Is(err, os.ErrPermission) {
			t.Errorf("got %v", err)
		}
	})
	os.Chmod(dir, 0o700)
	os.Chmod(path, 0o600)
	if string(read(t, path)) != string(before) {
		t.Error("the file was changed")
	}
}

func init() { roles["fill"] = fillDisk }
