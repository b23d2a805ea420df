package notifier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"ecs-migrate/internal/migration"
)

// ListRef is what a checklist's form carries: which list it shows, and what stood
// there when it was drawn.
type ListRef struct {
	Key      migration.Key
	Revision int // of the checklist
	Phase    migration.Phase
	// Settled are the items that were drawn ticked: what is ticked and not among
	// them is a new tick, what is among them and not ticked is taken back.
	Settled []string

	Item string // of the form about one item
	// Tick and Untick are what the person had changed on the list and not saved
	// when they opened the form about one item.
	Tick, Untick []string
}

// listWire is a ListRef as it stands in a form.
type listWire struct {
	wire
	Phase   migration.Phase `json:"p"`
	Settled []string        `json:"s,omitempty"`
	Item    string          `json:"i,omitempty"`
	Tick    []string        `json:"t,omitempty"`
	Untick  []string        `json:"u,omitempty"`
}

// maxMetadata is Slack's limit for a form's private_metadata.
const maxMetadata = 3000

// Encode writes the ListRef for [ParseListRef]. What the person had changed is
// left out where it does not fit.
func (r ListRef) Encode() string {
	w := listWire{wire{r.Key.Account, r.Key.Region, r.Key.EventID, r.Revision}, r.Phase, r.Settled, r.Item, r.Tick, r.Untick}
	raw, _ := json.Marshal(w) // of strings: cannot fail
	if len(raw) > maxMetadata {
		w.Tick, w.Untick = nil, nil
		raw, _ = json.Marshal(w)
	}
	return string(raw)
}

// ParseListRef reads what Encode wrote. It comes back by way of Slack, so that
// anything else, or more, is an error.
func ParseListRef(s string) (ListRef, error) {
	if len(s) > maxMetadata {
		return ListRef{}, errors.New("list reference is too long")
	}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	var w listWire
	if err := d.Decode(&w); err != nil {
		return ListRef{}, fmt.Errorf("reading a list reference: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ListRef{}, errors.New("reading a list reference: something follows it")
	}
	key := migration.Key{Account: w.Account, Region: w.Region, EventID: w.EventID}
	switch {
	case key.Account == "" || key.Region == "" || key.EventID == "":
		return ListRef{}, errors.New("reading a list reference: it names no migration")
	case w.Revision < 0:
		return ListRef{}, errors.New("reading a list reference: no such revision")
	case !slices.Contains(migration.Phases[:], w.Phase):
		return ListRef{}, errors.New("reading a list reference: no such phase")
	}
	ids := slices.Concat(w.Settled, w.Tick, w.Untick)
	if w.Item != "" {
		ids = append(ids, w.Item)
	}
	if slices.ContainsFunc(ids, func(id string) bool { return !migration.ValidItemID(id) }) {
		return ListRef{}, errors.New("reading a list reference: no such item")
	}
	return ListRef{key, w.Revision, w.Phase, w.Settled, w.Item, w.Tick, w.Untick}, nil
}
