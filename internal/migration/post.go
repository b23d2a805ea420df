package migration

import (
	"slices"
	"time"
)

// PostKind is what a post tells.
type PostKind string

// The kinds of post.
const (
	PostOverview PostKind = "overview" // many migrations that were announced at once
	PostDigest   PostKind = "digest"   // what a channel has to look after, once a day
	PostNotice   PostKind = "notice"   // trouble that whoever runs the bot can mend
)

// Post is a message of a channel that belongs to no single migration. Like a
// card it is posted once and then updated in place.
//
// It is stored as JSON, under the same rules as Migration.
type Post struct {
	// ID names the post: what is told is told once. It begins with the kind and
	// what the post is about, "digest/C0123456789/2024-05-01"; posts of one
	// beginning sort by the rest of it.
	ID      string   `json:"id"`
	Kind    PostKind `json:"kind"`
	Channel string   `json:"channel"`

	TS string `json:"ts,omitempty"` // Slack's id of the message; empty until posted
	// Generation counts posts: 1 for the first message, one more each time that
	// it had to be posted again because somebody deleted it.
	Generation int `json:"generation"`
	// Gone says that the message was found deleted. It stays away until Again.
	Gone bool `json:"gone,omitempty"`

	Begun     time.Time `json:"begun"` // when it was decided on; old posts are forgotten by it
	ChangedAt time.Time `json:"changed_at"`

	Keys   []Key          `json:"keys,omitempty"`   // the migrations that it is about
	Counts map[string]int `json:"counts,omitempty"` // what it counts, by a name of its kind
	Notice *Notice        `json:"notice,omitempty"`
	Unseen []Unseen       `json:"unseen,omitempty"` // of a digest: the regions that could not be looked at
}

// PostChange is what one step makes of a post. The store commits all of it in
// one transaction, like a Change.
type PostChange struct {
	Post *Post // the new state; nil: unchanged
	// Gather are migrations whose cards, not posted yet, are to stand in the
	// thread of Post: see Migration.Gather.
	Gather []Key
	Jobs   []Job // side effects that follow
	Done   []Job // jobs whose effect is now known to have happened
}

// Empty tells whether there is nothing to commit.
func (c PostChange) Empty() bool {
	return c.Post == nil && len(c.Gather) == 0 && len(c.Jobs) == 0 && len(c.Done) == 0
}

// BeginPost begins a post and has it posted. Of p only what it tells is taken:
// the ID, the kind, the channel and the data.
func BeginPost(p Post, now time.Time) PostChange {
	p.TS, p.Generation, p.Gone, p.Begun = "", 1, false, now
	return p.Tell(now, 0)
}

// Tell stores what the post tells now, and has it posted or drawn again after a
// while: changes of that while share one drawing.
func (p Post) Tell(now time.Time, after time.Duration) PostChange {
	p.ChangedAt = now
	return PostChange{Post: &p, Jobs: []Job{p.Job(now.Add(after))}}
}

// Job posts the message, or brings it up to date, at the moment due.
func (p Post) Job(due time.Time) Job { return PostJob(p.ID, p.Channel, due) }

// PostJob is Job for a post that is known by its ID only.
func PostJob(id, channel string, due time.Time) Job {
	return Job{ID: "post/" + id, Lane: SlackLane(channel), Kind: JobPost, Post: id, Due: due}
}

// With is the post with one more migration that it is about; ok is false where it
// is about that already.
func (p Post) With(k Key) (_ Post, ok bool) {
	if slices.Contains(p.Keys, k) {
		return p, false
	}
	p.Keys = append(slices.Clip(p.Keys), k)
	return p, true
}

// Posted records that the message stands in its channel as ts.
func (p Post) Posted(ts string) PostChange {
	p.TS, p.Gone = ts, false
	return PostChange{Post: &p}
}

// Deleted records that somebody deleted the message.
func (p Post) Deleted() PostChange {
	p.TS, p.Gone = "", true
	return PostChange{Post: &p}
}

// Again has a message that was deleted posted once more.
func (p Post) Again(now time.Time) PostChange {
	p.Gone = false
	p.Generation++
	return p.Tell(now, 0)
}
