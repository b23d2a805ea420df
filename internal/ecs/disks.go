package ecs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"ecs-migrate/internal/migration"
)

// What can be asked at once. Source: API reference, DescribeDisks: InstanceId is
// one id and DiskIds are ids that no other call tells by instance, MaxResults
// ≤ 500; DescribeSnapshots: InstanceId is one id, MaxResults ≤ 100.
//
// So there is no call for the disks of a hundred instances. Few instances are
// asked for one by one; for many the region's whole list is mostly shorter, and
// is left where it turns out to be longer than half of that.
const (
	disksPerCall = 500
	oneByOne     = 4  // instances that are not worth a list
	atOnce       = 4  // calls of one reading under way
	mostOfOne    = 10 // pages of one instance's snapshots
)

// recently is how far back snapshots are looked for first: a daily policy's
// latest one is there, and a disk's whole history is not read for it.
const recently = 8 * 24 * time.Hour

// Disks reads the disks of instances by the instances' ids. An instance that is
// missing from the result was not told: every instance has a disk, and where the
// permission is missing the cloud tells none. With an error it gives what was
// read until then.
func (c *Client) Disks(ctx context.Context, region string, instanceIDs []string) (map[string][]migration.Disk, error) {
	ids := distinct(instanceIDs)
	all := newFound(ids)
	take := func(call call) func(answer) (string, error) {
		return func(got answer) (string, error) {
			page, err := readDisks(got.body)
			if err != nil {
				return "", malformed(call, err)
			}
			for _, d := range page.disks {
				all.add(d)
			}
			return page.next, nil
		}
	}
	whole := read(region, "DescribeDisks", map[string]string{"MaxResults": strconv.Itoa(disksPerCall)})
	if done, err := c.listed(ctx, whole, len(ids), take(whole)); done || err != nil {
		return all.disks, err
	}
	err := each(ctx, ids, func(ctx context.Context, id string) error {
		one := whole.with(map[string]string{"InstanceId": id})
		return c.pages(ctx, one, take(one))
	})
	return all.disks, err
}

// listed makes a list call of a whole region where that is likely shorter than n
// calls for one instance each; done where it came to its end.
func (c *Client) listed(ctx context.Context, call call, n int, take func(answer) (string, error)) (done bool, err error) {
	if n <= oneByOne {
		return false, nil
	}
	err = c.pages(ctx, call, bounded(n/2, take))
	if errors.Is(err, errEnough) {
		return false, nil
	}
	return err == nil, err
}

// errEnough ends a list that grows too long.
var errEnough = errors.New("the list is longer than it is worth")

// bounded ends a list after so many pages.
func bounded(left int, take func(answer) (string, error)) func(answer) (string, error) {
	return func(got answer) (string, error) {
		next, err := take(got)
		if left--; err == nil && next != "" && left <= 0 {
			err = errEnough
		}
		return next, err
	}
}

// each does one thing for all, a few at a time, and ends at the first error.
func each[T any](ctx context.Context, all []T, do func(context.Context, T) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, one := range all {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() {
				if p := recover(); p != nil { // as in a job: it must not end the bot
					stop(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
				}
				<-slots
			}()
			if err := do(ctx, one); err != nil {
				stop(err)
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// found collects disks by instance, from several calls at once.
type found struct {
	mu     sync.Mutex
	wanted []string // sorted
	disks  map[string][]migration.Disk
}

func newFound(wanted []string) *found {
	return &found{wanted: wanted, disks: map[string][]migration.Disk{}}
}

// add puts a disk to each of its instances that is wanted, once.
func (f *found) add(w wireDisk) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, device := range w.attached() {
		if _, ok := slices.BinarySearch(f.wanted, id); !ok {
			continue
		}
		d := w.disk()
		d.Device = cmp.Or(device, d.Device)
		if !slices.ContainsFunc(f.disks[id], func(o migration.Disk) bool { return o.ID == d.ID }) {
			f.disks[id] = append(f.disks[id], d)
		}
	}
}

type diskPage struct {
	disks []wireDisk
	next  string
}

// wireDisk is Disk of the API reference, DescribeDisks.
type wireDisk struct {
	DiskID      text `json:"DiskId"`
	DiskName    text
	Type        text
	Category    text
	Device      text
	Size        text
	InstanceID  text `json:"InstanceId"`
	Attachments object[struct {
		Attachment objects[struct {
			InstanceID text `json:"InstanceId"`
			Device     text
		}]
	}]
}

// attached are the ids of the instances that have the disk, with its device
// there: a disk with multi-attach has several.
func (w wireDisk) attached() map[string]string {
	all := map[string]string{}
	if w.InstanceID != "" {
		all[string(w.InstanceID)] = string(w.Device)
	}
	for _, a := range w.Attachments.is.Attachment {
		if a.InstanceID != "" {
			all[string(a.InstanceID)] = cmp.Or(string(a.Device), all[string(a.InstanceID)])
		}
	}
	return all
}

func (w wireDisk) disk() migration.Disk {
	return migration.Disk{
		ID: string(w.DiskID), Name: string(w.DiskName), Type: string(w.Type), Category: string(w.Category),
		Device: string(w.Device), SizeGiB: max(0, whole(w.Size)),
	}
}

// readDisks reads an answer of DescribeDisks. An error says that the page as a
// whole cannot be read; a disk without an id is left out.
func readDisks(body []byte) (diskPage, error) {
	var wire struct {
		RequestID text `json:"RequestId"`
		NextToken text
		Set       object[struct {
			Items []json.RawMessage `json:"Disk"`
		}] `json:"Disks"`
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.RequestID == "" && !wire.Set.told {
		return diskPage{}, errors.New("the answer is no list of disks")
	}
	page := diskPage{next: string(wire.NextToken)}
	for _, raw := range wire.Set.is.Items {
		var w wireDisk
		if json.Unmarshal(raw, &w) == nil && w.DiskID != "" {
			page.disks = append(page.disks, w)
		}
	}
	return page, nil
}
