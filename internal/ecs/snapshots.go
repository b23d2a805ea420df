package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"

	"ecs-migrate/internal/migration"
)

// Snapshots reads the latest snapshot of each disk, by the disk's id, of the
// given disks by instance. A disk that is missing from the result has none, or
// the permission is missing: the cloud tells an empty list then (said of
// DescribeInstances, inferred here). With an error it gives what was read until
// then. The latest one that did not fail counts before any that did.
func (c *Client) Snapshots(ctx context.Context, region string, disks map[string][]migration.Disk) (map[string]migration.Snapshot, error) {
	got := &latest{of: map[string]migration.Snapshot{}}
	take := func(call call) func(answer) (string, error) {
		return func(a answer) (string, error) {
			page, err := readSnapshots(a.body)
			if err != nil {
				return "", malformed(call, err)
			}
			got.add(page)
			return page.next, nil
		}
	}
	since := c.clock.Now().Add(-recently).UTC().Format("2006-01-02T15:04Z")
	recent := read(region, "DescribeSnapshots", map[string]string{"Filter.1.Key": "CreationStartTime", "Filter.1.Value": since})
	ids := got.without(disks)
	done, err := c.listed(ctx, recent, len(ids), take(recent))
	if err == nil && !done {
		err = each(ctx, ids, func(ctx context.Context, id string) error {
			one := recent.with(map[string]string{"InstanceId": id})
			return c.pages(ctx, one, take(one))
		})
	}
	if err != nil {
		return got.among(disks), err
	}
	// Only who has a disk without a recent one is asked for older ones.
	older := read(region, "DescribeSnapshots", map[string]string{})
	ids = got.without(disks)
	if done, err = c.listed(ctx, older, len(ids), take(older)); err != nil || done {
		return got.among(disks), err
	}
	err = each(ctx, ids, func(ctx context.Context, id string) error {
		one := older.with(map[string]string{"InstanceId": id})
		err := c.pages(ctx, one, bounded(mostOfOne, take(one)))
		if errors.Is(err, errEnough) {
			return nil // years of them: the latest of those read is told
		}
		return err
	})
	return got.among(disks), err
}

// latest collects the latest snapshot of each disk, from several calls at once.
type latest struct {
	mu sync.Mutex
	of map[string]migration.Snapshot
}

func (l *latest) add(page snapshotPage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for disk, s := range page.all {
		if old, known := l.of[disk]; !known || better(s, old) {
			l.of[disk] = s
		}
	}
}

// without are the instances with a disk that could have a snapshot and has none
// yet. Local disks cannot. Source: user guide, local disks.
func (l *latest) without(disks map[string][]migration.Disk) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(disks)) {
		if slices.ContainsFunc(disks[id], func(d migration.Disk) bool { return !d.Local() && l.of[d.ID].ID == "" }) {
			ids = append(ids, id)
		}
	}
	return ids
}

// among are those of the given disks.
func (l *latest) among(disks map[string][]migration.Disk) map[string]migration.Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string]migration.Snapshot{}
	for _, of := range disks {
		for _, d := range of {
			if s, ok := l.of[d.ID]; ok {
				all[d.ID] = s
			}
		}
	}
	return all
}

// better tells whether a says more of a disk's backup than b.
func better(a, b migration.Snapshot) bool {
	if failed := a.Status == "failed"; failed != (b.Status == "failed") {
		return !failed
	}
	return a.At.After(b.At)
}

type snapshotPage struct {
	all  map[string]migration.Snapshot // the best of each disk
	next string
}

// readSnapshots reads an answer of DescribeSnapshots. An error says that the
// page as a whole cannot be read; a snapshot without ids or time is left out.
func readSnapshots(body []byte) (snapshotPage, error) {
	var wire struct {
		RequestID text `json:"RequestId"`
		NextToken text
		Set       object[struct {
			Items []json.RawMessage `json:"Snapshot"`
		}] `json:"Snapshots"`
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.RequestID == "" && !wire.Set.told {
		return snapshotPage{}, errors.New("the answer is no list of snapshots")
	}
	page := snapshotPage{all: map[string]migration.Snapshot{}, next: string(wire.NextToken)}
	for _, raw := range wire.Set.is.Items {
		var w struct {
			SnapshotID   text `json:"SnapshotId"`
			SourceDiskID text `json:"SourceDiskId"`
			CreationTime text
			Status       text
		}
		if json.Unmarshal(raw, &w) != nil || w.SnapshotID == "" || w.SourceDiskID == "" {
			continue
		}
		at, ok := moment(w.CreationTime)
		if !ok || at.IsZero() {
			continue
		}
		s := migration.Snapshot{ID: string(w.SnapshotID), At: at, Status: string(w.Status)}
		if old, known := page.all[string(w.SourceDiskID)]; !known || better(s, old) {
			page.all[string(w.SourceDiskID)] = s
		}
	}
	return page, nil
}
