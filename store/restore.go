package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ecs-migrate/internal/migration"
)

// A store that was restored knows less than Slack and the cloud: since the
// backup, cards and lines were posted and changes made that it has no record of.
// So each job in it, and each that follows from what it sees again, counts as
// one that may have been done: whoever runs it looks first.

// restored is kept in a store that was restored from a backup.
type restored struct {
	At   time.Time `json:"at"`    // when it was restored
	AsOf time.Time `json:"as_of"` // the moment that the backup shows
}

var restoredKey = []byte("restored")

func restoredOf(r reader) (s restored, ok bool, err error) {
	b, err := r.get(meta, restoredKey)
	if err != nil || b == nil {
		return restored{}, false, err
	}
	s, err = decode[restored](b)
	return s, err == nil, err
}

// past tells which jobs of a change may have been done before the store was
// restored.
type past struct {
	restored
	known   bool // the store never was, or this is known for sure not to be told before
	sure    bool // what the change follows from was read since
	decided bool // a person decided it since: its lines are news
}

// pastOf judges a change of what is known.
func pastOf(r reader, old known, c migration.Change) (past, error) {
	p := past{known: true}
	if len(c.Jobs) == 0 {
		return p, nil
	}
	s, ok, err := restoredOf(r)
	if err != nil || !ok {
		return p, err
	}
	p = past{restored: s, sure: old.migration != nil && old.migration.Event.ReadAt.After(s.At)}
	if m := c.Migration; m != nil {
		p.known = m.Event.PublishedAt.After(s.At) // the event itself began to be since
		p.decided = decidedSince(*m, s.At)
	}
	return p, nil
}

// retoldFor is for how long after it was restored a store comes upon what it may
// have told before: what follows a run is seen hours after it, and a post tells
// of a day, or of trouble that is soon seen again.
const retoldFor = 48 * time.Hour

func (s *Store) pastOfPost(r reader, old *migration.Post) (past, error) {
	stamp, ok, err := restoredOf(r)
	if err != nil || !ok || old != nil || s.now().Sub(stamp.At) > retoldFor {
		return past{known: true}, err
	}
	return past{restored: stamp}, nil
}

// decidedSince tells whether a person decided something after the moment at.
func decidedSince(m migration.Migration, at time.Time) bool {
	for _, r := range []*migration.Reservation{m.Held, m.Asked} {
		if r != nil && r.By != "" && r.Made.After(at) {
			return true
		}
	}
	return m.Consent != nil && m.Consent.Made.After(at)
}

// of is the moment since which the job may have been done, zero where it
// certainly was not.
func (p past) of(job migration.Job) time.Time {
	once := job.News != nil && job.News.Kind.Once()
	switch {
	case p.known:
	case once, job.Kind == migration.JobList, job.Kind == migration.JobRemind && !job.Due.After(p.At):
		// Of a migration's one life, or due before: told before or never.
		if job.Due.Sub(p.At) < retoldFor {
			return p.AsOf
		}
	case p.sure, job.Kind == migration.JobLine && p.decided:
	default:
		return p.AsOf
	}
	return time.Time{}
}

// Prepared is a copy of a backup beside the store whose place it is to take.
type Prepared struct {
	Summary      // as of the backup
	path, backup string
	o            Options
}

// Prepare copies a backup beside the store at path and makes it ready to take
// its place. name is what a person calls the backup. A file that is foreign,
// damaged or of a newer schema is refused, in a sentence; nothing else is
// touched either way.
func Prepare(ctx context.Context, path, name string, from io.Reader, o Options) (_ *Prepared, err error) {
	o = o.whole()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a link stays one
	}
	temp, err := besides(path, "restore")
	if err != nil {
		return nil, explain(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove(temp))
		}
	}()
	if err := fill(temp, from); err != nil {
		return nil, unwritten(temp, err)
	}
	if err := acceptable(temp, name); err != nil {
		return nil, err
	}
	e, err := openFile(temp, o, steps())
	if err != nil {
		return nil, refused(name, err)
	}
	defer func() { err = errors.Join(err, e.close()) }()
	s := newStore(temp, e, o)
	if err := s.Check(ctx); err != nil {
		return nil, refused(name, fmt.Errorf("it is damaged: take an older backup: %w", err))
	}
	sum, err := s.Summary(ctx)
	if err != nil {
		return nil, refused(name, err)
	}
	if _, err := e.update(ctx, func(w writer) error { return mark(w, &sum, o.Now()) }); err != nil {
		return nil, unwritten(temp, err)
	}
	return &Prepared{Summary: sum, path: path, backup: temp, o: o}, nil
}

func fill(path string, from io.Reader) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Sync(), file.Close())
}

