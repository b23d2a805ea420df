package migration

import (
	"slices"
	"time"
)

// Key names one migration: an ECS system event of one account in one region.
type Key struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	EventID string `json:"event_id"`
}

// String is account/region/event, for logs and job names.
func (k Key) String() string { return k.Account + "/" + k.Region + "/" + k.EventID }

// Status is EventCycleStatus.Name in Alibaba Cloud's own spelling.
type Status string

// The statuses of an ECS system event, in the order of its life.
const (
	Inquiring Status = "Inquiring" // waits for the owner's authorisation
	Scheduled Status = "Scheduled"
	Executing Status = "Executing"
	Executed  Status = "Executed"
	Failed    Status = "Failed"
	Avoided   Status = "Avoided"  // the owner responded before the planned time
	Canceled  Status = "Canceled" // Alibaba Cloud withdrew it
)

// Final tells whether an event in this status changes no more.
func (s Status) Final() bool {
	return s == Executed || s == Failed || s == Avoided || s == Canceled
}

// PlanOnly is the MigrationOption of an event that only the console's
// migration plan can move: there is no public API for it.
const PlanOnly = "MigrationPlan"

// Event is an ECS system event as the cloud last told it. Times are UTC; a zero
// time was not told.
type Event struct {
	Key
	InstanceID string `json:"instance_id"`
	Type       string `json:"type"` // EventType.Name, such as SystemUpgrade.Migrate
	Status     Status `json:"status"`
	Reason     string `json:"reason,omitempty"`
	ReasonCode string `json:"reason_code,omitempty"`

	PublishedAt time.Time `json:"published_at,omitzero"`
	NotBefore   time.Time `json:"not_before,omitzero"` // the planned time
	FinishedAt  time.Time `json:"finished_at,omitzero"`
	// InitialNotBefore is the first planned time and the latest reservable one.
	InitialNotBefore time.Time `json:"initial_not_before,omitzero"`

	CanAccept        *bool    `json:"can_accept,omitempty"` // nil: not told
	MigrationOptions []string `json:"migration_options,omitempty"`

	// ReadAt is when the call that told all this was sent: an answer that was
	// under way while a newer one was committed must not undo it.
	ReadAt time.Time `json:"read_at,omitzero"`
}

// PlanOnly tells whether only the console's migration plan can move the event.
func (e Event) PlanOnly() bool { return slices.Contains(e.MigrationOptions, PlanOnly) }

// How much of an event's own words is kept. Whoever writes a reason must not fill
// the disk, nor hold every decision up with what it takes to store it.
const (
	maxReason  = 2000 // bytes
	maxOptions = 20
)

// bounded is the event with no more text than is kept.
func (e Event) bounded() Event {
	e.Reason, e.ReasonCode, e.Type, e.Status = Brief(e.Reason, maxReason), brief(e.ReasonCode), brief(e.Type), Status(brief(string(e.Status)))
	e.MigrationOptions = few(e.MigrationOptions, maxOptions)
	return e
}

// equal compares what the cloud told, not when it was asked.
func (e Event) equal(o Event) bool {
	return e.Key == o.Key && e.InstanceID == o.InstanceID && e.Type == o.Type && e.Status == o.Status &&
		e.Reason == o.Reason && e.ReasonCode == o.ReasonCode &&
		e.PublishedAt.Equal(o.PublishedAt) && e.NotBefore.Equal(o.NotBefore) &&
		e.FinishedAt.Equal(o.FinishedAt) && e.InitialNotBefore.Equal(o.InitialNotBefore) &&
		equalBool(e.CanAccept, o.CanAccept) && slices.Equal(e.MigrationOptions, o.MigrationOptions)
}

func equalBool(a, b *bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// Instance is what is known of the ECS instance an event is about. A zero
// ReadAt means that its facts could not be read.
type Instance struct {
	ID             string            `json:"id"`
	Name           string            `json:"name,omitempty"`
	Zone           string            `json:"zone,omitempty"`
	Status         string            `json:"status,omitempty"` // Running, Stopped, …
	OSType         string            `json:"os_type,omitempty"`
	OSName         string            `json:"os_name,omitempty"`
	NetworkType    string            `json:"network_type,omitempty"` // classic or vpc
	VPC            string            `json:"vpc,omitempty"`
	VSwitch        string            `json:"vswitch,omitempty"`
	PublicIPs      []string          `json:"public_ips,omitempty"`
	PrivateIPs     []string          `json:"private_ips,omitempty"`
	EIP            string            `json:"eip,omitempty"`
	BandwidthOut   int               `json:"bandwidth_out,omitempty"` // Mbit/s to the internet
	MACs           []string          `json:"macs,omitempty"`          // of NICs, in their order
	NICs           []NIC             `json:"nics,omitempty"`
	SecurityGroups []string          `json:"security_groups,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
	StartedAt      time.Time         `json:"started_at,omitzero"` // the last boot; zero: not told
	ReadAt         time.Time         `json:"read_at,omitzero"`

	// Disks are read by another call than the rest. A zero DisksAt means that
	// they are not known, which is never the same as none.
	Disks   []Disk    `json:"disks,omitempty"`       // the system disk first, MaxDisks at most
	DiskGiB int       `json:"disk_gib,omitempty"`    // of all disks, those left out of Disks too
	Extra   int       `json:"extra_disks,omitempty"` // how many were left out
	DisksAt time.Time `json:"disks_at,omitzero"`
	// SnapshotsAt is when the disks' snapshots were read, zero: not known.
	SnapshotsAt time.Time `json:"snapshots_at,omitzero"`
}

// Known tells whether the instance's facts were read.
func (i Instance) Known() bool { return !i.ReadAt.IsZero() }

// Classic tells whether the instance is in the classic network.
func (i Instance) Classic() bool { return i.NetworkType == "classic" }

// ownerTags name who owns an instance.
var ownerTags = [...]string{"owner", "Owner", "OWNER"}

// Owner is the value of the instance's owner tag, empty where there is none.
func (i Instance) Owner() string {
	for _, k := range ownerTags {
		if v := i.Tags[k]; v != "" {
			return v
		}
	}
	return ""
}
