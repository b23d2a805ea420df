package slack

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Tokens that a server has unless told otherwise. They are no secrets: they open nothing but a stub.
const (
	DefaultBotToken = "xoxb-stub-bot-token"
	DefaultAppToken = "xapp-stub-app-token"
)

// Options say what the workspace holds and how strict and how fast it is. The zero value is a usable workspace.
type Options struct {
	// Now is the clock of everything that has an age: message times, triggers, response URLs, rate limits.
	// Nil means time.Now. Waiting (acknowledgements, pings, delays) always takes real time.
	Now func() time.Time

	BotToken string   // xoxb-; DefaultBotToken when empty
	AppToken string   // xapp-; DefaultAppToken when empty
	Scopes   []string // of the bot token; DefaultScopes when nil, none when empty but not nil
	Commands []string // the app's slash commands; "/ecs-migrate" when nil

	Users    []User      // DefaultUsers when nil
	Channels []Channel   // DefaultChannels when nil
	Groups   []UserGroup // DefaultGroups when nil

	Limits Limits

	TriggerLife time.Duration   // age at which a trigger_id is refused; 3 s when zero
	AckTimeout  time.Duration   // how long an envelope waits for its acknowledgement; 3 s when zero
	PingEvery   time.Duration   // between WebSocket pings; 5 s when zero; a socket silent for three of them is closed
	WarningLead time.Duration   // between a disconnect "warning" and the close; 10 s when zero
	RetryDelays []time.Duration // before each redelivery of an unacknowledged event; 0 s, 1 min, 5 min when nil

	// RecordLimit is how many calls and changes are kept, oldest dropped first; 100,000 when zero.
	RecordLimit int
}

// Limits tune the rate limits (see ratelimit.go).
type Limits struct {
	Off   bool    // never answer 429 by count; faults still can
	Scale float64 // multiplies every allowance; 1 when zero
}

// User is one person, or a bot.
type User struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	RealName   string `json:"real_name"`
	TZ         string `json:"tz,omitempty"`     // IANA name; empty: the profile tells none
	Locale     string `json:"locale,omitempty"` // such as en-US, zh-CN
	IsBot      bool   `json:"is_bot,omitempty"`
	Deleted    bool   `json:"deleted,omitempty"`
	Restricted bool   `json:"is_restricted,omitempty"` // a guest
	// UltraRestricted is a guest of one channel; Slack calls those restricted too.
	UltraRestricted bool `json:"is_ultra_restricted,omitempty"`
	// Team is the workspace of somebody from outside, whom a shared channel brings; empty for this one.
	Team string `json:"team_id,omitempty"`
	// Stranger is somebody from outside who shares no channel with the app.
	Stranger bool `json:"is_stranger,omitempty"`
	// Enterprise is the organisation, and Teams the workspaces in it that they belong to.
	Enterprise string   `json:"enterprise_id,omitempty"`
	Teams      []string `json:"teams,omitempty"`
}

// team is the workspace that a person belongs to.
func (u *User) team() string { return cmp.Or(u.Team, TeamID) }

// guest tells whether a person is one of the workspace's guests.
func (u *User) guest() bool { return u.Restricted || u.UltraRestricted }

// Channel is one conversation.
type Channel struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Private  bool     `json:"is_private,omitempty"`
	Archived bool     `json:"is_archived,omitempty"`
	NoBot    bool     `json:"bot_absent,omitempty"` // the bot is not a member
	Members  []string `json:"members,omitempty"`    // user ids; nil: everyone of the workspace but guests
	IMUser   string   `json:"user,omitempty"`       // the other side of a direct message; set by the server
}

// UserGroup is a handle that stands for several people.
type UserGroup struct {
	ID     string   `json:"id"`
	Handle string   `json:"handle"`
	Users  []string `json:"users"`
	// Disabled groups keep their people and are no use to anybody.
	Disabled bool `json:"disabled,omitempty"`
}

// DefaultScopes are the scopes of the bot token: the least that a bot with cards, forms, a command, a Home tab
// and user groups needs.
func DefaultScopes() []string {
	return []string{"chat:write", "commands", "channels:history", "groups:history", "users:read", "usergroups:read", "im:write", "files:write"}
}

