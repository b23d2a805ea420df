package poll_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/poll"
	stub "ecs-migrate/internal/stub/ecs"
	"ecs-migrate/store"
)

// estate is the real client and the real store on a stub cloud of some regions
// with as many classic instances each, all of them about to migrate.
type estate struct {
	*poll.Poller
	cloud *stub.Server
	store *store.Store
}

func newEstate(t testing.TB, regions, instances, concurrency int, latency time.Duration) *estate {
	t.Helper()
	for _, name := range []string{"SECURITY_TOKEN", "PROFILE", "ROLE_ARN", "OIDC_TOKEN_FILE"} {
		t.Setenv("ALIBABA_CLOUD_"+name, "")
	}
	t.Setenv("DEBUG", "")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", stub.DefaultKeyID)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", stub.DefaultKeySecret)

	account := stub.Account{ID: stub.DefaultAccountID, Name: "prod", Keys: []stub.Key{{ID: stub.DefaultKeyID, Secret: stub.DefaultKeySecret}}}
	for r := range regions {
		region := fmt.Sprintf("cn-test-%d", r)
		account.Regions = append(account.Regions, region)
		for i := range instances {
			account.Instances = append(account.Instances, stub.Instance{
				ID: fmt.Sprintf("i-%02d%018d", r, i), Name: fmt.Sprintf("web-%d", i), Region: region, Classic: true,
				Tags: map[string]string{"team": "web"},
			})
		}
	}
	e := &estate{cloud: stub.New(stub.Options{Accounts: []stub.Account{account}})}
	for _, in := range account.Instances {
		if _, err := e.cloud.Announce(stub.EventSpec{InstanceID: in.ID}); err != nil {
			t.Fatal(err)
		}
	}
	e.cloud.SetLatency(latency)
	if err := e.cloud.Start(":0"); err != nil {
		t.Fatal(err)
	}
	client, err := ecs.New(ecs.Options{Account: "prod", Endpoint: e.cloud.URL(), Concurrency: concurrency})
	if err != nil {
		t.Fatal(err)
	}
	if e.store, err = store.Open(filepath.Join(t.TempDir(), "test.db"), store.Options{}); err != nil {
		t.Fatal(err)
	}
	var all []poll.Region
	for _, r := range account.Regions {
		all = append(all, poll.Region{Account: "prod", Region: r, Cloud: client})
	}
	e.Poller = poll.New(poll.Options{
		Regions: all, Store: e.store, Clock: clock.Real{}, Concurrency: concurrency,
		Wanted: func(string) bool { return true }, Route: func(_, _ string, tags map[string]string) string { return "C-" + tags["team"] },
	})
	return e
}

// close ends the estate, with the store's own check.
func (e *estate) close(t testing.TB) {
	t.Helper()
	if err := e.store.Check(context.Background()); err != nil {
		t.Error(err)
	}
	if err := e.store.Close(); err != nil {
		t.Error(err)
	}
	e.cloud.Close()
}

// poll polls and tells the calls it made and the transactions it wrote.
func (e *estate) poll(t testing.TB) (calls map[string]int, writes uint64, fresh int) {
	t.Helper()
	e.cloud.ResetCounts()
	before := e.store.Stats().Commits
	for _, out := range e.Run(t.Context()).Regions {
		if err := cmp.Or(out.Err, out.FactsErr); err != nil {
			t.Fatal(err)
		}
		fresh += out.New
	}
	return e.cloud.Counts(), e.store.Stats().Commits - before, fresh
}

func TestThePollMakesTheLeastCallsAndWritesOnce(t *testing.T) {
	e := newEstate(t, 3, 205, 2, 0)
	defer e.close(t)
	calls, writes, fresh := e.poll(t)
	// 205 events are 3 pages, whose instances are one call each.
	if calls["DescribeInstanceHistoryEvents"] != 9 || calls["DescribeInstances"] != 9 || len(calls) != 2 {
		t.Errorf("calls %v, want 9 of each", calls)
	}
	if fresh != 615 || e.store.Stats().Open != 615 || writes == 0 || writes > 9 {
		t.Errorf("%d new in %d transactions, %d in the store", fresh, writes, e.store.Stats().Open)
	}
	if peak := e.cloud.Peak(); peak > 2 {
		t.Errorf("%d calls at once, want at most 2", peak)
	}
	for range 2 {
		calls, writes, fresh = e.poll(t)
		if calls["DescribeInstanceHistoryEvents"] != 9 || len(calls) != 1 {
			t.Errorf("an unchanged world: calls %v, want 9 lists", calls)
		}
		if writes != 0 || fresh != 0 {
			t.Errorf("an unchanged world: %d transactions, %d new", writes, fresh)
		}
	}
}

// peakHeap runs do and tells the most bytes of live and dead objects above what
// there were before.
func peakHeap(do func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before := read()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := before
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, read())
			case <-stop:
				peak <- max(most, read()) - before
				return
			}
		}
	}()
	do()
	close(stop)
	return <-peak
}

// BenchmarkPoll is one poll of 10,000 pending events over 20 regions, at 20 ms
// a call: the first one, which begins all migrations, and one where nothing
// changed. The stub runs in the same process and shares its processors and heap.
func BenchmarkPoll(b *testing.B) {
	const regions, instances, concurrency, latency = 20, 500, 8, 20 * time.Millisecond
	rounds := (regions + concurrency - 1) / concurrency
	for _, bench := range []struct {
		name  string
		first bool
		least int // calls
	}{
		{"first", true, regions * 2 * (instances / 100)},
		{"unchanged", false, regions * (instances / 100)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var peak uint64
			var wall time.Duration
			made, writes := 0, uint64(0)
			for b.Loop() {
				b.StopTimer()
				e := newEstate(b, regions, instances, concurrency, latency)
				if !bench.first {
					e.poll(b)
				}
				b.StartTimer()
				begun := time.Now()
				var calls map[string]int
				heap := peakHeap(func() { calls, writes, _ = e.poll(b) })
				wall += time.Since(begun)
				b.StopTimer()
				peak, made = max(peak, heap), 0
				for _, n := range calls {
					made += n
				}
				e.close(b)
				b.StartTimer()
			}
			ideal := time.Duration(rounds*bench.least/regions) * latency
			b.ReportMetric(float64(made), "calls")
			b.ReportMetric(float64(bench.least), "least-calls")
			b.ReportMetric(float64(wall.Milliseconds())/float64(b.N), "wall-ms")
			b.ReportMetric(float64(ideal.Milliseconds()), "ideal-ms")
			b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
			b.ReportMetric(float64(writes), "transactions")
		})
	}
}
