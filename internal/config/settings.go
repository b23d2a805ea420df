package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// defaults is what holds for keys that the file leaves out.
func defaults() (cfg Config, poll, zone string) {
	return Config{
		Slack:      Slack{APIURL: "https://slack.com/api/"},
		Store:      "ecs-migrate.db",
		Listen:     "127.0.0.1:9090",
		Language:   English,
		EventTypes: EventTypes{"SystemUpgrade.Migrate", "SystemMaintenance.*"},
	}, "@every 1m", "Asia/Shanghai"
}

// settings understands the top level of the file.
func (t *tree) settings(root *yaml.Node) Config {
	cfg, poll, zone := defaults()
	values, ok := t.mapping(root, "", topKeys())
	if !ok {
		return cfg
	}
	if n := values["slack"]; n != nil && !isNull(n) {
		t.slack(n, &cfg.Slack)
	}
	if n := values["store"]; n != nil {
		cfg.Store, _ = t.text(n, "store", "store: ecs-migrate.db")
	}
	if n := values["listen"]; n != nil {
		cfg.Listen = t.listen(n)
	}
	if n := values["language"]; n != nil {
		cfg.Language = t.language(n)
	}
	if n := values["event_types"]; n != nil {
		cfg.EventTypes = t.eventTypes(n)
	}
	cfg.Location = t.location(values["time_zone"], zone)
	cfg.Poll = t.poll(values["poll"], poll, cfg.Location)
	cfg.Reminders = t.reminders(values["reminders"], cfg.Location)
	cfg.Checklists = t.checklists(values["checklists"])
	if n := values["people"]; n != nil {
		cfg.People = t.people(n)
	}
	if n := values["on_call"]; n != nil {
		cfg.OnCall = t.onCall(n, "on_call")
	}
	if n := values["escalation"]; n != nil {
		cfg.Escalation = t.channel(n, "escalation")
	}
	if n := values["admin_channel"]; n != nil {
		cfg.AdminChannel = t.channel(n, "admin_channel")
	}

	if n := values["roles"]; n != nil {
		cfg.Roles = t.roles(n, "roles")
	}
	if n := t.required(root, values, "accounts", "accounts", "Name at least one account and its regions"); n != nil {
		cfg.Accounts = t.accounts(n)
	}
	if n := t.required(root, values, "routes", "routes", "Add at least `- {channel: C0123456789}` with your channel's ID"); n != nil {
		cfg.Routes = t.routes(n, cfg.Accounts, cfg.Roles)
	}
	t.somebodyDecides(root, values["roles"], cfg)
	return cfg
}

// required is the value of a key that must be there and be no empty list, or
// nil after a fault.
func (t *tree) required(parent *yaml.Node, values map[string]*yaml.Node, key, field, remedy string) *yaml.Node {
	n := values[key]
	switch {
	case n == nil:
		t.fault(parent, field, "is missing", remedy)
	case isNull(n), n.Kind == yaml.SequenceNode && len(n.Content) == 0:
		t.fault(n, field, "is empty", remedy)
	default:
		return n
	}
	return nil
}

func (t *tree) slack(n *yaml.Node, slack *Slack) {
	values, ok := t.mapping(n, "slack", slackKeys())
	if !ok || values["api_url"] == nil {
		return
	}
	const field = "slack.api_url"
	raw, ok := t.text(values["api_url"], field, "api_url: https://slack.com/api/")
	if !ok {
		return
	}
	u, fault := parseAddress(raw)
	if fault != nil {
		t.fault(values["api_url"], field, fault.problem, fault.remedy)
		return
	}
	slack.APIURL = strings.TrimRight(u.String(), "/") + "/"
}

func (t *tree) language(n *yaml.Node) Language {
	value, ok := t.text(n, "language", "language: en")
	switch language := Language(value); {
	case !ok:
	case language == English, language == Chinese:
		return language
	default:
		t.fault(n, "language", quote(value)+" is no language the bot speaks", "Write en or zh-CN")
	}
	return English
}

// location reads n, or the default where the key is absent; UTC after a fault.
func (t *tree) location(n *yaml.Node, zone string) *time.Location {
	if n != nil {
		var ok bool
		if zone, ok = t.text(n, "time_zone", "time_zone: Asia/Shanghai"); !ok {
			return time.UTC
		}
	} else {
		n = &yaml.Node{}
	}
	// LoadLocation takes "Local" for this machine's zone, which is no name a
	// configuration may depend on.
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		t.fault(n, "time_zone", quote(zone)+" is no IANA time zone", "Write a name such as Asia/Shanghai, Europe/Berlin or UTC, not CST or UTC+8")
		return time.UTC
	}
	return location
}

var eventType = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*([.:][A-Za-z0-9]+)*$|^([A-Za-z][A-Za-z0-9.:]*)?\*$`)

func (t *tree) eventTypes(n *yaml.Node) EventTypes {
	const example = `event_types: ["SystemUpgrade.Migrate", "SystemMaintenance.*"]`
	return t.typeNames(n, "event_types", example, "so no event would ever be seen")
}

// typeNames are exact names of event types, or beginnings of them.
func (t *tree) typeNames(n *yaml.Node, field, example, effect string) []string {
	items, ok := t.list(n, field, example)
	if ok && len(items) == 0 {
		t.fault(n, field, "is empty, "+effect, "Name types, as in "+example+", or delete the key")
	}
	var types []string
	first := map[string]int{}
	for i, child := range items {
		at := item(field, i)
		value, ok := t.text(child, at, example)
		if !ok {
			continue
		}
		family, _, _ := strings.Cut(value, ".")
		if line, doubled := first[value]; doubled {
			t.fault(child, at, fmt.Sprintf("stands twice, first on line %d", line), "Keep one of the two")
		} else if !eventType.MatchString(value) {
			t.fault(child, at, quote(value)+" is no event type", "Write an exact name such as SystemUpgrade.Migrate, or a beginning and one final asterisk such as SystemMaintenance.*")
		} else if near := nearest(family, families()); near != "" && near != family && !strings.HasSuffix(family, "*") {
			t.fault(child, at, quote(value)+" matches no event the cloud announces", "Write "+near+strings.TrimPrefix(value, family)+" if that is meant")
		} else {
			first[value] = child.Line
			types = append(types, value)
		}
	}
	return types
}

// families are the first parts of the event types the ECS API documents for
// instances (DescribeInstanceHistoryEvents, InstanceEventType.N). A type of a
// family that is neither one of these nor near one is accepted: the cloud adds new ones.
func families() []string {
	return []string{"SystemMaintenance", "SystemUpgrade", "SystemFailure", "InstanceFailure", "InstanceExpiration", "AccountUnbalanced"}
}
