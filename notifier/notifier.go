// Package notifier is what people read in Slack: it renders migrations into
// messages and delivers them.
//
// Rendering is pure: [Card] is the one message that stands for a migration and
// is updated for its whole life, [Line] is one piece of news in its thread. Both
// take what is known and who reads it ([View]) and give a [Message] that keeps
// Slack's limits whatever the input. Every word comes from the catalogue (see
// catalogue.go), every text from outside is escaped (escape.go).
//
// Delivery is [Sender]: it keeps Slack's pace, obeys its Retry-After and tells
// apart why a message could not be delivered ([DeliveryError]). [People] knows
// each person's zone and language.
package notifier

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// Lang is a language that the catalogue speaks.
type Lang string

// The languages.
const (
	English Lang = "en"
	Chinese Lang = "zh-CN"
)

// Langs are all languages.
var Langs = [...]Lang{English, Chinese}

// LangOf is the language for a Slack locale such as "zh-CN" or "de-DE": Chinese
// for every Chinese locale, English for any other, and fallback where Slack
// tells none.
func LangOf(slackLocale string, fallback Lang) Lang {
	switch {
	case slackLocale == "":
		return fallback
	case slackLocale == "zh", strings.HasPrefix(slackLocale, "zh-"), strings.HasPrefix(slackLocale, "zh_"):
		return Chinese
	}
	return English
}

// View is who reads a message and when. A channel reads in the configured
// language and zone, an ephemeral answer or a form in the person's own.
type View struct {
	Lang Lang
	Zone *time.Location // for times written out, where Slack cannot localise them; nil: UTC
	Now  time.Time
	// Checklists are what is to be done before and after each run.
	Checklists migration.Checklists
	// Blind are the regions that cannot be looked at now: whatever lists what is
	// open must say so.
	Blind []Blind
}

// Blind is a region of which nobody can say what is there.
type Blind struct {
	Account, Region string
	Since           time.Time // when it was last looked at; zero: never since the bot began
	// Events are the ids of those that could not be read since then, each empty
	// where that cannot be read either; all others were looked at. None: nothing was.
	Events []string
}

// Message is one Slack message.
type Message struct {
	Text     string // what a notification shows; also for clients without blocks
	Blocks   []slack.Block
	Metadata *slack.SlackMetadata // how the message is found again; ids only
	// Broadcast shows a reply in the channel too, not in its thread alone.
	Broadcast bool
}
