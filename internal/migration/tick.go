package migration

import (
	"strings"
	"unicode/utf8"
)

// Tick is what a person wants of one item.
type Tick struct {
	Item   string
	State  MarkState
	Reason string  // why it is not needed
	Note   *string // nil: as it was; empty: none
}

// MaxRemark is how long a reason or a note may be, in characters.
const MaxRemark = 500

// Moot is a tick that was not carried out: somebody else had said something about
// the item since the person looked, which Mark tells.
type Moot struct {
	Item Item
	Mark Mark
}

// Tick carries out what a person wants of the items of a phase. d.Seen is the
// checklist's Revision that the person looked at. One rule broken, and nothing is
// carried out; what somebody else was faster with comes back as moot, and the
// rest stands. What is as the person wants it is no change.
func (m Migration) Tick(lists Checklists, p Phase, ticks []Tick, d Decision) (Change, []Moot, error) {
	if m.Phase() != p {
		return Change{}, nil, m.broken(RulePhase, d.Now)
	}
	items := make([]Item, len(ticks))
	for i, t := range ticks {
		item, ok := lists.Find(m, p, t.Item)
		if !ok {
			return Change{}, nil, m.broken(RuleNoItem, d.Now)
		}
		if rule := t.broken(); rule != "" {
			return Change{}, nil, m.brokenFor(rule, d.Now, item)
		}
		items[i] = item
	}
	before := m.State()
	var c *Change
	var moot []Moot
	for i, t := range ticks {
		old := m.Mark(t.Item)
		now, news := t.on(old, d)
		if len(news) == 0 {
			if old.State == t.State && since(old, d) {
				moot = append(moot, Moot{items[i], old}) // the same tick, and not theirs
			}
			continue
		}
		if since(old, d) {
			moot = append(moot, Moot{items[i], old})
			continue
		}
		if c == nil {
			c = m.begin(d.Now)
			m.Checklist.Revision++
			c.card()
			c.list(p)
		}
		now.Revision = m.Checklist.Revision
		m.mark(t.Item, now)
		for _, n := range news {
			n.When, n.By, n.Item = m.ChangedAt, d.By, t.Item
			c.Entries = append(c.Entries, Entry{Key: m.Key(), News: n, Via: d.Via, Before: before, After: before})
		}
	}
	if c == nil {
		return Change{}, moot, nil
	}
	return *c, moot, nil
}

// since tells whether somebody else set the mark after the person looked.
func since(k Mark, d Decision) bool {
	by := k.By
	if k.Note != nil && k.Note.When.After(k.When) {
		by = k.Note.By
	}
	return d.Seen >= 0 && k.Revision > d.Seen && by != d.By
}

// on is what the tick makes of a mark, and what is to be told of it: nothing
// where it changes nothing.
func (t Tick) on(old Mark, d Decision) (Mark, []News) {
	now, news := old, []News(nil)
	reason := strings.TrimSpace(t.Reason)
	if t.State != NotNeeded {
		reason = ""
	}
	if t.State != old.State || t.State == NotNeeded && reason != old.Reason {
		now.State, now.By, now.When, now.Reason = t.State, d.By, d.Now, reason
		news = append(news, News{Kind: t.State.news(), Text: reason})
	}
	if t.Note == nil {
		return now, news
	}
	text, stood := strings.TrimSpace(*t.Note), ""
	if old.Note != nil {
		stood = old.Note.Text
	}
	if text != stood {
		now.Note = nil
		if text != "" {
			now.Note = &Note{Text: text, By: d.By, When: d.Now}
		}
		news = append(news, News{Kind: NewsNoted, Text: text})
	}
	return now, news
}

// news is what is told of an item that comes to this state.
func (s MarkState) news() NewsKind {
	switch s {
	case Done:
		return NewsTicked
	case NotNeeded:
		return NewsNotNeeded
	}
	return NewsTakenBack
}

// broken is the rule that the tick breaks by itself.
func (t Tick) broken() Rule {
	switch {
	case t.State != Open && t.State != Done && t.State != NotNeeded:
		return RuleNoItem
	case t.State == NotNeeded && strings.TrimSpace(t.Reason) == "":
		return RuleReason
	case utf8.RuneCountInString(t.Reason) > MaxRemark, t.Note != nil && utf8.RuneCountInString(*t.Note) > MaxRemark:
		return RuleLong
	}
	return ""
}
