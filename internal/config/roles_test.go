package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func roleFaultCases() []faultCase {
	const text = "accounts: [{name: prod, regions: [cn-hangzhou, cn-shanghai]}]\n"
	const rest = "routes: [{channel: C0000000000}]\n"
	roles := func(lines string) string { return text + rest + "roles:\n" + lines } // lines begin on line 4
	routes := func(lines string) string { return text + "routes:\n" + lines }      // lines begin on line 3
	return []faultCase{
		{name: "no roles", text: text + rest, want: []string{"1 roles: is missing, so nobody could reserve a time | everyone"}},
		{name: "roles null", text: text + rest + "roles:\n", want: []string{"3 roles: is nothing where a mapping | key: value"}},
		{name: "roles empty", text: text + rest + "roles: {}\n", want: []string{"3 roles: is empty | operator: [S0123456789]"}},
		{name: "roles list", text: text + rest + "roles: [everyone]\n", want: []string{"3 roles: is a list where a mapping | key: value"}},
		{name: "role unknown", text: roles("  operators: [everyone]\n"), want: []string{"4 roles.operators: is no key of `roles` | `operator`"}},
		{name: "viewer", text: roles("  operator: [everyone]\n  viewer: [U0123456789]\n"), want: []string{"5 roles.viewer: is no key of `roles` | operator, admin"}},
		{name: "role text", text: roles("  operator: everyone\n"), want: []string{"4 roles.operator: is text where a list | operator: [S0123456789]"}},
		{name: "role empty", text: roles("  operator: []\n"), want: []string{"4 roles.operator: is empty | everyone"}},
		{name: "role null", text: roles("  operator:\n"), want: []string{"4 roles.operator: is nothing where a list | S0123456789"}},
		{name: "holders", text: roles("  operator:\n    - lin\n    - \"@lin\"\n    - C0123456789\n    - Everyone\n    - U0123456789\n    - U0123456789\n    - 7\n    - u0123456789\n"), want: []string{
			"5 roles.operator[0]: \"lin\" is no Slack user or user group | U0123456789",
			"6 roles.operator[1]: \"@lin\" is a name, which can change | member ID",
			"7 roles.operator[2]: \"C0123456789\" is a channel | member ID",
			"8 roles.operator[3]: \"Everyone\" is no Slack user or user group | Write everyone for every full member",
			"10 roles.operator[5]: \"U0123456789\" stands twice, first on line 9 | one of the two",
			"11 roles.operator[6]: is a number | quotes",
			"12 roles.operator[7]: \"u0123456789\" is no Slack user | U0123456789",
		}},
		{name: "nobody on one route", text: routes("  - {channel: C0123456789, match: {region: cn-hangzhou}, roles: {operator: [U0123456789]}}\n  - {channel: C0000000000}\n"), want: []string{
			"1 roles: is missing, so nobody could reserve a time | everyone",
		}},
		{name: "a route's roles", text: routes("  - {channel: C0000000000, roles: {operator: [bob]}}\n"), want: []string{"3 routes[0].roles.operator[0]: \"bob\" is no Slack user | U0123456789"}},
		{name: "one channel, two says", text: routes("  - {channel: C0000000000, match: {region: cn-hangzhou}, roles: {operator: [U0123456789]}}\n  - {channel: C0000000000}\nroles: {operator: [everyone]}\n"), want: []string{
			"4 routes[1].roles: are others than those of routes[0] on line 3, which has the same channel | a channel of its own",
		}},
	}
}

func TestRolesIn(t *testing.T) {
	cfg := mustParse(t, `accounts: [{name: prod, regions: [cn-hangzhou, cn-shanghai]}]
routes:
  - {channel: C00000WEB, match: {region: cn-hangzhou, tags: {team: web}}, roles: {operator: [S0000000WEB]}}
  - {channel: C00000WEB, match: {region: cn-shanghai, tags: {team: web}}, roles: {operator: [S0000000WEB]}}
  - {channel: C0000PROD, match: {account: prod, region: cn-hangzhou}, roles: {admin: [U0000000SRE]}}
  - {channel: C0000000000}
roles: {operator: [everyone], admin: [U0000000001]}
`)
	web := Roles{Operator: []string{"S0000000WEB"}, Admin: []string{"U0000000001"}}
	prod := Roles{Operator: []string{Everyone}, Admin: []string{"U0000000SRE"}}
	rest := Roles{Operator: []string{Everyone}, Admin: []string{"U0000000001"}}
	for _, c := range []struct {
		name, channel, region, team string
		want                        Roles
	}{
		{"a route's operator stands in place", "C00000WEB", "cn-hangzhou", "web", web},
		{"the channel decides, not what its tags became", "C00000WEB", "cn-hangzhou", "db", web},
		{"the channel decides, not where it would go now", "C0000000000", "cn-hangzhou", "web", rest},
		{"a route's admin stands in place", "C0000PROD", "cn-hangzhou", "", prod},
		{"a channel without a route: where it would go now", "C00000000OLD", "cn-shanghai", "web", web},
		{"and where that is the rest", "C00000000OLD", "cn-shanghai", "", rest},
	} {
		got := cfg.RolesIn(c.channel, "prod", c.region, map[string]string{"team": c.team})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestRolesMayStandOnEveryRouteOnly(t *testing.T) {
	mustParse(t, "accounts: [{name: prod, regions: [cn-hangzhou]}]\nroutes:\n  - {channel: C0000000000, roles: {admin: [W0123456789]}}\n")
}
