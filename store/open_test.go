package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// holdOpen is the role of a process that has the store open until its input ends.
func holdOpen(path string) int {
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.Close()
	fmt.Println("open")
	os.Stdin.Read(make([]byte, 1))
	return 0
}

// write makes a bbolt file with one bucket.
func write(t *testing.T, path, bucket, key, value string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bucket))
		if err != nil {
			return err
		}
		return b.Put([]byte(key), []byte(value))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// filled makes a store of some pages and tells its content.
func filled(t *testing.T, path string) []byte {
	t.Helper()
	s := &opened{t: t, path: path, now: start}
	s.open()
	for n := range 40 {
		s.announce(event(n), instance(n))
	}
	s.close()
	return read(t, path)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	foreign = "PATH is not a store of ecs-migrate and was left as it is: set `store` to another file, or move this one away"
	damaged = "the store PATH is damaged and was left as it is: put a backup in its place with `ecs-migrate store restore FILE`, or move it away to begin anew: the file is damaged: "
)

func TestAFileThatCannotBeTheStoreIsRefusedWithASentence(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"a directory": {
			func(t *testing.T, path string) { os.Mkdir(path, 0o700) },
			"the store PATH is a directory: set `store` to a file in it, such as PATH/ecs-migrate.db",
		},
		"a socket or device": {
			func(t *testing.T, path string) { os.Symlink(os.DevNull, path) },
			"the store PATH is not a regular file: set `store` to a file on a disk",
		},
		"a link to nothing": {
			func(t *testing.T, path string) { os.Symlink(path+".gone", path) },
			"the store PATH is a link to a file that does not exist: bring that file back, or remove the link to begin anew",
		},
		"empty": {
			func(t *testing.T, path string) { os.WriteFile(path, nil, 0o600) },
			"the store PATH is empty, which a store never is: put a backup in its place with `ecs-migrate store restore FILE`, or remove it to begin anew",
		},
		"a short text": {
			func(t *testing.T, path string) { os.WriteFile(path, []byte("slack:\n"), 0o600) }, foreign,
		},
		"a long text": {
			func(t *testing.T, path string) { os.WriteFile(path, bytes.Repeat([]byte("slack:\n"), 9999), 0o600) }, foreign,
		},
		"a bbolt file without content": {
			func(t *testing.T, path string) {
				db, err := bbolt.Open(path, 0o600, nil)
				if err := errors.Join(err, db.Close()); err != nil {
					t.Fatal(err)
				}
			}, foreign,
		},
		"somebody else's bbolt file": {
			func(t *testing.T, path string) { write(t, path, "registry", "k", "v") }, foreign,
		},
		"somebody else's bbolt file with a meta bucket": {
			func(t *testing.T, path string) { write(t, path, "meta", "schema", "7") }, foreign,
		},
		"somebody else's bbolt file with a schema": {
			func(t *testing.T, path string) { write(t, path, "meta", "schema", `{"version":1}`) }, foreign,
		},
		"a newer schema": {
			func(t *testing.T, path string) {
				filled(t, path)
				write(t, path, "meta", "schema", `{"format":"ecs-migrate","version":99}`)
			},
			"the store PATH has schema version 99 and this ecs-migrate knows 4 at most: " +
				"run the newer ecs-migrate, or restore the backup from before the upgrade",
		},
		"an impossible schema": {
			func(t *testing.T, path string) {
				write(t, path, "meta", "schema", `{"format":"ecs-migrate","version":-1}`)
			},
			damaged + "schema version -1",
		},
		"open in this process": {
			func(t *testing.T, path string) {
				s := &opened{t: t, path: path}
				s.open()
				t.Cleanup(s.close)
			},
			"the store PATH is in use by another process: stop the other ecs-migrate, or set another file as `store`",
		},
		"open in another process": {
			func(t *testing.T, path string) {
				child, out := again(t, "hold", path)
				if !out.Scan() {
					t.Fatal("the other process did not open the store")
				}
				t.Cleanup(func() {
					child.Process.Kill()
					child.Wait()
				})
			},
			"the store PATH is in use by another process: stop the other ecs-migrate, or set another file as `store`",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "test.db")
			c.make(t, path)
			before := snapshot(t, filepath.Dir(path))
			s, err := store.Open(path, store.Options{LockTimeout: 100 * time.Millisecond})
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if got := strings.ReplaceAll(err.Error(), path, "PATH"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if after := snapshot(t, filepath.Dir(path)); after != before {
				t.Errorf("was %.200q\nis  %.200q", before, after)
			}
		})
	}
}

