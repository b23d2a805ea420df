package config

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// How Slack spells the ids of people and of user groups.
var (
	userID  = regexp.MustCompile(`^[UW][A-Z0-9]{8,20}$`)
	groupID = regexp.MustCompile(`^S[A-Z0-9]{8,20}$`)
)

const (
	personRemedy = "Copy the member ID, such as U0123456789, from the person's profile in Slack, or a user group's ID, such as S0123456789"
	groupRemedy  = "Copy the user group's ID, such as S0123456789, from its page in Slack"
)

// people reads who is behind the values of owner tags.
func (t *tree) people(n *yaml.Node) map[string]string {
	if isNull(n) {
		return nil
	}
	pairs, _ := t.pairs(n, "people")
	all := map[string]string{}
	for _, p := range pairs {
		field := join("people", p.key)
		value, ok := t.text(p.value, field, "li.lei: U0123456789")
		if !ok {
			continue
		}
		if !userID.MatchString(value) && !groupID.MatchString(value) {
			problem := quote(value) + " is no person and no user group"
			if strings.HasPrefix(value, "@") {
				problem = quote(value) + " is a name, which can change"
			}
			t.fault(p.value, field, problem, personRemedy)
			continue
		}
		all[OwnerKey(p.key)] = value
	}
	return all
}

// OwnerKey is how an owner tag's value is looked up in Config.People: people
// write it with or without an @ and in any case.
func OwnerKey(tag string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(tag), "@"))
}

// onCall reads the ID of a user group, or of a person.
func (t *tree) onCall(n *yaml.Node, field string) string {
	value, ok := t.text(n, field, "on_call: S0123456789")
	if !ok || groupID.MatchString(value) || userID.MatchString(value) {
		return value
	}
	t.fault(n, field, quote(value)+" is no user group", groupRemedy)
	return ""
}
