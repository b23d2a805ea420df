package ecs

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// An Account is one Alibaba Cloud account: what its keys open.
type Account struct {
	// ID is the account's number, 16 digits.
	ID string `json:"id"`
	// Name is for people; faults and events may name an account by it.
	Name string `json:"name"`
	// Regions the account may ask about. The stub knows the regions of all its
	// accounts; any other is refused as unknown.
	Regions   []string            `json:"regions"`
	Keys      []Key               `json:"keys"`
	Roles     []Role              `json:"roles,omitempty"`
	Instances []Instance          `json:"-"`
	Windows   []MaintenanceWindow `json:"-"`
}

// A Key is an AccessKey pair of a RAM user.
type Key struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
	// Allowed are RAM actions such as ecs:DescribeInstances, with * at the end
	// for any. Nil allows everything.
	Allowed  []string `json:"allowed,omitempty"`
	Disabled bool     `json:"disabled,omitempty"`
}

// A Role is a RAM role that the account's own keys may assume.
type Role struct {
	Name string `json:"name"`
	// Trusted are the ids of accounts whose keys may assume it; nil is the
	// role's own account only.
	Trusted    []string `json:"trusted,omitempty"`
	ExternalID string   `json:"external_id,omitempty"`
	Allowed    []string `json:"allowed,omitempty"` // as in Key
	// MaxSession bounds DurationSeconds; zero is 3600 s.
	MaxSession int `json:"max_session,omitempty"`
}

// ARN is the role's name in AssumeRole.
func (a Account) ARN(role string) string { return "acs:ram::" + a.ID + ":role/" + role }

// account is an Account with its state. The server's lock guards it.
type account struct {
	Account
	regions map[string]*region
}

// region is what one account has in one region.
type region struct {
	name      string
	instances []*Instance // in the order they were added
	byID      map[string]*Instance
	events    []*event // in order of their announcement
	snapshots []*snapshot
	due       dueTime // when the next event changes by itself
}

// newAccount checks a and gives it its state.
func newAccount(a Account) (*account, error) {
	if a.ID == "" || len(a.Keys) == 0 || len(a.Regions) == 0 {
		return nil, fmt.Errorf("account %q needs an id, a key and a region", a.Name)
	}
	acc := &account{Account: a, regions: map[string]*region{}}
	for _, name := range a.Regions {
		acc.regions[name] = &region{name: name, byID: map[string]*Instance{}}
	}
	for _, in := range a.Instances {
		if err := acc.add(in); err != nil {
			return nil, err
		}
	}
	return acc, nil
}

// add puts an instance in its region.
func (a *account) add(in Instance) error {
	reg := a.regions[in.Region]
	if reg == nil {
		return fmt.Errorf("instance %s: account %q has no region %q", in.ID, a.Name, in.Region)
	}
	if in.ID == "" || reg.byID[in.ID] != nil {
		return fmt.Errorf("instance id %q is empty or taken", in.ID)
	}
	one := in.clone()
	one.fill()
	reg.byID[one.ID] = one
	one.seq = int64(len(reg.instances) + 1)
	reg.instances = append(reg.instances, one)
	return nil
}

// newID is a random id in the cloud's manner, such as e-bp1 and 17 more.
func newID(prefix string) string {
	return prefix + "-bp1" + strings.ToLower(rand.Text())[:17]
}