// acceptable refuses what is no store of ours, by the name that a person gave.
func acceptable(path, name string) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() == 0 {
		return fmt.Errorf("%s is empty, and nothing was restored: give a file that `ecs-migrate store backup` wrote", name)
	}
	e, err := openBolt(path, time.Second)
	switch {
	case errors.Is(err, errForeign):
		return fmt.Errorf("%s is no store of ecs-migrate, and nothing was restored: give a file that `ecs-migrate store backup` wrote", name)
	case errors.Is(err, errDamaged):
		return refused(name, fmt.Errorf("it is damaged: take an older backup: %w", err))
	case err != nil:
		return refused(name, err)
	}
	s, err := ours(path, e, len(steps()))
	err = errors.Join(err, e.close())
	switch {
	case s.Version > len(steps()):
		return fmt.Errorf("%s has schema version %d and this ecs-migrate knows %d at most, and nothing was restored: "+
			"restore it with the newer ecs-migrate", name, s.Version, len(steps()))
	case err != nil && s.Format != format:
		return fmt.Errorf("%s is no store of ecs-migrate, and nothing was restored: give a file that `ecs-migrate store backup` wrote", name)
	case err != nil:
		return refused(name, err)
	}
	return nil
}

func refused(name string, err error) error {
	return fmt.Errorf("cannot restore from %s, and nothing was changed: %w", name, err)
}

// mark makes a backup a store that knows what it is: every job in it may have
// been done since.
func mark(w writer, sum *Summary, now time.Time) error {
	if sum.AsOf.IsZero() {
		// A copy of the file that some other program made. Its newest entry is
		// of the moment that it shows, or before.
		at, err := newest(w)
		if err != nil {
			return err
		}
		sum.AsOf = at
	}
	b, err := encode(restored{At: now.UTC(), AsOf: sum.AsOf})
	if err != nil {
		return err
	}
	if err := errors.Join(w.put(meta, restoredKey, b), w.delete(meta, savedKey)); err != nil {
		return err
	}
	var all []queued
	err = w.scan(jobs, nil, nil, func(_, v []byte) error {
		q, err := decode[queued](v)
		all = append(all, q)
		return err
	})
	if err != nil {
		return err
	}
	for _, q := range all {
		q.mayHaveHappened(sum.AsOf)
		q.Job = jobUTC(q.Job)
		if err := keep(w, q); err != nil {
			return err
		}
	}
	return nil
}

// newest is the moment of the last audit entry, or that at which the store was
// begun.
func newest(r reader) (time.Time, error) {
	last, err := number(r, meta, "sequence/audit")
	if err != nil {
		return time.Time{}, err
	}
	if b, err := r.get(audit, appendNumber(nil, last)); err != nil {
		return time.Time{}, err
	} else if b != nil {
		e, err := decode[migration.Entry](b)
		return e.News.When.UTC(), err
	}
	b, err := r.get(meta, schemaKey)
	if err != nil {
		return time.Time{}, err
	}
	s, err := decode[schema](b)
	return s.Created.UTC(), err
}

// Install puts the backup in the store's place in one step, and gives the name
// that the file which stood there has now, empty where there was none. Nobody
// may have the store open, or all that they still write goes to that file.
func (p *Prepared) Install() (former string, err error) {
	defer func() { err = errors.Join(err, remove(p.backup)) }()
	switch _, err := os.Lstat(p.path); {
	case err == nil:
		if former, err = p.keep(); err != nil {
			return "", explain(p.path, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", explain(p.path, err)
	}
	if err := os.Rename(p.backup, p.path); err != nil {
		err = fmt.Errorf("the backup could not be put in the place of the store %s, and nothing was changed: look at its disk: %w", p.path, err)
		return "", errors.Join(err, p.back(former))
	}
	if err := syncDir(filepath.Dir(p.path)); err != nil {
		return former, fmt.Errorf("the store was restored, but may have its former content again after a power cut: see what its disk says: %w", err)
	}
	return former, nil
}

// keep gives the store's file another name besides its own, so that there is a
// store at each moment.
func (p *Prepared) keep() (string, error) {
	name := p.path + ".before-restore-" + p.o.Now().UTC().Format("20060102T150405Z")
	for n := 1; ; n++ {
		to := name
		if n > 1 {
			to = fmt.Sprintf("%s-%d", name, n)
		}
		err := os.Link(p.path, to)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil { // this file system has no links
			err = os.Rename(p.path, to)
		}
		return to, err
	}
}

// back gives the store the name that it had before keep, and no other.
func (p *Prepared) back(former string) error {
	if former == "" {
		return nil
	}
	if _, err := os.Lstat(p.path); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(former, p.path)
	}
	return os.Remove(former)
}

// Discard takes the copy away again.
func (p *Prepared) Discard() error { return remove(p.backup) }

// Restored is when the store was restored from a backup and of which moment that
// was, ok=false where it never was.
func (s *Store) Restored(ctx context.Context) (at, asOf time.Time, ok bool, err error) {
	err = s.engine.view(ctx, func(r reader) error {
		stamp, is, err := restoredOf(r)
		at, asOf, ok = stamp.At, stamp.AsOf, is
		return err
	})
	if err != nil {
		return time.Time{}, time.Time{}, false, fmt.Errorf("read when the store was restored: %w", err)
	}
	return at, asOf, ok, nil
}
