package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// again starts the test binary as another process in a role of its own.
func again(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path)
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// writeForever is the role of a process that is killed. It prints the number of
// each change once that is acknowledged.
func writeForever(path string) int {
	s, err := store.Open(path, store.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var n atomic.Int64
	n.Store(int64(s.Stats().Migrations))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				i := int(n.Add(1))
				_, err := s.Apply(context.Background(), event(i).Key, fmt.Sprint("env-", i), func(cur *migration.Migration) (migration.Change, error) {
					if cur != nil {
						return migration.Change{}, nil
					}
					return migration.First(event(i), instance(i), "C1", start), nil
				})
				if err == nil {
					os.Stdout.WriteString(strconv.Itoa(i) + "\n")
				}
				if err == nil && i%3 == 0 {
					m, _, _ := s.Migration(context.Background(), event(i).Key)
					s.Apply(context.Background(), m.Key(), "", func(cur *migration.Migration) (migration.Change, error) {
						c := cur.Posted("1.2", "", 1, start)
						c.Done = []migration.Job{cur.CardJob(start)}
						return c, nil
					})
				}
			}
		})
	}
	all.Wait()
	return 0
}

func TestWhatWasAcknowledgedOutlivesAKill(t *testing.T) {
	s := openTest(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	acknowledged := map[int]bool{}
	for round := range 5 {
		s.close()
		child, acks := again(t, "write", s.path)
		for kill := 10 + r.IntN(200); acks.Scan(); kill-- {
			n, err := strconv.Atoi(acks.Text())
			if err != nil {
				t.Fatal(err)
			}
			acknowledged[n] = true
			if kill == 0 {
				child.Process.Kill()
			}
		}
		child.Wait() // killed: the error tells nothing new
		s.open()
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	if len(acknowledged) < 50 {
		t.Fatalf("only %d changes were acknowledged", len(acknowledged))
	}
	for n := range acknowledged {
		key := event(n).Key
		m, ok, err := s.Migration(t.Context(), key)
		if !ok || err != nil || m.Instance.Name != instance(n).Name {
			t.Errorf("%d: lost, ok %v, err %v", n, ok, err)
		}
		if h, err := s.History(t.Context(), key); len(h) != 1 || err != nil {
			t.Errorf("%d: history %v, %v", n, h, err)
		}
		_, err = s.Apply(t.Context(), key, fmt.Sprint("env-", n), nil)
		if err != migration.ErrTwice {
			t.Errorf("%d: its envelope was forgotten: %v", n, err)
		}
	}
}
