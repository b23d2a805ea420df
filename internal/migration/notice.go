package migration

import "time"

// Trouble is what whoever runs the bot must know.
type Trouble string

// The troubles.
const (
	TroubleDown      Trouble = "down"       // a region does not answer, or fails
	TroubleThrottled Trouble = "throttled"  // the cloud throttles the account, for long
	TroubleMalformed Trouble = "malformed"  // the cloud's answers cannot be read
	TroubleUnread    Trouble = "unread"     // single events of a region cannot be read: Message names them
	TroubleUntrusted Trouble = "untrusted"  // credentials or clock are not accepted: Message says which
	TroublePermitted Trouble = "permission" // a RAM action is missing, or the list hides what is there
	TroubleLate      Trouble = "late"       // a region was not looked at for too long: its poll hangs
	TroubleOwn       Trouble = "own"        // a fault of the bot's own, such as its store
	TroubleChannel   Trouble = "channel"    // Slack does not let the bot post into a channel
	TroubleStore     Trouble = "store"      // the store was gone and a new one was begun: Path names it
)

// Notice is trouble that is told once, and once again when it is over.
type Notice struct {
	Trouble Trouble `json:"trouble"`

	// What is in trouble: regions of an account, a Slack channel, or a file.
	Account string   `json:"account,omitempty"`
	Regions []string `json:"regions,omitempty"`
	Channel string   `json:"channel,omitempty"`
	Path    string   `json:"path,omitempty"`

	Since   time.Time `json:"since"`           // when it was seen first
	Healed  time.Time `json:"healed,omitzero"` // when it was seen to be over; zero: it is not
	Over    bool      `json:"over,omitempty"`  // this post tells that it is over
	Code    string    `json:"code,omitempty"`  // the other side's own code
	Message string    `json:"message,omitempty"`
	Action  string    `json:"action,omitempty"` // the RAM action that is missing
	// Events are those that a notice of TroubleUnread told of, readable again or
	// not; none: it told of all there were.
	Events []string `json:"events,omitempty"`
}

// Open tells whether the trouble is not over yet, as far as this notice tells.
func (n Notice) Open() bool { return n.Healed.IsZero() }
