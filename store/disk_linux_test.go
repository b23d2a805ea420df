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

// fillDisk is the role of a process that may not make its files longer, as on a
// full disk. It prints what went wrong in each way it could.
func fillDisk(path string) int {
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	announce := func(n int) error {
		_, err := s.Apply(context.Background(), event(n).Key, "", func(*migration.Migration) (migration.Change, error) {
			return migration.First(event(n), instance(n), "C1", start), nil
		})
		return err
	}
	var limit syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit)
	full := limit
	full.Cur = 64 << 10
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full)
	written := 0
	for ; err == nil && written < 10_000; written++ {
		err = announce(written)
	}
	written--
	if !errors.Is(err, syscall.EFBIG) {
		fmt.Fprintf(os.Stderr, "after %d: %v\n", written, err)
		return 1
	}
	for n := range written {
		if _, ok, err := s.Migration(context.Background(), event(n).Key); !ok || err != nil {
			fmt.Fprintf(os.Stderr, "%d cannot be read on a full disk: ok %v, %v\n", n, ok, err)
			return 1
		}
	}
	if _, ok, err := s.Migration(context.Background(), event(written).Key); ok || err != nil {
		fmt.Fprintf(os.Stderr, "what failed was written: %v\n", err)
		return 1
	}
	syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
	if err := errors.Join(announce(written), s.Check(context.Background()), s.Close()); err != nil {
		fmt.Fprintf(os.Stderr, "with room again: %v\n", err)
		return 1
	}
	fmt.Println(written + 1)
	return 0
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
