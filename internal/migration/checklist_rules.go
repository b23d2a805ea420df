package migration

import (
	"fmt"
	"regexp"
	"slices"
)

// ItemRule is what a team wants of an item: to take it out, to write it anew, to
// ask for more or for less, or to add one of its own.
type ItemRule struct {
	// ID names an item. The first rule with an ID that no item has adds one.
	ID string
	// When says where the rule holds; of an added item, when it applies.
	When   Condition
	Remove bool
	// Phase is of an added item, and of no other.
	Phase    Phase
	Optional *bool // nil: as it was
	// The words; nil: as they were.
	Title, Why, How, Link Text
}

// Bounds of a team's items.
const (
	MaxItemID = 32 // characters of an id
	// MaxItems bounds the items of one phase, so that a list and its form stay
	// within Slack's limits.
	MaxItems = 30
)

var itemID = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// ValidItemID tells whether a word can name an item: small letters, digits and
// underscores.
func ValidItemID(id string) bool { return len(id) <= MaxItemID && itemID.MatchString(id) }

// NewChecklists makes checklists of items and a team's rules. The error names the
// first rule that cannot be.
func NewChecklists(items []Item, rules []ItemRule) (Checklists, error) {
	c := Checklists{items: slices.Clone(items)}
	for _, r := range rules {
		known := slices.ContainsFunc(c.items, func(i Item) bool { return i.ID == r.ID })
		switch {
		case !ValidItemID(r.ID):
			return Checklists{}, fmt.Errorf("checklists: %q cannot name an item", r.ID)
		case known && r.Phase != "":
			return Checklists{}, fmt.Errorf("checklists: the item %s is there already, it has its phase", r.ID)
		case known:
			c.rules = append(c.rules, r)
		case r.Remove:
			return Checklists{}, fmt.Errorf("checklists: there is no item %s to remove", r.ID)
		case r.Phase != Preparation && r.Phase != FollowUp, len(r.Title) == 0:
			return Checklists{}, fmt.Errorf("checklists: the new item %s needs a phase and a title", r.ID)
		default:
			c.items = append(c.items, Item{
				ID: r.ID, Phase: r.Phase, When: r.When, Optional: r.Optional != nil && *r.Optional,
				Title: r.Title, Why: orNone(r.Why), How: orNone(r.How), Link: orNone(r.Link),
			})
		}
	}
	for _, p := range Phases {
		n := 0
		for _, item := range c.items {
			if item.Phase == p {
				n++
			}
		}
		if n > MaxItems {
			return Checklists{}, fmt.Errorf("checklists: %d items of %s, at most %d are allowed", n, p, MaxItems)
		}
	}
	return c, nil
}

// orNone is the words of an added item, of which the catalogue knows none.
func orNone(t Text) Text {
	if t == nil {
		return Text{}
	}
	return t
}

// ruled is the item as the team's rules have it for the migration, not ok where
// one takes it out.
func (c Checklists) ruled(item Item, m Migration) (Item, bool) {
	for _, r := range c.rules {
		if r.ID != item.ID || !r.When.Holds(m) {
			continue
		}
		if r.Remove {
			return Item{}, false
		}
		if r.Optional != nil {
			item.Optional = *r.Optional
		}
		for _, words := range []struct{ of, to *Text }{
			{&item.Title, &r.Title}, {&item.Why, &r.Why}, {&item.How, &r.How}, {&item.Link, &r.Link},
		} {
			if *words.to != nil {
				*words.of = *words.to
			}
		}
	}
	return item, true
}

// Items are all items, with the team's own but without its rules.
func (c Checklists) Items() []Item { return slices.Clone(c.items) }

// Rules are the team's rules about items that were there before them.
func (c Checklists) Rules() []ItemRule { return slices.Clone(c.rules) }
