package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// later is a schema version that does not exist yet: it keeps a word about
// every migration.
func later(w writer) error {
	if err := w.create("words"); err != nil {
		return err
	}
	var keys [][]byte
	err := w.scan(records, nil, nil, func(k, _ []byte) error {
		keys = append(keys, append([]byte(nil), k...))
		return nil
	})
	for _, k := range keys {
		err = errors.Join(err, w.put("words", k, []byte("later")))
	}
	return err
}

func TestStepsRunTogetherOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = s.writes.do(t.Context(), func(w writer) error { return w.put(records, []byte("k"), []byte("v")) })
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}

	// The second of two steps fails: the first is undone too.
	boom := errors.New("boom")
	_, err = openWith(path, Options{}, append(steps(), later, func(writer) error { return boom }))
	present := len(steps())
	want := fmt.Sprintf("the store PATH cannot be brought from schema version %d to %d and is as it was: "+
		"run the ecs-migrate that it was written with, and report this: step to version %[2]d: boom", present, present+2)
	if err == nil || !errors.Is(err, boom) || strings.ReplaceAll(err.Error(), path, "PATH") != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if v := version(t, path, steps()); v != present {
		t.Errorf("version %d after a failed upgrade", v)
	}

	if v := version(t, path, append(steps(), later)); v != present+1 {
		t.Errorf("version %d after the upgrade", v)
	}
	s, err = openWith(path, Options{}, append(steps(), later))
	if err != nil {
		t.Fatal(err)
	}
	err = s.engine.view(t.Context(), func(r reader) error {
		b, err := r.get("words", []byte("k"))
		if string(b) != "later" {
			return fmt.Errorf("got %q, %w", b, err)
		}
		return nil
	})
	faults, broken := s.engine.check(t.Context())
	if err := errors.Join(err, broken, errors.Join(faults...), s.Close()); err != nil {
		t.Error(err)
	}
	if _, err := Open(path, Options{}); err == nil {
		t.Error("the older program opened the newer file")
	}
}

// A store that was written before acknowledgements were asked for: what was over
// then is done.
func TestWhatWasOverBeforeAcknowledgementsIsDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := openWith(path, Options{}, steps()[:1])
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 4, 1, 2, 0, 0, 0, time.UTC)
	statuses := []migration.Status{
		migration.Inquiring, migration.Scheduled, migration.Executing, migration.Executed, migration.Failed, migration.Avoided, migration.Canceled,
	}
	err = s.writes.do(t.Context(), func(w writer) error {
		for i, status := range statuses {
			m := migration.Migration{
				Event: migration.Event{
					Key:        migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprint("e-", i)},
					InstanceID: "i-1", Type: "SystemUpgrade.Migrate", Status: status, NotBefore: at, FinishedAt: at,
				},
				FirstSeen: at, ChangedAt: at, Held: &migration.Reservation{At: at, By: "U1", Certainty: migration.Confirmed},
			}
			b, err := encode(m)
			err = errors.Join(err, w.put(records, appendKey(nil, m.Key()), b))
			for _, e := range index(m) {
				if e.space != unacked {
					err = errors.Join(err, w.put(e.space, e.key, nil))
				}
			}
			if err != nil {
				return err
			}
		}
		_, err := add(w, counts, countTotal, len(statuses))
		_, err2 := add(w, counts, countOpen, 3)
		return errors.Join(err, err2)
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}

	if s, err = Open(path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	var listed []string
	if err := s.ByDeadline(t.Context(), func(m migration.Migration) bool { listed = append(listed, m.Event.EventID); return true }); err != nil {
		t.Error(err)
	}
	if got, want := fmt.Sprint(listed), "[e-0 e-1 e-2]"; got != want {
		t.Errorf("listed %s, want %s", got, want)
	}
	for i, status := range statuses {
		m, ok, err := s.Migration(t.Context(), migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprint("e-", i)})
		if err != nil || !ok {
			t.Fatalf("%s: %v %v", status, ok, err)
		}
		over := status == migration.Executed || status == migration.Failed || status == migration.Avoided
		if (m.State() == migration.StateDone) != over || m.Waiting() || m.Held == nil || m.Held.By != "U1" {
			t.Errorf("%s: state %s, waits %v, %+v", status, m.State(), m.Waiting(), m.Held)
		}
		if over && (m.Acknowledged.By != "" || !m.Acknowledged.When.Equal(at)) {
			t.Errorf("%s: %+v", status, m.Acknowledged)
		}
	}
}

