// Package handlers is what a command, a click or a submitted form does.
//
// A tour: [Handlers.Command], [Handlers.Interact] and [Handlers.HomeOpened] are
// the doors. A command is taken apart by [ParseCommand] (parse.go, line.go), its
// time by [ParseWhen] (when*.go), its target found in target.go, and each verb
// has a file of its own. Buttons are in click.go, forms in form.go (opened) and
// submit.go (sent), those of the checklists in list_form.go and list_submit.go, the
// Home tab in home.go; whose a migration is stands in mine.go. Every decision goes
// through decide.go into the store, where the role that it takes is checked
// (access.go); the rules are the domain's. All words come from package notifier.
//
// A decision is committed when Command or Interact returns, before the envelope
// is acknowledged. What may wait is in [Result].After.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// Store is the state that people ask about and decide on.
type Store interface {
	// Apply commits what fn decides, whole, and returns the migration as it then
	// stands. An error of fn comes back as it is, with the migration as it
	// stands. once names an envelope; where that was carried out before, fn does
	// not run and the error is migration.ErrTwice.
	Apply(ctx context.Context, key migration.Key, once string, fn func(cur *migration.Migration) (migration.Change, error)) (migration.Migration, error)
	Migration(ctx context.Context, key migration.Key) (m migration.Migration, ok bool, err error)
	// Find gives what an instance's id, an event's id or an instance's name
	// stands for: what is open first, by deadline, then what is over.
	Find(ctx context.Context, target string) ([]migration.Migration, error)
	// ByDeadline gives what is open, in order, until fn is false.
	ByDeadline(ctx context.Context, fn func(migration.Migration) bool) error
	// Withdrawn gives what will not be run, in any order, until fn is false.
	Withdrawn(ctx context.Context, fn func(migration.Migration) bool) error
	// KeepHome remembers what somebody looks at on their Home tab; Homes are those
	// kept.
	KeepHome(ctx context.Context, tab migration.HomeTab) error
	Homes(ctx context.Context) ([]migration.HomeTab, error)
	History(ctx context.Context, key migration.Key) ([]migration.Entry, error)
}

// People knows who acts. With an error of Person comes one good enough to answer.
type People interface {
	Person(ctx context.Context, userID string) (notifier.Person, error)
	// Fresh makes do with nothing older than age.
	Fresh(ctx context.Context, userID string, age time.Duration) (notifier.Person, error)
}

// Groups knows who is in which of Slack's user groups.
type Groups interface {
	Has(ctx context.Context, group, userID string) (bool, error)
}

// Slack is what of Slack's Web API is used to answer.
type Slack interface {
	OpenViewContext(ctx context.Context, triggerID string, view slack.ModalViewRequest) (*slack.ViewResponse, error)
	UpdateViewContext(ctx context.Context, view slack.ModalViewRequest, externalID, hash, viewID string) (*slack.ViewResponse, error)
	PushViewContext(ctx context.Context, triggerID string, view slack.ModalViewRequest) (*slack.ViewResponse, error)
	PublishViewContext(ctx context.Context, req slack.PublishViewContextRequest) (*slack.ViewResponse, error)
	OpenConversationContext(ctx context.Context, params *slack.OpenConversationParameters) (*slack.Channel, bool, bool, error)
	UploadFileContext(ctx context.Context, params slack.UploadFileParameters) (*slack.FileSummary, error)
	PostEphemeralContext(ctx context.Context, channelID, userID string, options ...slack.MsgOption) (string, error)
}

// Options is what handlers need.
type Options struct {
	Store  Store
	People People
	Groups Groups
	Slack  Slack
	// Grants say who has which role about a migration; nobody has any by default.
	Grants func(migration.Migration) migration.Grants
	HTTP   *http.Client // for response URLs; one of its own by default
	Clock  clock.Clock  // clock.Real by default
	// Owner is the Slack user or user group behind the value of an owner tag, and
	// OnCall who is told about a migration that nobody else is in charge of; empty
	// for none, as by default.
	Owner  func(tag string) string
	OnCall func(migration.Migration) string
	// Blind tells which regions cannot be looked at now; none by default.
	Blind func() []notifier.Blind
	// Lang and Zone are for people whose own are not known.
	Lang notifier.Lang  // English by default
	Zone *time.Location // UTC by default
	// Checklists are what is to be done before and after each run.
	Checklists migration.Checklists
	Log        *slog.Logger // silent by default
}

// Handlers does what people ask for. It is safe for concurrent use.
type Handlers struct {
	o     Options
	homes homes
}

// New makes Handlers.
func New(o Options) *Handlers {
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: afterWait}
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Lang == "" {
		o.Lang = notifier.English
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Grants == nil {
		o.Grants = func(migration.Migration) migration.Grants { return migration.Grants{} }
	}
	if o.Owner == nil {
		o.Owner = func(string) string { return "" }
	}
	if o.OnCall == nil {
		o.OnCall = func(migration.Migration) string { return "" }
	}
	if o.Blind == nil {
		o.Blind = func() []notifier.Blind { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Handlers{o: o}
}

// Result is what follows once an envelope was worked on.
type Result struct {
	Ack   any                       // payload of the acknowledgement; nil: none
	After func(ctx context.Context) // work after the acknowledgement; nil: none
}

// commandName is the slash command as the manifest has it, for answers to those
// who did not type it.
const commandName = "/ecs-migrate"
