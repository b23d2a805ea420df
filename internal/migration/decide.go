package migration

import (
	"fmt"
	"slices"
	"time"
)

// Decision is who decides, when and from where.
type Decision struct {
	By  string // Slack user id
	Now time.Time
	Via Via
	// Seen is the Revision that the person looked at when deciding; a decision
	// on an older one is refused with RuleTaken. Negative: whatever it is now.
	Seen int

	// Channel is the Slack channel that they act in, empty in a form and on the
	// Home tab; Envelope is Slack's id of what they did.
	Channel, Envelope string
}

// SeenAny lets a decision stand whatever was chosen before it.
const SeenAny = -1

// Rule names why a decision cannot stand.
type Rule string

// The rules.
const (
	RulePast        Rule = "past"         // the time is not in the future
	RuleDeadline    Rule = "deadline"     // the time is after the latest reservable one
	RuleClosed      Rule = "closed"       // the latest reservable time is past
	RuleStarted     Rule = "started"      // the migration is running
	RuleFinished    Rule = "finished"     // the event is over
	RuleInquiring   Rule = "inquiring"    // the event must be authorised first
	RuleConsoleOnly Rule = "console_only" // only the console's migration plan can move it
	RulePending     Rule = "pending"      // a wish still waits for the cloud
	RuleTaken       Rule = "taken"        // somebody decided in the meantime
	RuleSame        Rule = "same"         // it is reserved for that very time
	RuleNotAsked    Rule = "not_asked"    // there is nothing to authorise
	RuleCannot      Rule = "cannot"       // the cloud does not take an answer by API
	RuleNoPlan      Rule = "no_plan"      // there is no planned time ahead to keep
	RuleByAPI       Rule = "by_api"       // a time can be set here: nothing to declare

	RulePhase        Rule = "phase"        // the list is not, or no longer, the one to work on
	RuleNoItem       Rule = "no_item"      // the list has no such item
	RuleReason       Rule = "reason"       // an item is not needed, and nobody says why
	RuleLong         Rule = "long"         // a reason or a note is too long
	RuleNotRun       Rule = "not_run"      // nothing ran that could be acknowledged
	RuleOpenItems    Rule = "open_items"   // required items are open: it takes a reason
	RuleAcknowledged Rule = "acknowledged" // somebody acknowledged it before
	RuleAssigned     Rule = "assigned"     // somebody else looks after it: Standing tells who and since when
	RuleSnooze       Rule = "snooze"       // at the end of the snooze it would be too late to act, after Latest
)

// RuleError is a decision that cannot stand, with what the person needs to
// decide again.
type RuleError struct {
	Rule             Rule
	Earliest, Latest time.Time    // the allowed range; a zero Latest is no bound
	Standing         *Reservation // what was decided before, where the rule is about it
	Status           Status
	Items            []Item // that the rule is about
}

// Error is for logs; people are answered in their own words.
func (e *RuleError) Error() string { return fmt.Sprintf("decision refused: rule %q", e.Rule) }

func (m Migration) broken(r Rule, now time.Time) error {
	return &RuleError{Rule: r, Earliest: now, Latest: m.Deadline(), Standing: m.Latest(), Status: m.Event.Status}
}

// brokenFor is broken for a rule about some items.
func (m Migration) brokenFor(r Rule, now time.Time, items ...Item) error {
	err := m.broken(r, now).(*RuleError)
	err.Items = items
	return err
}

// Keep reserves the time that the cloud already plans. It needs no call.
func (m Migration) Keep(d Decision) (Change, error) {
	if err := m.mayDecide(d); err != nil {
		return Change{}, err
	}
	if m.Held != nil {
		return Change{}, m.broken(RuleTaken, d.Now)
	}
	if !m.Event.NotBefore.After(d.Now) {
		return Change{}, m.broken(RuleNoPlan, d.Now)
	}
	return m.hold(m.Event.NotBefore, Confirmed, NewsKept, d), nil
}

// Choose asks the cloud for the time at: a first reservation or another one.
// The time that is planned already is kept without a call.
func (m Migration) Choose(at time.Time, d Decision) (Change, error) {
	at = at.UTC().Truncate(time.Second)
	if m.Pending() && m.Asked.By == d.By && m.Asked.At.Equal(at) {
		return Change{}, nil // a double click
	}
	if err := m.mayDecide(d); err != nil {
		return Change{}, err
	}
	if m.Event.PlanOnly() {
		return Change{}, m.broken(RuleConsoleOnly, d.Now)
	}
	if err := m.mayChoose(at, d.Now); err != nil {
		return Change{}, err
	}
	switch {
	case sameMinute(at, m.Event.NotBefore) && m.Held != nil && m.Held.Certainty == Confirmed:
		return Change{}, m.broken(RuleSame, d.Now)
	case sameMinute(at, m.Event.NotBefore):
		return m.hold(m.Event.NotBefore, Confirmed, NewsKept, d), nil
	}
	before, from := m.State(), m.Event.NotBefore
	c := m.begin(d.Now)
	m.Revision++
	m.Asked = &Reservation{At: at, By: d.By, Made: d.Now, Via: d.Via, Certainty: Requested}
	c.Jobs = append(c.Jobs, Job{
		ID: fmt.Sprintf("modify/%s/%d", m.Key(), m.Revision), Lane: CloudLane(m.Key()), Kind: JobModify,
		Key: m.Key(), Due: d.Now, Revision: m.Revision,
	})
	c.tell(before, d.Via, News{Kind: NewsRequested, When: d.Now, By: d.By, At: at, From: from})
	return *c, nil
}

