package migration

import (
	"maps"
	"slices"
	"time"
)

// Phase is a part of a migration's life that has a checklist of its own.
type Phase string

// The phases.
const (
	Preparation Phase = "preparation" // until it runs
	FollowUp    Phase = "follow_up"   // once it has run
)

// Phases are all phases, in the order of a migration's life.
var Phases = [...]Phase{Preparation, FollowUp}

// Phase is the one whose list can be worked on, empty while the migration runs
// and where it was cancelled.
func (m Migration) Phase() Phase {
	switch m.Event.Status {
	case Executing, Canceled:
		return ""
	case Executed, Failed, Avoided:
		return FollowUp
	}
	return Preparation
}

// Item is one thing to do before or after a migration. Its id outlives its
// words: what people ticked stays ticked when a team writes it anew.
type Item struct {
	ID       string
	Phase    Phase
	When     Condition
	Optional bool
	// A team's own words; where one is nil, the catalogue has them by ID.
	Title, Why, How, Link Text
}

// Text is a team's own words by language, such as "en"; those under the empty
// name are for every language that is not named.
type Text map[string]string

// In gives the words for a language, empty where there are none.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	return t[""]
}

// Checklists say what is to be done about which migration: the items, and a
// team's rules on top of them. The zero value has no items. They are not changed
// once made.
type Checklists struct {
	items []Item
	rules []ItemRule
}

// For gives the items of a phase that apply to the migration, in order.
func (c Checklists) For(m Migration, p Phase) []Item {
	var all []Item
	for _, item := range c.items {
		if item.Phase != p || !item.applies(m) {
			continue
		}
		if item, ok := c.ruled(item, m); ok {
			all = append(all, item)
		}
	}
	return all
}

// Open gives the items of a phase that are neither done nor not needed.
func (c Checklists) Open(m Migration, p Phase) []Item {
	return slices.DeleteFunc(c.For(m, p), func(item Item) bool { return m.Mark(item.ID).Settled() })
}

// Required gives the open items of a phase that are not optional.
func (c Checklists) Required(m Migration, p Phase) []Item {
	return slices.DeleteFunc(c.Open(m, p), func(item Item) bool { return item.Optional })
}

// Progress counts the items of a phase that are done or not needed, and all of
// them, the optional ones too.
func (c Checklists) Progress(m Migration, p Phase) (done, total int) {
	for _, item := range c.For(m, p) {
		if total++; m.Mark(item.ID).Settled() {
			done++
		}
	}
	return done, total
}

// Find gives the item of that id where it applies to the migration.
func (c Checklists) Find(m Migration, p Phase, id string) (Item, bool) {
	for _, item := range c.For(m, p) {
		if item.ID == id {
			return item, true
		}
	}
	return Item{}, false
}

// Named gives the item of that id, whether or not it applies to the migration:
// history tells of items that a team has taken out since. One that is not known
// has its id only.
func (c Checklists) Named(m Migration, id string) Item {
	for _, item := range c.items {
		if item.ID == id {
			if ruled, ok := c.ruled(item, m); ok {
				return ruled
			}
			return item
		}
	}
	return Item{ID: id, Title: Text{"": id}}
}

// Checklist is what people did about a migration's lists.
type Checklist struct {
	// Marks are by item id. An item without one is open.
	Marks map[string]Mark `json:"marks,omitempty"`
	// Revision counts the changes of marks. Forms carry the one they were drawn
	// from.
	Revision int `json:"revision,omitempty"`

	Preparation ListMessage `json:"preparation,omitzero"`
	FollowUp    ListMessage `json:"follow_up,omitzero"`
}

// MarkState is what became of an item.
type MarkState string

// The states of an item.
const (
	Open      MarkState = "" // to be done; also one that was taken back
	Done      MarkState = "done"
	NotNeeded MarkState = "not_needed"
)

// Mark is what a person said about an item.
type Mark struct {
	State  MarkState `json:"state,omitempty"`
	By     string    `json:"by,omitempty"`     // Slack user id of who set the state; empty: nobody yet
	When   time.Time `json:"when,omitzero"`    // when
	Reason string    `json:"reason,omitempty"` // why it is not needed
	// Revision is the checklist's at which the state or the note was set: a form
	// that was drawn before does not know of it.
	Revision int   `json:"revision"`
	Note     *Note `json:"note,omitempty"`
}

// Note is what people should know about an item.
type Note struct {
	Text string    `json:"text"`
	By   string    `json:"by"`
	When time.Time `json:"when"`
}

// Settled tells whether there is nothing left to do.
func (k Mark) Settled() bool { return k.State == Done || k.State == NotNeeded }

// Mark is the item's; its zero value where nobody has said anything.
func (m Migration) Mark(id string) Mark { return m.Checklist.Marks[id] }

// mark sets an item's mark in a map of m's own: copies of m share the old one.
func (m *Migration) mark(id string, k Mark) {
	marks := maps.Clone(m.Checklist.Marks)
	if marks == nil {
		marks = map[string]Mark{}
	}
	marks[id] = k
	m.Checklist.Marks = marks
}

// ListMessage is the message in the card's thread that shows a phase's list. It
// is updated in place.
type ListMessage struct {
	TS     string `json:"ts,omitempty"`     // Slack's id of the message; empty until posted
	Thread string `json:"thread,omitempty"` // TS of the card that it stands under
	// Generation counts posts: one more each time that it had to be posted again,
	// because somebody deleted it or its card.
	Generation int `json:"generation,omitempty"`
}

// Message is the one for a phase.
func (c Checklist) Message(p Phase) ListMessage {
	if p == FollowUp {
		return c.FollowUp
	}
	return c.Preparation
}

func (c *Checklist) setMessage(p Phase, l ListMessage) {
	if p == FollowUp {
		c.FollowUp = l
		return
	}
	c.Preparation = l
}

// Ack is the acknowledgement of a follow-up as a whole.
type Ack struct {
	By     string    `json:"by,omitempty"` // Slack user id; empty: over before acknowledgements were asked for
	When   time.Time `json:"when"`
	Via    Via       `json:"via,omitempty"`
	Reason string    `json:"reason,omitempty"` // why, with required items open
	Open   []string  `json:"open,omitempty"`   // ids of the required items that were open
}

// Waiting tells whether the migration has ended and its follow-up has yet to be
// acknowledged.
func (m Migration) Waiting() bool { return m.Phase() == FollowUp && m.Acknowledged == nil }