// DefaultUsers are people in three zones and two languages, a guest, someone who left, a bot, and someone of
// another workspace.
func DefaultUsers() []User {
	return []User{
		{ID: "U0000000001", Name: "lin", RealName: "Lin Yue", TZ: "Asia/Shanghai", Locale: "zh-CN"},
		{ID: "U0000000002", Name: "mary", RealName: "Mary Adams", TZ: "America/New_York", Locale: "en-US"},
		{ID: "U0000000003", Name: "jonas", RealName: "Jonas Berg", TZ: "Europe/Berlin", Locale: "en-GB"},
		{ID: "U0000000004", Name: "guest", RealName: "Gina Guest", TZ: "Europe/London", Locale: "en-GB", Restricted: true},
		{ID: "U0000000005", Name: "gone", RealName: "Gus Gone", TZ: "Asia/Tokyo", Locale: "en-US", Deleted: true},
		{ID: "U0000000006", Name: "otherbot", RealName: "Other Bot", IsBot: true},
		{ID: "U0000000008", Name: "partner", RealName: "Paula Partner", TZ: "Europe/London", Locale: "en-GB", Team: OtherTeamID},
	}
}

// DefaultChannels are two that the bot is in, a private one it is in, one it is not in, and an archived one.
func DefaultChannels() []Channel {
	return []Channel{
		{ID: "C0123456789", Name: "web-ops"},
		{ID: "C0000000000", Name: "ops"},
		{ID: "C0000000001", Name: "secret-ops", Private: true},
		{ID: "C0000000002", Name: "random", NoBot: true},
		{ID: "C0000000003", Name: "old-ops", Archived: true},
	}
}

// DefaultGroups is one user group.
func DefaultGroups() []UserGroup {
	return []UserGroup{{ID: "S0000000001", Handle: "web-team", Users: []string{"U0000000001", "U0000000002"}}}
}

// Identities of the workspace, the app and its bot user.
const (
	TeamID = "T0000000001"
	// OtherTeamID is a workspace that channels may be shared with.
	OtherTeamID = "T0000000002"
	AppID       = "A0000000001"
	BotID       = "B0000000001"
	BotUserID   = "U0000000BOT"
	teamName    = "Stub Team"
	domain      = "stub-team"
	botName     = "ecs-migrate"
)

// withDefaults fills what was left out and names the first field that cannot be.
func (o Options) withDefaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	setIf(&o.BotToken, DefaultBotToken)
	setIf(&o.AppToken, DefaultAppToken)
	if !strings.HasPrefix(o.BotToken, "xoxb-") {
		return o, errors.New("option BotToken does not begin with xoxb-")
	}
	if !strings.HasPrefix(o.AppToken, "xapp-") {
		return o, errors.New("option AppToken does not begin with xapp-")
	}
	setNil(&o.Scopes, DefaultScopes())
	setNil(&o.Commands, []string{"/ecs-migrate"})
	setNil(&o.Users, DefaultUsers())
	setNil(&o.Channels, DefaultChannels())
	setNil(&o.Groups, DefaultGroups())
	setNil(&o.RetryDelays, []time.Duration{0, time.Minute, 5 * time.Minute})
	setIf(&o.Limits.Scale, 1)
	setIf(&o.TriggerLife, 3*time.Second)
	setIf(&o.AckTimeout, 3*time.Second)
	setIf(&o.PingEvery, 5*time.Second)
	setIf(&o.WarningLead, 10*time.Second)
	setIf(&o.RecordLimit, 100_000)
	for name, d := range map[string]time.Duration{
		"TriggerLife": o.TriggerLife, "AckTimeout": o.AckTimeout, "PingEvery": o.PingEvery, "WarningLead": o.WarningLead,
	} {
		if d < 0 {
			return o, fmt.Errorf("option %s is negative", name)
		}
	}
	return o, nil
}

func setIf[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

func setNil[T any](p *[]T, v []T) {
	if *p == nil {
		*p = v
	}
}
