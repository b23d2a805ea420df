package ecs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Event statuses, in the cloud's spelling.
// Source: API reference, DescribeInstanceHistoryEvents.
const (
	Inquiring = "Inquiring"
	Scheduled = "Scheduled"
	Executing = "Executing"
	Executed  = "Executed"
	Failed    = "Failed"
	Avoided   = "Avoided"
	Canceled  = "Canceled"
)

// TypeMigrate is the type of a migration notice (inferred).
const TypeMigrate = "SystemUpgrade.Migrate"

// ReasonVPC is the reason of a move from the classic network to a VPC.
const ReasonVPC = "VPCMigrationEcs"

const (
	// defaultNotice is how far ahead a migration is announced when a spec
	// names no time. Source: the user guide's 24 to 48 hours.
	defaultNotice = 48 * time.Hour
	// acceptedAfter is when an authorised event without a planned time starts
	// (inferred: the reference names no time).
	acceptedAfter = 10 * time.Minute
	// keepFinished is how long finished events are told of.
	// Source: API reference, DescribeInstanceHistoryEvents.
	keepFinished = 30 * 24 * time.Hour
)

// An EventSpec says what the cloud announces. Its zero value is a migration of
// the first account's first instance, planned in 48 hours.
type EventSpec struct {
	Account    string `json:"account,omitempty"`  // id or name; "" is the one that has the instance
	Region     string `json:"region,omitempty"`   // "" is the instance's
	InstanceID string `json:"instance,omitempty"` // need not exist when Account and Region are given
	EventID    string `json:"event_id,omitempty"` // "" is a new one
	Type       string `json:"type,omitempty"`     // "" is TypeMigrate
	// ReasonCode "" is ReasonVPC for a migration and nothing otherwise.
	ReasonCode string `json:"reason_code,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Status     string `json:"status,omitempty"` // "" is Scheduled
	// Publish is when it was announced; zero is now.
	Publish time.Time `json:"publish,omitzero"`
	// NotBefore is the planned time; zero is 48 h after Publish, or none while
	// Inquiring.
	NotBefore time.Time `json:"not_before,omitzero"`
	// InitialNotBefore bounds every later change; zero is NotBefore.
	InitialNotBefore time.Time `json:"initial_not_before,omitzero"`
	// HideInitial leaves InitialNotBefore out of answers; it is still enforced.
	HideInitial bool `json:"hide_initial,omitempty"`
	// Options are the MigrationOptions; with "MigrationPlan" the modify call
	// is refused.
	Options   []string      `json:"options,omitempty"`
	CanAccept *bool         `json:"can_accept,omitempty"` // nil is true while Inquiring
	Duration  time.Duration `json:"duration,omitempty"`   // zero is the server's
	WillFail  bool          `json:"will_fail,omitempty"`  // ends as Failed
	DiskID    string        `json:"disk_id,omitempty"`
	Device    string        `json:"device,omitempty"`
	Simulated bool          `json:"-"`
	// Fields replaces JSON members of the event as it is served; names are
	// paths such as ImpactLevel or ExtendedAttribute.CanAccept. Null removes.
	Fields map[string]json.RawMessage `json:"fields,omitempty"`
	// Raw, if not empty, is served in place of the event, JSON or not.
	Raw string `json:"raw,omitempty"`
}

// An Event is what the cloud knows of one, as of the call that returned it.
type Event struct {
	ID               string    `json:"id"`
	Account          string    `json:"account"` // id
	Region           string    `json:"region"`
	InstanceID       string    `json:"instance"`
	Type             string    `json:"type"`
	ReasonCode       string    `json:"reason_code,omitempty"`
	Status           string    `json:"status"`
	Publish          time.Time `json:"publish"`
	NotBefore        time.Time `json:"not_before,omitzero"`
	InitialNotBefore time.Time `json:"initial_not_before,omitzero"`
	Started          time.Time `json:"started,omitzero"`
	Finished         time.Time `json:"finished,omitzero"`
	WillFail         bool      `json:"will_fail,omitempty"`
	Simulated        bool      `json:"simulated,omitempty"`
	Options          []string  `json:"options,omitempty"`
}

// finished reports whether the event will not change any more.
func finished(status string) bool {
	return status == Executed || status == Failed || status == Avoided || status == Canceled
}

// event is an Event with its place and what is served of it.
type event struct {
	Event
	spec    EventSpec
	seq     int64 // order of announcement; a page token counts by it
	encoded []byte
}

// Announce makes the cloud announce an event and tells its id. It fails for an
// account, region or instance that cannot be found, and for a taken event id.
func (s *Server) Announce(spec EventSpec) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc, reg, err := s.place(&spec)
	if err != nil {
		return "", fmt.Errorf("announce event: %w", err)
	}
	e, err := s.announce(acc, reg, spec)
	if err != nil {
		return "", fmt.Errorf("announce event: %w", err)
	}
	return e.ID, nil
}

// place finds where the event belongs and fills in its instance.
func (s *Server) place(spec *EventSpec) (*account, *region, error) {
	for _, acc := range s.accounts {
		if spec.Account != "" && spec.Account != acc.ID && spec.Account != acc.Name {
			continue
		}
		for _, name := range acc.Regions {
			reg := acc.regions[name]
			if spec.Region != "" && spec.Region != name {
				continue
			}
			switch {
			case spec.InstanceID == "" && len(reg.instances) > 0:
				spec.InstanceID = reg.instances[0].ID
				return acc, reg, nil
			case spec.InstanceID != "" && reg.byID[spec.InstanceID] != nil:
				return acc, reg, nil
			case spec.InstanceID != "" && spec.Account != "" && spec.Region != "":
				return acc, reg, nil
			}
		}
	}
	return nil, nil, fmt.Errorf("no place for account %q, region %q, instance %q", spec.Account, spec.Region, spec.InstanceID)
}

// announce adds the event; the lock is held.
func (s *Server) announce(acc *account, reg *region, spec EventSpec) (*event, error) {
	if spec.EventID == "" {
		spec.EventID = newID("e")
	}
	if s.events[spec.EventID] != nil {
		return nil, fmt.Errorf("event id %q is taken", spec.EventID)
	}
	spec.fill(s.now())
	if _, known := statusCodes[spec.Status]; !known {
		return nil, fmt.Errorf("unknown status %q", spec.Status)
	}
	if spec.Duration == 0 {
		spec.Duration = s.executeFor
	}
	s.seq++
	e := &event{seq: s.seq, spec: spec, Event: Event{
		ID: spec.EventID, Account: acc.ID, Region: reg.name, InstanceID: spec.InstanceID,
		Type: spec.Type, ReasonCode: spec.ReasonCode, Status: spec.Status, Publish: second(spec.Publish),
		NotBefore: second(spec.NotBefore), InitialNotBefore: second(spec.InitialNotBefore),
		WillFail: spec.WillFail, Simulated: spec.Simulated, Options: slices.Clone(spec.Options),
	}}
	switch {
	case e.Status == Executing:
		e.Started = second(s.now())
	case finished(e.Status):
		e.Finished = second(s.now())
	}
	s.events[e.ID] = e
	reg.events = append(reg.events, e)
	s.changed(reg, e)
	return e, nil
}

// fill gives a spec its defaults.
func (spec *EventSpec) fill(now time.Time) {
	if spec.Type == "" {
		spec.Type = TypeMigrate
	}
	if spec.Type == TypeMigrate && spec.ReasonCode == "" {
		spec.ReasonCode = ReasonVPC
	}
	if spec.Reason == "" {
		spec.Reason = "System maintenance is scheduled due to underlying hardware upgrade."
	}
	if spec.Status == "" {
		spec.Status = Scheduled
	}
	if spec.Publish.IsZero() {
		spec.Publish = now
	}
	if spec.NotBefore.IsZero() && spec.Status != Inquiring {
		spec.NotBefore = spec.Publish.Add(defaultNotice)
	}
	if spec.InitialNotBefore.IsZero() {
		spec.InitialNotBefore = spec.NotBefore
	}
}

// second is t in UTC, cut to the second, the finest the API tells.
func second(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}

// changed follows every change of an event: what was encoded is stale, and the
// region's next due time must be found again.
func (s *Server) changed(reg *region, e *event) {
	e.encoded = nil
	reg.due.known = false
	s.record.event(s.now(), e.Event)
}

// Events are all events, in the order they were announced, as of now.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Event
	seqs := map[string]int64{}
	for _, acc := range s.accounts {
		for _, name := range acc.Regions {
			reg := acc.regions[name]
			s.settle(reg)
			for _, e := range reg.events {
				out = append(out, e.Event)
				seqs[e.ID] = e.seq
			}
		}
	}
	slices.SortFunc(out, func(a, b Event) int { return int(seqs[a.ID] - seqs[b.ID]) })
	return out
}

// Event is the event of that id as of now; ok is false when there is none.
func (s *Server) Event(id string) (e Event, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.find(id)
	if err != nil {
		return Event{}, false
	}
	return found.Event, true
}

// find is the event with its place, settled.
func (s *Server) find(id string) (*region, *event, error) {
	e := s.events[id]
	if e == nil {
		return nil, nil, fmt.Errorf("no event %q", id)
	}
	reg := s.accountOf(e.Account).regions[e.Region]
	s.settle(reg)
	return reg, e, nil
}

// restarts reports whether executing an event of that type stops the instance
// for a while (inferred from the types' names and the notice).
func restarts(kind string) bool {
	return kind == TypeMigrate || strings.HasSuffix(kind, ".Reboot") || strings.HasSuffix(kind, ".Redeploy") ||
		strings.Contains(kind, ".RebootAnd")
}
