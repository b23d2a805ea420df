package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// FactsCloud is what reading an instance's facts asks of an account's client;
// its errors are migration.CloudErrors. What is missing from a result was not
// told.
type FactsCloud interface {
	Instances(ctx context.Context, region string, ids []string) (map[string]migration.Instance, error)
	Disks(ctx context.Context, region string, instanceIDs []string) (map[string][]migration.Disk, error)
	Snapshots(ctx context.Context, region string, disks map[string][]migration.Disk) (map[string]migration.Snapshot, error)
}

const (
	// mostReadings are made in one go: a call takes a hundred instances.
	mostReadings = 100
	// fresh is how old the poll's own reading of an instance may be, for the
	// first reading to add the disks to it instead of asking again.
	fresh = 10 * time.Minute
)

// factsWorker reads what instances are, before and after their events. All the
// readings that are due in one region are made together: their lane is the
// region's. Reading changes nothing, so a run that began before is no matter.
type factsWorker struct {
	store  *store.Store
	clouds map[string]Cloud // by account name
	clock  clock.Clock
	log    *slog.Logger
}

// reading is one job with what became of it.
type reading struct {
	job      migration.Job
	m        migration.Migration
	known    bool // that there is such a migration
	wanted   bool
	got      migration.Instance
	why      *migration.Refusal
	instance string
}

func (w *factsWorker) do(ctx context.Context, job migration.Job) error {
	all, err := w.batch(ctx, job)
	if err != nil {
		return err
	}
	w.read(ctx, job.Key, all)
	if ctx.Err() != nil {
		return ctx.Err() // cut short: what is missing says nothing
	}
	return w.commit(ctx, all)
}

// batch is the job with all others of its lane that are due, and what is known
// of their migrations.
func (w *factsWorker) batch(ctx context.Context, job migration.Job) ([]*reading, error) {
	now := w.clock.Now()
	jobs, err := w.store.Due(ctx, job.Lane, now, mostReadings)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(jobs, func(j migration.Job) bool { return j.ID == job.ID }) {
		jobs = append(jobs, job)
	}
	all := make([]*reading, len(jobs))
	for i, j := range jobs {
		m, ok, err := w.store.Migration(ctx, j.Key)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", j.Key, err)
		}
		due := m.ReadingDue(j.Reading)
		all[i] = &reading{job: j, m: m, known: ok, wanted: ok && !due.IsZero() && !due.After(now), instance: m.Event.InstanceID}
	}
	return all, nil
}

// read asks the cloud for what is wanted, each kind of fact once.
func (w *factsWorker) read(ctx context.Context, place migration.Key, all []*reading) {
	wanted := slices.DeleteFunc(slices.Clone(all), func(r *reading) bool { return !r.wanted })
	if len(wanted) == 0 {
		return
	}
	cloud := w.clouds[place.Account]
	if cloud == nil {
		why := &migration.Refusal{Kind: migration.Unreachable, Message: fmt.Sprintf("account %q is no longer configured", place.Account)}
		for _, r := range wanted {
			r.why = why
		}
		return
	}
	w.instances(ctx, cloud, place.Region, wanted)
	w.disks(ctx, cloud, place.Region, wanted)
}

// instances reads all that DescribeInstances tells.
func (w *factsWorker) instances(ctx context.Context, cloud FactsCloud, region string, wanted []*reading) {
	var ids []string
	for _, r := range wanted {
		if i := r.m.Instance; r.job.Reading == migration.ReadFirst && i.Known() && w.clock.Now().Sub(i.ReadAt) < fresh {
			r.got = i
			r.got.DisksAt = time.Time{} // read anew
			continue
		}
		ids = append(ids, r.instance)
	}
	if len(ids) == 0 {
		return
	}
	got, err := cloud.Instances(ctx, region, ids)
	w.tell("ecs:DescribeInstances", region, err)
	for _, r := range wanted {
		if r.got.Known() {
			continue
		}
		r.got = got[r.instance]
		if !r.got.Known() {
			r.why = missing(err, "ecs:DescribeInstances")
		}
	}
}

// disks reads the disks of the instances that are there, and their snapshots.
// After the run those of the day may be void: what changed is told all the same
// where they cannot be read.
func (w *factsWorker) disks(ctx context.Context, cloud FactsCloud, region string, wanted []*reading) {
	var ids []string
	for _, r := range wanted {
		if r.got.Known() {
			ids = append(ids, r.instance)
		}
	}
	if len(ids) == 0 {
		return
	}
	got, err := cloud.Disks(ctx, region, ids)
	w.tell("ecs:DescribeDisks", region, err)
	now := w.clock.Now()
	snapshots, snapErr := w.snapshots(ctx, cloud, region, ids, got)
	for _, r := range wanted {
		disks := slices.Clone(got[r.instance])
		switch {
		case !r.got.Known():
		case len(disks) == 0:
			r.why = missing(err, "ecs:DescribeDisks")
		default:
			for i := range disks {
				if s, ok := snapshots[disks[i].ID]; ok {
					disks[i].Snapshot = &s
				}
			}
			r.got = r.got.WithDisks(disks, now)
			switch {
			case snapErr == nil:
				r.got.SnapshotsAt = now
			case r.job.Reading != migration.ReadAfter:
				r.why = missing(snapErr, "ecs:DescribeSnapshots")
			}
		}
	}
}

func (w *factsWorker) snapshots(
	ctx context.Context, cloud FactsCloud, region string, ids []string, disks map[string][]migration.Disk,
) (map[string]migration.Snapshot, error) {
	of := map[string][]migration.Disk{}
	for _, id := range ids {
		if len(disks[id]) > 0 {
			of[id] = disks[id]
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	got, err := cloud.Snapshots(ctx, region, of)
	w.tell("ecs:DescribeSnapshots", region, err)
	return got, err
}

// tell logs what could not be asked; people are told where it matters to them.
func (w *factsWorker) tell(action, region string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		w.log.Warn("facts of instances cannot be read", "action", action, "region", region, "err", err)
	}
}

// missing is why a fact is not known: the call failed, or its answer left the
// instance out.
func missing(err error, action string) *migration.Refusal {
	if err != nil {
		why := refusal(err)
		why.Action = action
		return &why
	}
	return &migration.Refusal{Kind: migration.NotTold, Action: action}
}

// commit records what the readings brought, in one transaction.
func (w *factsWorker) commit(ctx context.Context, all []*reading) error {
	of := map[migration.Key][]*reading{}
	var keys []migration.Key
	for _, r := range all {
		if len(of[r.job.Key]) == 0 {
			keys = append(keys, r.job.Key)
		}
		of[r.job.Key] = append(of[r.job.Key], r)
	}
	now := w.clock.Now()
	_, err := w.store.ApplyEach(ctx, keys, func(k migration.Key, cur *migration.Migration) migration.Change {
		var whole migration.Change
		for _, r := range of[k] {
			c := migration.Change{Done: []migration.Job{r.job}}
			switch {
			case cur == nil:
			case r.wanted || cur.ReadingDue(r.job.Reading).IsZero() || cur.ReadingDue(r.job.Reading).After(now):
				c = cur.Took(r.job, r.got, r.why, now)
			default: // it has become due since the batch was put together
				c.Done = nil
			}
			if c.Migration != nil {
				cur, whole.Migration = c.Migration, c.Migration
			}
			whole.Jobs = append(whole.Jobs, c.Jobs...)
			whole.Done = append(whole.Done, c.Done...)
			whole.Entries = append(whole.Entries, c.Entries...)
		}
		return whole
	})
	if err != nil {
		return fmt.Errorf("record what was read of instances: %w", err)
	}
	return nil
}
