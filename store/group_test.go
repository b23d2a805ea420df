package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"ecs-migrate/internal/migration"
)

// heldUp runs while a first write, of event 0, is held up in its decision.
func heldUp(t *testing.T, while func(s *opened, all *sync.WaitGroup)) *opened {
	t.Helper()
	s := openTest(t)
	leave := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		_, err := s.Apply(t.Context(), event(0).Key, "", func(*migration.Migration) (migration.Change, error) {
			<-leave
			return first(0), nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	synctest.Wait()
	while(s, &all)
	synctest.Wait()
	close(leave)
	all.Wait()
	return s
}

func first(n int) migration.Change { return migration.First(event(n), instance(n), "C1", start) }

func TestWritesThatWaitShareOneCommitAndFailAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const writers = 60
		boom := errors.New("no")
		errs := make([]error, writers)
		s := heldUp(t, func(s *opened, all *sync.WaitGroup) {
			for n := 1; n < writers; n++ {
				all.Go(func() {
					defer func() {
						if r := recover(); r != nil {
							errs[n] = fmt.Errorf("panic: %v", r)
						}
					}()
					_, errs[n] = s.Apply(t.Context(), event(n).Key, fmt.Sprint("env-", n), func(*migration.Migration) (migration.Change, error) {
						c := first(n)
						switch n % 10 {
						case 1:
							return c, boom
						case 2:
							panic("a bug")
						case 3:
							c.Jobs[0].Lane = "" // refused once the envelope was written
						}
						return c, nil
					})
				})
			}
		})
		if got := s.Stats().Commits; got != 2 {
			t.Errorf("%d commits, want that of the first and one for all", got)
		}
		for n, err := range errs {
			_, stored, _ := s.Migration(t.Context(), event(n).Key)
			if bad := n%10 == 1 || n%10 == 2 || n%10 == 3; (err != nil) != bad || stored == bad {
				t.Errorf("%d: stored %v, err %v", n, stored, err)
			}
		}
	})
}

func TestAWriteThatIsGivenUpWhileItWaitsIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := heldUp(t, func(s *opened, all *sync.WaitGroup) {
			ctx, cancel := context.WithCancel(t.Context())
			gaveUp := make(chan error, 1)
			go func() {
				_, err := s.Apply(ctx, event(1).Key, "", func(*migration.Migration) (migration.Change, error) { return first(1), nil })
				gaveUp <- err
			}()
			synctest.Wait()
			cancel()
			if err := <-gaveUp; err != context.Canceled {
				t.Errorf("gave up with %v", err)
			}
		})
		if _, stored, _ := s.Migration(t.Context(), event(1).Key); stored {
			t.Error("stored what was given up")
		}
	})
}

func TestReadsAndAPageWithoutNewsWaitForNoWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heldUp(t, func(s *opened, _ *sync.WaitGroup) {
			keys := []migration.Key{event(0).Key, event(1).Key}
			n, err := s.ApplyEach(t.Context(), keys, func(migration.Key, *migration.Migration) migration.Change { return migration.Change{} })
			if n != 0 || err != nil {
				t.Errorf("changed %d, err %v", n, err)
			}
			if _, known, err := s.Migration(t.Context(), keys[0]); known || err != nil {
				t.Errorf("known %v, err %v", known, err)
			}
		})
	})
}

// A neighbour that fails undoes the transaction: those before it decide again,
// and what they say then counts.
func TestTheLastRunOfADecisionCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		var got migration.Migration
		runs := 0
		s := heldUp(t, func(s *opened, all *sync.WaitGroup) {
			all.Go(func() {
				got, err = s.Apply(t.Context(), event(1).Key, "env", func(*migration.Migration) (migration.Change, error) {
					if runs++; runs == 1 {
						return first(1), errors.New("too early")
					}
					return migration.Change{}, nil
				})
			})
			synctest.Wait()
			all.Go(func() {
				_, err := s.Apply(t.Context(), event(2).Key, "", func(*migration.Migration) (migration.Change, error) {
					return migration.Change{Jobs: []migration.Job{{}}}, nil // refused
				})
				if err == nil {
					t.Error("the neighbour did not fail")
				}
			})
		})
		if runs != 2 || err != nil || !reflect.DeepEqual(got, migration.Migration{}) || s.Stats().Migrations != 1 {
			t.Errorf("%d runs, got %+v, %v, stats %+v", runs, got, err, s.Stats())
		}
	})
}

func TestAFailingTestInsideADecisionEndsOnlyItself(t *testing.T) {
	s := openTest(t)
	_, err := s.Apply(t.Context(), event(1).Key, "", func(*migration.Migration) (migration.Change, error) {
		runtime.Goexit()
		return migration.Change{}, nil
	})
	if err == nil {
		t.Error("no error")
	}
	s.announce(event(2), instance(2))
}
