package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Verb is what a command asks for.
type Verb string

// The verbs.
const (
	Help       Verb = "help"
	List       Verb = "list"
	Show       Verb = "show"
	Facts      Verb = "facts"
	Reserve    Verb = "reserve"
	Reschedule Verb = "reschedule"
	Accept     Verb = "accept"
	Assign     Verb = "assign"
	Snooze     Verb = "snooze"
	History    Verb = "history"
	Calendar   Verb = "calendar"
	FAQ        Verb = "faq"
	Checklist  Verb = "checklist"
	Ack        Verb = "ack"
)

// forms are how each verb is written.
var forms = []struct {
	verb Verb
	form string
}{
	{Help, "help"},
	{List, "list [all|mine|unreserved|waiting]"},
	{Show, "show TARGET"},
	{Facts, "facts TARGET"},
	{Reserve, "reserve TARGET [WHEN]"},
	{Reschedule, "reschedule TARGET WHEN"},
	{Accept, "accept TARGET"},
	{Assign, "assign TARGET @user|me|nobody"},
	{Snooze, "snooze TARGET 1h|4h|tomorrow"},
	{History, "history TARGET"},
	{Calendar, "calendar [all|mine|TARGET]"},
	{FAQ, "faq"},
	{Checklist, "checklist TARGET"},
	{Ack, "ack TARGET [REASON]"},
}

func (v Verb) form() string {
	for _, f := range forms {
		if f.verb == v {
			return f.form
		}
	}
	return string(v)
}

// The filters of a list.
const (
	All        = "all"
	Mine       = "mine"
	Unreserved = "unreserved"
	Waiting    = "waiting" // for the follow-up's acknowledgement
)

// Request is a command, taken apart.
type Request struct {
	Verb   Verb
	Target string // as typed: an instance id, an event id or an instance's name
	When   string // as typed; empty where none was
	Who    string // of an assign: a Slack user id, Me, Nobody, or as typed
	Reason string // of an acknowledgement
	Filter string // of a list: All, Mine, Unreserved or Waiting
	Page   int    // of a list or a history, from 1

	// At is what When was read as, zero until it was. It is written in place of
	// When: a button must not move a relative time.
	At time.Time
}

// String writes the request so that ParseCommand reads it again.
func (r Request) String() string {
	parts := []string{string(r.Verb)}
	if r.Filter != "" {
		parts = append(parts, r.Filter, strconv.Itoa(r.Page))
	}
	if r.Target != "" {
		parts = append(parts, quote(r.Target))
	}
	if r.Verb == History && r.Page > 1 {
		parts = append(parts, strconv.Itoa(r.Page))
	}
	switch {
	case slackUser.MatchString(r.Who):
		parts = append(parts, "@"+r.Who)
	case r.Who != "":
		parts = append(parts, quote(r.Who))
	case !r.At.IsZero():
		parts = append(parts, r.At.Format(time.RFC3339))
	case r.When != "":
		parts = append(parts, r.When)
	case r.Reason != "":
		parts = append(parts, quote(r.Reason))
	}
	return strings.Join(parts, " ")
}

// UnknownVerb is a command whose first word is no verb.
type UnknownVerb struct {
	Typed string
	Near  string // the whole command with the nearest verb; empty where none is near
}

// Error is for logs; people are answered in their own words.
func (e *UnknownVerb) Error() string { return fmt.Sprintf("no verb %.40q", e.Typed) }

// Incomplete is a command that lacks something or says what its verb does not
// take.
type Incomplete struct{ Verb Verb }

// Error is for logs; people are answered in their own words.
func (e *Incomplete) Error() string { return "not a whole command: " + string(e.Verb) }

// maxPage bounds how far a list is read on.
const maxPage = 10_000

