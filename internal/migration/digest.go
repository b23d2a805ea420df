package migration

import "time"

// Group is where a migration stands in a channel's daily digest, empty for what
// needs nobody.
type Group string

// The groups.
const (
	GroupRunning     Group = "running"
	GroupDue         Group = "due"         // runs within a day
	GroupUnreserved  Group = "unreserved"  // no time is reserved
	GroupInquiring   Group = "inquiring"   // waits for authorisation
	GroupPreparation Group = "preparation" // reserved for later, to be prepared
	GroupWaiting     Group = "waiting"     // ran, and waits for its acknowledgement
)

// Groups are all groups, the most pressing first.
var Groups = [...]Group{GroupRunning, GroupDue, GroupUnreserved, GroupInquiring, GroupPreparation, GroupWaiting}

// Group tells where the migration stands at the moment now.
func (m Migration) Group(now time.Time) Group {
	switch {
	case m.Waiting():
		return GroupWaiting
	case m.Event.Status == Executing:
		return GroupRunning
	case m.Event.Status == Inquiring:
		return GroupInquiring
	case m.Event.Status != Scheduled:
		return ""
	case !m.Event.NotBefore.IsZero() && m.Event.NotBefore.Sub(now) <= 24*time.Hour:
		return GroupDue
	case !m.Reserved():
		return GroupUnreserved
	}
	return GroupPreparation
}

// Unseen is a region that could not be looked at: what is pending there is not
// known, or not of all events.
type Unseen struct {
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Since   time.Time `json:"since,omitzero"`   // when it was last looked at; zero: never
	Unread  bool      `json:"unread,omitempty"` // it was, but for events that cannot be read
}

// shownInDigest is how many migrations of a group a digest names.
const shownInDigest = 5

// Digest is what a channel has to look after, gathered one migration after the
// other.
type Digest struct {
	Counts map[Group]int
	Keys   []Key // of those that are named
	Unseen []Unseen
}

// Add takes in a migration; those that are added first are named.
func (d *Digest) Add(m Migration, now time.Time) {
	group := m.Group(now)
	if group == "" {
		return
	}
	if d.Counts == nil {
		d.Counts = map[Group]int{}
	}
	if d.Counts[group]++; d.Counts[group] <= shownInDigest {
		d.Keys = append(d.Keys, m.Key())
	}
}

// DigestID names a channel's digest of a day, such as 2024-05-01.
func DigestID(channel, day string) string { return "digest/" + channel + "/" + day }

// Post has the digest of a day posted. Where there is nothing to tell, that it
// was looked at is kept all the same, so that nobody hears of the same day later.
func (d Digest) Post(channel, day string, now time.Time) PostChange {
	p := Post{ID: DigestID(channel, day), Kind: PostDigest, Channel: channel, Keys: d.Keys, Unseen: d.Unseen, Counts: map[string]int{}}
	for group, n := range d.Counts {
		p.Counts[string(group)] = n
	}
	c := BeginPost(p, now)
	if len(d.Counts) == 0 && len(d.Unseen) == 0 {
		c.Post.Gone, c.Jobs = true, nil
	}
	return c
}