// Declare records the time that a person says to have set in the console.
func (m Migration) Declare(at time.Time, d Decision) (Change, error) {
	at = at.UTC().Truncate(time.Second)
	if err := m.mayDecide(d); err != nil {
		return Change{}, err
	}
	if !slices.Contains(m.Actions(d.Now), ActDeclare) {
		if latest := m.Deadline(); !latest.IsZero() && !d.Now.Before(latest) {
			return Change{}, m.broken(RuleClosed, d.Now)
		}
		return Change{}, m.broken(RuleByAPI, d.Now)
	}
	if err := m.mayChoose(at, d.Now); err != nil {
		return Change{}, err
	}
	if sameMinute(at, m.Event.NotBefore) {
		return m.hold(m.Event.NotBefore, Confirmed, NewsConfirmed, d), nil // the cloud shows it already
	}
	return m.hold(at, Declared, NewsDeclared, d), nil
}

// Accept authorises an Inquiring event.
func (m Migration) Accept(d Decision) (Change, error) {
	switch {
	case m.Event.Status.Final():
		return Change{}, m.broken(RuleFinished, d.Now)
	case m.Event.Status != Inquiring:
		return Change{}, m.broken(RuleNotAsked, d.Now)
	case m.Event.CanAccept != nil && !*m.Event.CanAccept:
		return Change{}, m.broken(RuleCannot, d.Now)
	case d.Now.Before(m.consentStale()) && m.Consent.By == d.By:
		return Change{}, nil // a double click
	case d.Now.Before(m.consentStale()):
		err := m.broken(RulePending, d.Now).(*RuleError)
		err.Standing = &Reservation{By: m.Consent.By, Made: m.Consent.Made, Certainty: Requested}
		return Change{}, err
	}
	before := m.State()
	c := m.begin(d.Now)
	m.Consent = &Consent{By: d.By, Made: d.Now, Certainty: Requested}
	c.Jobs = append(c.Jobs, Job{
		ID: "accept/" + m.Key().String(), Lane: CloudLane(m.Key()), Kind: JobAccept, Key: m.Key(), Due: d.Now,
	})
	c.tell(before, d.Via, News{Kind: NewsConsent, When: d.Now, By: d.By})
	return *c, nil
}

// consentPatience is how long an authorisation is given to show in the event
// before it may be given again.
const consentPatience = 10 * time.Minute

// consentStale is when an authorisation that has not shown may be given again,
// zero where none waits.
func (m Migration) consentStale() time.Time {
	if m.Event.Status != Inquiring || m.Consent == nil || m.Consent.Certainty != Requested {
		return time.Time{}
	}
	return m.Consent.Made.Add(consentPatience)
}

// mayDecide holds the rules that every choice of a time must keep.
func (m Migration) mayDecide(d Decision) error {
	switch {
	case m.Event.Status.Final():
		return m.broken(RuleFinished, d.Now)
	case m.Event.Status == Executing:
		return m.broken(RuleStarted, d.Now)
	case m.Event.Status == Inquiring:
		return m.broken(RuleInquiring, d.Now)
	case m.Pending():
		return m.broken(RulePending, d.Now)
	case d.Seen >= 0 && d.Seen != m.Revision:
		return m.broken(RuleTaken, d.Now)
	}
	return nil
}

// mayChoose holds the range that a chosen time must lie in.
func (m Migration) mayChoose(at, now time.Time) error {
	latest := m.Deadline()
	switch {
	case !latest.IsZero() && !now.Before(latest):
		return m.broken(RuleClosed, now)
	case !at.After(now):
		return m.broken(RulePast, now)
	case !latest.IsZero() && at.After(latest):
		return m.broken(RuleDeadline, now)
	}
	return nil
}

// hold puts a reservation in force.
func (m Migration) hold(at time.Time, sure Certainty, kind NewsKind, d Decision) Change {
	before, from := m.State(), m.Event.NotBefore
	c := m.begin(d.Now)
	m.Revision++
	m.Held = &Reservation{At: at, By: d.By, Made: d.Now, Via: d.Via, Certainty: sure}
	m.Asked = nil
	c.tell(before, d.Via, News{Kind: kind, When: d.Now, By: d.By, At: at, From: from})
	return *c
}

// Refuse records that the wish of the given revision will not be carried out.
// Nothing changes where that wish is no longer the one that waits.
func (m Migration) Refuse(revision int, why Refusal, now time.Time) Change {
	if !m.Pending() || m.Revision != revision {
		return Change{}
	}
	before := m.State()
	c := m.begin(now)
	m.refuse(c, before, why, ViaJob)
	return *c
}

// refuse turns the wish that waits into a refused one and tells it.
func (m *Migration) refuse(c *Change, before State, why Refusal, via Via) {
	asked := *m.Asked
	asked.Certainty, asked.Refusal = Refused, &why
	m.Asked = &asked
	c.tell(before, via, News{Kind: NewsRefused, When: m.ChangedAt, By: asked.By, At: asked.At, Refusal: &why})
}

// RefuseConsent records that the authorisation will not be carried out.
func (m Migration) RefuseConsent(why Refusal, now time.Time) Change {
	if m.Consent == nil || m.Consent.Certainty != Requested {
		return Change{}
	}
	before := m.State()
	c := m.begin(now)
	consent := *m.Consent
	consent.Certainty, consent.Refusal = Refused, &why
	m.Consent = &consent
	c.tell(before, ViaJob, News{Kind: NewsConsentFailed, When: now, By: consent.By, Refusal: &why})
	return *c
}

// sameMinute compares two moments as people choose them: the cloud tells some
// times without seconds.
func sameMinute(a, b time.Time) bool {
	return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute))
}