// ParseCommand takes apart what was typed after the command's name. A target
// with blanks is quoted; where nothing may follow a target, it need not be. The
// error is an *UnknownVerb or an *Incomplete.
func ParseCommand(text string) (Request, error) {
	typed := words(text)
	if len(typed) > 0 && Verb(strings.ToLower(typed[0])) == Assign {
		typed = words(slackPerson.ReplaceAllString(text, "<@$1>")) // the id counts, not the name
	}
	if len(typed) == 0 {
		return Request{Verb: Help}, nil
	}
	r, rest := Request{Verb: Verb(strings.ToLower(typed[0]))}, typed[1:]
	switch r.Verb {
	case Help, FAQ:
		return r, nil
	case List:
		return r.list(rest)
	case Calendar:
		r.Target = strings.Join(rest, " ")
		return r, nil
	case History:
		r.page(rest)
	case Show, Facts, Accept, Checklist:
		r.Target = strings.Join(rest, " ")
	case Ack:
		if len(rest) > 0 {
			r.Target, r.Reason = rest[0], strings.Join(rest[1:], " ")
		}
	case Reserve, Reschedule:
		if len(rest) > 0 {
			r.Target, r.When = rest[0], strings.Join(strings.FieldsFunc(strings.Join(rest[1:], " "), blank), " ")
		}
	case Assign:
		r.Target, r.Who = last(rest)
		r.Who = who(r.Who)
	case Snooze:
		r.Target, r.When = last(rest)
	default:
		return Request{}, &UnknownVerb{Typed: typed[0], Near: nearestVerb(typed[0], rest)}
	}
	if r.Target == "" || r.Verb == Reschedule && r.When == "" {
		return Request{}, &Incomplete{r.Verb}
	}
	return r, nil
}

// last sets the last word apart; both are empty where there are not two.
func last(rest []string) (before, word string) {
	if len(rest) < 2 {
		return "", ""
	}
	return strings.Join(rest[:len(rest)-1], " "), rest[len(rest)-1]
}

// who reads who is to look after something.
func who(typed string) string {
	switch strings.ToLower(typed) {
	case Me, "我":
		return Me
	case Nobody, "none", "无人":
		return Nobody
	}
	if id := strings.TrimPrefix(typed, "@"); slackUser.MatchString(id) {
		return id
	}
	return typed
}

// list reads a filter and, as the buttons of a list write it, a page.
func (r Request) list(rest []string) (Request, error) {
	r.Filter, r.Page = All, 1
	if len(rest) > 0 {
		r.Filter = strings.ToLower(rest[0])
	}
	if len(rest) > 1 {
		n, err := strconv.Atoi(rest[1])
		if err != nil || n < 1 || n > maxPage {
			return Request{}, &Incomplete{List}
		}
		r.Page = n
	}
	if len(rest) > 2 || !slices.Contains([]string{All, Mine, Unreserved, Waiting}, r.Filter) {
		return Request{}, &Incomplete{List}
	}
	return r, nil
}

// page reads a target and, as the buttons of a history write it, a page.
func (r *Request) page(rest []string) {
	r.Page = 1
	if len(rest) == 2 {
		if n, err := strconv.Atoi(rest[1]); err == nil && n >= 1 && n <= maxPage {
			r.Page, rest = n, rest[:1]
		}
	}
	r.Target = strings.Join(rest, " ")
}

// nearestVerb is the command with the verb that was probably meant.
func nearestVerb(typed string, rest []string) string {
	typed = strings.ToLower(typed)
	best, least := Verb(""), 3
	if utf8.RuneCountInString(typed) <= 3 {
		least = 2 // of three letters, two wrong ones are another word
	}
	for _, f := range forms {
		if d := distance(typed, string(f.verb)); d < least {
			best, least = f.verb, d
		}
	}
	if best == "" {
		return ""
	}
	all := []string{string(best)}
	for i, w := range rest {
		if i == 0 {
			w = quote(w)
		}
		all = append(all, w)
	}
	return strings.Join(all, " ")
}

// maxCompared is how many characters of a text are compared with another.
const maxCompared = 64

// distance counts the characters to insert, drop, replace or swap with their
// neighbour to make b of a.
func distance(a, b string) int {
	x, y := head(a), head(b)
	before, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	var earlier []int
	for i := 1; i <= len(x); i++ {
		earlier, before, row = before, row, make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], earlier[j-2]+1)
			}
		}
	}
	return row[len(y)]
}

func head(s string) []rune {
	r := make([]rune, 0, maxCompared)
	for _, c := range s {
		if len(r) == maxCompared {
			break
		}
		r = append(r, c)
	}
	return r
}