// snapshot is what stands in a directory.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range list {
		fmt.Fprintln(&out, f.Name(), f.Type())
		if f.Type().IsRegular() {
			fmt.Fprintf(&out, "%q\n", read(t, filepath.Join(dir, f.Name())))
		}
	}
	return out.String()
}

func TestAMissingDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	_, err := store.Open(filepath.Join(dir, "x.db"), store.Options{})
	if want := "there is no directory " + dir + " for the store: create it, or set `store` to a file elsewhere"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	_, err = store.Open(filepath.Join(file, "x.db"), store.Options{})
	if want := "there is no directory " + file + " for the store: create it, or set `store` to a file elsewhere"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestANewStoreIsThereWholeAndForItsUserOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	// Several processes that start at once agree on one store.
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := store.Open(path, store.Options{LockTimeout: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("left behind: %v, %v", list, err)
	}
	info, err := list[0].Info()
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, err %v", info.Mode(), err)
	}
}

func TestAFileCutShortIsRefusedAndLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	whole := filled(t, path)
	for size := int64(1); size < int64(len(whole)); size = size*5/4 + 1 {
		cut := whole[:size]
		os.WriteFile(path, cut, 0o600)
		s, err := store.Open(path, store.Options{})
		if err == nil {
			// bbolt grows files ahead: what is missing was never written.
			if err := errors.Join(s.Check(t.Context()), s.Close()); err != nil {
				t.Errorf("cut to %d of %d and opened: %v", size, len(whole), err)
			}
			continue
		}
		if !strings.Contains(err.Error(), "left as it is") {
			t.Errorf("cut to %d: %v", size, err)
		}
		if !bytes.Equal(read(t, path), cut) {
			t.Errorf("cut to %d: changed", size)
		}
	}
}

// Whatever page is lost: it is told, and neither ends the process nor passes for
// a good store.
func TestALostPageIsFoundOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	whole := filled(t, path)
	page := os.Getpagesize()
	const header = 16 // of a page in bbolt: one that passes leads to what follows it
	for name, spoil := range map[string]func(page []byte){
		"zeros":      func(page []byte) { clear(page) },
		"ones":       func(page []byte) { copy(page, bytes.Repeat([]byte{0xFF}, len(page))) },
		"text":       func(page []byte) { copy(page, bytes.Repeat([]byte("slack:\n!"), len(page)/8)) },
		"below ones": func(page []byte) { copy(page[header:], bytes.Repeat([]byte{0xFF}, len(page)-header)) },
		"below text": func(page []byte) { copy(page[header:], bytes.Repeat([]byte("slack:\n!"), len(page)/8)) },
		"below far":  func(page []byte) { copy(page[header:], bytes.Repeat([]byte{0, 0, 0, 0x10}, len(page)/4)) }, // 256 MiB off
	} {
		told := 0
		for at := 0; at+page <= len(whole); at += page {
			b := bytes.Clone(whole)
			spoil(b[at : at+page])
			spoilt := fmt.Sprint(path, ".", name, at) // bbolt may keep hold of the one before
			os.WriteFile(spoilt, b, 0o600)
			s, err := store.Open(spoilt, store.Options{})
			if err != nil {
				if !strings.Contains(err.Error(), "left as it") {
					t.Errorf("page %d, %s: %v", at/page, name, err)
				}
				told++
				continue
			}
			if err := s.Check(t.Context()); err != nil {
				told++
			} else if found, err := s.Find(t.Context(), "e-000007"); len(found) != 1 || err != nil {
				t.Errorf("page %d, %s: not told: %v", at/page, name, err)
			}
			s.Close()
		}
		if told < 5 {
			t.Errorf("%s: only %d lost pages were told", name, told)
		}
	}
}

func TestAnOlderStoreIsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	// Version 0 is a file that was named and has no spaces yet.
	write(t, path, "meta", "schema", `{"format":"ecs-migrate","version":0,"created":"2024-01-01T00:00:00Z"}`)
	s := &opened{t: t, path: path, now: start}
	s.open()
	s.announce(event(1), instance(1))
	s.reopen()
	if found, err := s.Find(t.Context(), "web-1"); len(found) != 1 || err != nil {
		t.Errorf("found %+v, %v", found, err)
	}
	s.close()
}

func TestAClosedStoreSaysSo(t *testing.T) {
	s := openTest(t)
	s.announce(event(1), instance(1))
	s.close()
	defer s.open()
	_, err := s.Apply(t.Context(), event(1).Key, "", func(cur *migration.Migration) (migration.Change, error) { return cur.CardGone(), nil })
	if err == nil {
		t.Error("written")
	}
	if _, _, err := s.Heads(t.Context(), start); err == nil {
		t.Error("read")
	}
	if got := s.Stats(); got.Migrations != 0 {
		t.Errorf("stats %+v", got)
	}
}