func version(t *testing.T, path string, all []step) int {
	t.Helper()
	s, err := openWith(path, Options{}, all)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	found, ok, err := found(context.Background(), s.engine.engine)
	if !ok || err != nil {
		t.Fatalf("ok %v, err %v", ok, err)
	}
	return found.Version
}

// Disks that a test cannot have.
func TestSentencesForDisks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.db")
	for want, err := range map[string]error{
		"the store PATH is on a read-only file system: set `store` to a file on a disk that can be written": syscall.EROFS,
		"the store PATH may not be read and written by this user: give the user both the file and its directory: " +
			"open PATH: permission denied": syscall.EACCES,
		"there is no space left for the store PATH: make room on its disk: open PATH: no space left on device":                syscall.ENOSPC,
		"the store PATH cannot be opened, and nothing was changed: check `store` and its disk: open PATH: input/output error": syscall.EIO,
	} {
		got := explain(path, &fs.PathError{Op: "open", Path: path, Err: err})
		if strings.ReplaceAll(got.Error(), path, "PATH") != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// What the check is for: each kind of disagreement is told.
func TestCheckTellsEachKindOfDisagreement(t *testing.T) {
	key := []byte("x\x00\x01")
	for name, spoil := range map[string]func(w writer) error{
		"a record that cannot be read":   func(w writer) error { return w.put(records, key, []byte("{")) },
		"a record at another key":        func(w writer) error { return w.put(records, key, []byte("{}")) },
		"an entry without a record":      func(w writer) error { return w.put(lookup, key, nil) },
		"a wait without a record":        func(w writer) error { return w.put(unacked, key, nil) },
		"a deadline without a record":    func(w writer) error { return w.put(deadlines, key, nil) },
		"a job that cannot be read":      func(w writer) error { return w.put(jobs, key, []byte("{")) },
		"a job without a place":          func(w writer) error { return w.put(jobs, []byte("j"), []byte(`{"id":"j"}`)) },
		"a place without a job":          func(w writer) error { return w.put(lanes, key, []byte("j")) },
		"an audit entry out of sequence": func(w writer) error { return w.put(audit, appendNumber(nil, 7), []byte("{}")) },
		"a trail without an entry":       func(w writer) error { return w.put(trail, key, nil) },
		"an envelope without a time":     func(w writer) error { return w.put(envelopes, key, make([]byte, timeLen)) },
		"a time without an envelope":     func(w writer) error { return w.put(envelopeAt, make([]byte, timeLen), nil) },
		"a post that cannot be read":     func(w writer) error { return w.put(posts, key, []byte("{")) },
		"a post at another id":           func(w writer) error { return w.put(posts, []byte("a"), []byte(`{"id":"b"}`)) },
		"a time without a post":          func(w writer) error { return w.put(postAt, make([]byte, timeLen), nil) },
		"a wrong count":                  func(w writer) error { return w.put(counts, []byte(countOpen), appendNumber(nil, 3)) },
		"a count that is no number":      func(w writer) error { return w.put(counts, []byte(countOpen), []byte("3")) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(filepath.Join(t.TempDir(), "test.db"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.writes.do(t.Context(), spoil); err != nil {
				t.Fatal(err)
			}
			if err := s.Check(t.Context()); !errors.Is(err, errDamaged) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestALinkThatCannotBeMadeIsNoFault(t *testing.T) {
	dir := t.TempDir()
	if err := syncDir(dir); err != nil {
		t.Error(err)
	}
	if err := remove(filepath.Join(dir, "gone")); err != nil {
		t.Error(err)
	}
	if err := syncDir(filepath.Join(dir, "gone")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestTicksOfAnOlderFileStillGoLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	old, err := openWith(path, Options{}, steps()[:2])
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	err = old.writes.do(t.Context(), func(w writer) error {
		for id, kind := range map[string]migration.JobKind{"tick": migration.JobTick, "line": migration.JobLine} {
			q := queued{Job: migration.Job{ID: id, Lane: "a\x00", Kind: kind, Due: now, Rev: 1}, Seq: 1}
			b, _ := encode(q)
			place := appendText(nil, q.Lane)
			if kind == migration.JobTick {
				place = append(place, 1) // as it was then
			} else {
				place = append(place, 0)
			}
			_, err := add(w, counts, countJob+string(kind), 1)
			err = errors.Join(err, w.put(jobs, []byte(id), b), w.put(lanes, appendNumber(appendTime(place, now), 1), []byte(id)))
			if err != nil {
				return err
			}
		}
		_, err := next(w, "jobs")
		return err
	})
	if err := errors.Join(err, old.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if due, _, err := s.Heads(t.Context(), now); err != nil || len(due) != 1 || due[0].ID != "line" {
		t.Errorf("due %v, %v", due, err)
	}
}
