// Package config turns the configuration file and the environment into a
// validated Config, or into every fault found in them at once.
//
// The file is one YAML document, decoded strictly: an unknown or doubled key
// is a fault with its line. Secrets never stand in the file; the two Slack
// tokens come from the environment, and the Alibaba Cloud SDK reads its own
// variables itself.
//
// A tour: Load (load.go) reads both sources; tree.go walks YAML nodes and
// collects faults; settings.go, schedule.go, address.go, accounts.go,
// routes.go, roles.go, reminders.go, people.go and checklists.go each understand
// one part; secret.go judges tokens without ever printing one.
package config

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"ecs-migrate/internal/migration"
)

// A Config is a whole, validated configuration. It is not changed after Load.
type Config struct {
	// Slack says where Slack is and with which tokens to talk to it.
	Slack Slack
	// Store is the path of the bbolt file. A relative path starts at the
	// working directory, not at the configuration file.
	Store string
	// Listen is the host:port for /healthz, /readyz and /metrics. Empty means off.
	Listen string
	// Poll says when the cloud is asked.
	Poll Poll
	// Location is the zone for people whose Slack profile tells none.
	Location *time.Location
	// Language is what channels are spoken to in.
	Language Language
	// EventTypes are the event types the bot takes care of.
	EventTypes EventTypes
	// Accounts has at least one account; names are unique.
	Accounts []Account
	// Routes says which channel hears of what; the last one takes the rest.
	Routes []Route
	// Roles say who may do what; a route may have its own.
	Roles Roles
	// Checklists are what is to be done before and after each run.
	Checklists migration.Checklists
	// Reminders says of what people are reminded and when.
	Reminders Reminders
	// People are the Slack users and user groups behind the values of owner tags,
	// by OwnerKey.
	People map[string]string
	// AdminChannel is the ID of the channel of those who run the bot, which hears
	// of trouble that they can mend. Empty: the log tells it, and of regions that
	// cannot be looked at the channel that hears of their events.
	AdminChannel string
	// OnCall is the user group that hears of what nobody looks after, Escalation
	// the channel that hears of what nobody answers; a route may have its own.
	// Either may be empty.
	OnCall, Escalation string
}

// Slack is where Slack is and how the bot proves who it is.
type Slack struct {
	// APIURL is the root of the Web API and ends in "/".
	APIURL string
	// BotToken is the xoxb- token for the Web API.
	BotToken Secret
	// AppToken is the xapp- token that opens Socket Mode connections.
	AppToken Secret
}

// Poll is a robfig/cron/v3 schedule together with the text it was read from.
// A schedule by the clock, such as "0 9 * * *", is read in Config.Location
// unless the text begins with CRON_TZ=.
type Poll struct {
	Text     string
	Schedule cron.Schedule
}

// A Language is one the bot's catalogue of words is complete in.
type Language string

// The languages, by the names the configuration file uses.
const (
	English Language = "en"
	Chinese Language = "zh-CN"
)

// An Account is one Alibaba Cloud account and the regions polled in it.
type Account struct {
	// Name is the operator's own name for the account; it keys stored records.
	Name string
	// Regions are region ids such as cn-hangzhou, at least one, each once.
	Regions []string
	// Endpoint is the scheme and host that every call goes to, such as
	// "https://ecs.example.internal", without a final slash. Empty means that
	// the SDK's resolver finds the region's own.
	Endpoint    string
	Credentials Credentials
}

// Credentials says where an account's keys come from. At most one field is
// set; none means the SDK's default chain.
type Credentials struct {
	// Profile is a section of the SDK's credentials file.
	Profile string
	// RoleARN is a RAM role assumed with the default chain's own identity.
	RoleARN string
}

// A Route sends what it matches to a channel. Empty fields match everything;
// every tag of Tags must be on the instance with exactly that value.
type Route struct {
	// Channel is a Slack channel ID.
	Channel string
	Account string
	Region  string
	Tags    map[string]string
	// Roles are the route's own; Config's stand for those that are not given.
	// Routes with the same channel have the same.
	Roles Roles
	// OnCall and Escalation are the route's own, empty for Config's.
	OnCall, Escalation string
}

// Route is the ID of the channel that hears of an instance with these tags:
// the first route that matches. A Config from Load always has one.
func (c Config) Route(account, region string, tags map[string]string) (channel string) {
	return c.route(account, region, tags).Channel
}

// Duty is who is called for an instance with these tags where nobody looks after
// it, and the channel that hears of what nobody answers. Either may be empty.
func (c Config) Duty(account, region string, tags map[string]string) (onCall, escalation string) {
	r := c.route(account, region, tags)
	return cmp.Or(r.OnCall, c.OnCall), cmp.Or(r.Escalation, c.Escalation)
}

func (c Config) route(account, region string, tags map[string]string) Route {
	for _, route := range c.Routes {
		if route.matches(account, region) && containsTags(tags, route.Tags) {
			return route
		}
	}
	return Route{}
}

func (r Route) matches(account, region string) bool {
	return (r.Account == "" || r.Account == account) && (r.Region == "" || r.Region == region)
}

func (r Route) takesRest() bool {
	return r.Account == "" && r.Region == "" && len(r.Tags) == 0
}

// containsTags tells whether every wanted tag is among those given.
func containsTags(given, wanted map[string]string) bool {
	for key, want := range wanted {
		if got, ok := given[key]; !ok || got != want {
			return false
		}
	}
	return true
}

// EventTypes are exact names, such as SystemUpgrade.Migrate, or beginnings
// with a final asterisk, such as SystemMaintenance.*.
type EventTypes []string

// Match tells whether an event type, spelt as the cloud does, is among them.
func (t EventTypes) Match(name string) bool {
	return slices.ContainsFunc(t, func(pattern string) bool {
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == pattern
	})
}

// Channels are the IDs of all channels that may hear of an instance in a region of
// an account, by whichever tags, each once.
func (c Config) Channels(account, region string) []string {
	var all []string
	for _, r := range c.Routes {
		if r.matches(account, region) && !slices.Contains(all, r.Channel) {
			all = append(all, r.Channel)
		}
	}
	return all
}
