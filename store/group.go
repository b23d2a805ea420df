package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// maxGroup bounds how many writes share one commit, and so how long the first
// of them waits for the others.
const maxGroup = 256

// updater is what a group asks of an engine.
type updater interface {
	update(ctx context.Context, fn func(writer) error) (committed bool, err error)
}

// group lets writes that come while a commit is under way share the next one:
// the disk is synced once for all of them. A lone write waits for nobody.
type group struct {
	engine  updater
	commits atomic.Uint64
	last    commitState

	mu      sync.Mutex
	waiting []*write
	running bool
}

// write is one caller's part of a commit.
type write struct {
	fn       func(writer) error
	done     chan struct{} // closed once err and panicked are set
	err      error
	panicked any
}

// errAborted is what a caller sees whose fn did not return.
var errAborted = errors.New("the write was not finished")

// do runs fn in a transaction of its own or with others and returns once that is
// committed. fn may run more than once; where it returns an error or panics, all
// that it wrote is undone and the others are committed without it. Where ctx
// ends before the commit has begun, do returns ctx.Err() and nothing is written;
// afterwards the outcome is waited for, since it would be unknown otherwise.
func (g *group) do(ctx context.Context, fn func(writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{fn: fn, done: make(chan struct{})}
	g.enqueue(w)
	select {
	case <-w.done:
	case <-ctx.Done():
		if g.withdraw(w) {
			return ctx.Err()
		}
		<-w.done
	}
	if w.panicked != nil {
		panic(w.panicked) // where it belongs: in the goroutine that brought fn
	}
	return w.err
}

func (g *group) enqueue(w *write) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	if !g.running {
		g.running = true
		go g.run()
	}
}

// withdraw takes a write back that no transaction has taken up yet.
func (g *group) withdraw(w *write) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, w)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// take is the next writes to commit together; none ends the run.
func (g *group) take() []*write {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxGroup)
	batch := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	g.running = n > 0
	return batch
}

// run commits until nothing waits.
func (g *group) run() {
	for batch := g.take(); len(batch) > 0; batch = g.take() {
		g.commit(batch)
	}
}

// commit writes the batch in one transaction, without those that fail.
func (g *group) commit(batch []*write) {
	defer func() {
		if len(batch) == 0 {
			return
		}
		// A caller's fn ended this goroutine, as a failing test does: the
		// transaction was undone, and the writes behind it must go on.
		g.last.began.Store(0)
		for _, w := range batch {
			w.finish(errAborted)
		}
		go g.run()
	}()
	for len(batch) > 0 {
		failed := -1
		g.last.begins()
		// No caller's context counts here: the commit is everybody's.
		committed, err := g.engine.update(context.Background(), func(tx writer) error {
			for i, w := range batch {
				if err := w.call(tx); err != nil {
					failed = i
					return err
				}
			}
			return nil
		})
		g.last.began.Store(0)
		if committed {
			g.commits.Add(1)
		}
		if failed < 0 {
			g.last.ended(err)
			for _, w := range batch {
				w.finish(err)
			}
			batch = nil
			return
		}
		batch[failed].finish(err)
		batch = slices.Delete(batch, failed, failed+1)
	}
}

func (w *write) finish(err error) {
	w.err = err
	close(w.done)
}

func (w *write) call(tx writer) (err error) {
	defer func() {
		switch r := recover(); {
		case r == nil:
		case faulted(r): // what it was given to read leads out of the file
			err = fmt.Errorf("%w: %v", errDamaged, r)
		default:
			w.panicked, err = r, errAborted
		}
	}()
	return w.fn(tx)
}
