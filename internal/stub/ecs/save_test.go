package ecs

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A cloud that was saved and restored knows what it knew, and its events live
// on from there.
func TestSaveAndRestore(t *testing.T) {
	s, clock := start(t, Options{})
	id, err := s.Announce(EventSpec{InstanceID: "i-bp1web01classic0001", NotBefore: clock.Now().Add(time.Hour), Duration: time.Minute, Options: []string{"MigrationPlan"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Announce(EventSpec{InstanceID: "i-uf6api01vpc00000005", Status: Inquiring}); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, s)
	disk := s.Instances()[0].Disks[0].ID
	c.must("CreateSnapshot", params{"DiskId": disk, "SnapshotName": "before"})
	clock.advance(time.Hour) // it executes: its instance is stopped
	kept, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}

	back, later := start(t, Options{})
	later.advance(time.Hour)
	if err := back.Restore(kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Events(), back.Events()); diff != "" {
		t.Error(diff)
	}
	if was, is := s.Instances(), back.Instances(); !reflect.DeepEqual(was, is) {
		t.Errorf("the instances were\n%+v\nand are\n%+v", was, is)
	}
	again, err := back.Save()
	if err != nil || string(again) != string(kept) {
		t.Errorf("saved again it is another one: %v\n%s\n%s", err, kept, again)
	}
	e, at, ok := back.Next()
	if !ok || e.ID != id || e.Status != Executing || !at.Equal(clock.Now().Add(time.Minute)) {
		t.Errorf("next is %+v at %s", e, at)
	}
	later.advance(time.Minute)
	if e, _ := back.Event(id); e.Status != Executed {
		t.Errorf("after its end it is %s", e.Status)
	}
	if _, _, ok := back.Next(); ok {
		t.Error("an event that waits for its owner is due")
	}
	newClient(t, back).must("DescribeSnapshots", params{"DiskId": disk})
	if _, err := back.Announce(EventSpec{EventID: id}); err == nil {
		t.Error("a taken event id is taken again")
	}
}

func TestRestoreRefusesWhatDoesNotFit(t *testing.T) {
	for name, kept := range map[string]string{
		"no JSON":          `{`,
		"another account":  `{"regions":[{"account":"17","region":"cn-hangzhou"}]}`,
		"another region":   `{"regions":[{"account":"` + DefaultAccountID + `","region":"cn-nowhere"}]}`,
		"a disk not there": `{"regions":[{"account":"` + DefaultAccountID + `","region":"cn-hangzhou","snapshots":[{"id":"s","disk":"d"}]}]}`,
	} {
		s, _ := start(t, Options{})
		if err := s.Restore([]byte(kept)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// The record keeps answers where they were asked for, and never temporary keys.
func TestAnswersAreKeptWhereAskedFor(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s, _ := start(t, Options{Answers: keep})
		c := newClient(t, s)
		c.must("DescribeInstances", nil)
		calls := s.Calls()
		if got := calls[0].Answer; (got != "") != keep {
			t.Errorf("kept %v: %q", keep, got)
		}
	}
}
