package ecs

import (
	"encoding/json"
	"fmt"
	"time"
)

// saved is what a cloud keeps when its server ends. Bad luck that was asked
// for, permissions taken away and the record are not among it.
type saved struct {
	Seq     int64         `json:"seq"`
	Regions []savedRegion `json:"regions"`
}

type savedRegion struct {
	Account   string          `json:"account"` // id
	Region    string          `json:"region"`
	Instances []Instance      `json:"instances"`
	Events    []savedEvent    `json:"events"`
	Snapshots []savedSnapshot `json:"snapshots"`
}

type savedEvent struct {
	Event    Event         `json:"event"`
	Spec     EventSpec     `json:"spec"`
	Duration time.Duration `json:"duration"` // hidden by Spec's own form in the control API
	Seq      int64         `json:"seq"`
}

type savedSnapshot struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Token    string    `json:"token"`
	Disk     string    `json:"disk"`
	Instance string    `json:"instance"`
	Created  time.Time `json:"created"`
	Seq      int64     `json:"seq"`
}

// Save is what there is, as JSON, for [Server.Restore].
func (s *Server) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := saved{Seq: s.seq}
	for _, acc := range s.accounts {
		for _, name := range acc.Regions {
			reg := acc.regions[name]
			s.settle(reg)
			one := savedRegion{Account: acc.ID, Region: name}
			for _, in := range reg.instances {
				one.Instances = append(one.Instances, *in)
			}
			for _, e := range reg.events {
				one.Events = append(one.Events, savedEvent{e.Event, e.spec, e.spec.Duration, e.seq})
			}
			for _, sn := range reg.snapshots {
				one.Snapshots = append(one.Snapshots, savedSnapshot{sn.id, sn.name, sn.token, sn.disk.ID, sn.instance, sn.created, sn.seq})
			}
			kept.Regions = append(kept.Regions, one)
		}
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("save the ecs stub: %w", err)
	}
	return out, nil
}

// Restore puts what Save gave in the place of the instances and events there
// are. It is for a server that nobody uses yet, with the same accounts.
func (s *Server) Restore(from []byte) error {
	var kept saved
	if err := json.Unmarshal(from, &kept); err != nil {
		return fmt.Errorf("restore the ecs stub: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq, s.events = kept.Seq, map[string]*event{}
	for _, one := range kept.Regions {
		acc := s.accountOf(one.Account)
		if acc == nil || one.Account == "" || acc.regions[one.Region] == nil {
			return fmt.Errorf("restore the ecs stub: no account %q with region %q", one.Account, one.Region)
		}
		reg := &region{name: one.Region, byID: map[string]*Instance{}}
		acc.regions[one.Region] = reg
		for _, in := range one.Instances {
			if err := acc.add(in); err != nil {
				return fmt.Errorf("restore the ecs stub: %w", err)
			}
		}
		for _, e := range one.Events {
			e.Spec.Duration, e.Spec.Simulated = e.Duration, e.Event.Simulated
			back := &event{Event: e.Event, spec: e.Spec, seq: e.Seq}
			s.events[back.ID] = back
			reg.events = append(reg.events, back)
		}
		for _, sn := range one.Snapshots {
			back := &snapshot{id: sn.ID, name: sn.Name, token: sn.Token, instance: sn.Instance, created: sn.Created, seq: sn.Seq}
			if back.disk = reg.disk(sn.Disk); back.disk == nil {
				return fmt.Errorf("restore the ecs stub: snapshot %s of a disk that is not there", sn.ID)
			}
			reg.snapshots = append(reg.snapshots, back)
		}
	}
	return nil
}

// disk is the disk of that id, nil where there is none.
func (r *region) disk(id string) *Disk {
	for _, in := range r.instances {
		for i := range in.Disks {
			if in.Disks[i].ID == id {
				return &in.Disks[i]
			}
		}
	}
	return nil
}
