package notifier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"ecs-migrate/internal/migration"
)

// The action ids of the card's buttons. All but OpenConsole carry a [Ref] as
// their value.
const (
	ActionKeep       = "keep"       // keep the planned time
	ActionChoose     = "choose"     // choose a time
	ActionReschedule = "reschedule" // choose another time
	ActionAccept     = "accept"     // authorise
	ActionDeclare    = "declare"    // tell the time set in the console
	ActionTake       = "take"       // look after it oneself
	ActionFacts      = "facts"      // show all facts
	// ActionOpenConsole opens a page; Slack still sends its click to the bot,
	// which has nothing to do but acknowledge it.
	ActionOpenConsole = "open_console"
)

// Ref is what a button or a form carries: which migration it is about and which
// choice of a time the person was looking at.
type Ref struct {
	Key      migration.Key
	Revision int // migration.SeenAny: whatever stands now
}

// wire is a Ref as it stands in a message. Messages live for days: fields may be
// added, none renamed.
type wire struct {
	Account  string `json:"a"`
	Region   string `json:"r"`
	EventID  string `json:"e"`
	Revision int    `json:"v"`
}

// maxRef is Slack's limit for a button's value, the least of the places a Ref
// stands in.
const maxRef = 2000

// Encode writes the Ref for [ParseRef].
func (r Ref) Encode() string {
	raw, _ := json.Marshal(wire{r.Key.Account, r.Key.Region, r.Key.EventID, r.Revision}) // of strings: cannot fail
	return string(raw)
}

// ParseRef reads what Encode wrote. It comes back by way of Slack, so that
// anything else, or more, is an error.
func ParseRef(s string) (Ref, error) {
	if len(s) > maxRef {
		return Ref{}, errors.New("reference is too long")
	}
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	var w wire
	if err := d.Decode(&w); err != nil {
		return Ref{}, fmt.Errorf("reading a reference: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Ref{}, errors.New("reading a reference: something follows it")
	}
	switch {
	case w.Account == "" || w.Region == "" || w.EventID == "":
		return Ref{}, errors.New("reading a reference: it names no migration")
	case w.Revision < migration.SeenAny:
		return Ref{}, errors.New("reading a reference: no such revision")
	}
	return Ref{migration.Key{Account: w.Account, Region: w.Region, EventID: w.EventID}, w.Revision}, nil
}
