package config

// accountFaultCases are the faults of accounts and of the routes that lean on them.
func accountFaultCases() []faultCase {
	const prod = "accounts:\n  - {name: prod, regions: [cn-hangzhou, cn-shanghai]}\n" // two lines
	const rest = "  - {channel: C0000000000}\n"
	const all = "roles: {operator: [everyone]}\n"
	account := func(lines string) string { return "routes:\n" + rest + "accounts:\n" + lines + all } // accounts begin on line 4
	routes := func(lines string) string { return prod + "routes:\n" + lines + all }                  // routes begin on line 4
	sound := "  - {name: prod, regions: [cn-hangzhou]"
	return []faultCase{
		{name: "nothing but a store", text: "store: a\n", want: []string{"1 accounts: is missing | at least one account", "1 routes: is missing | C0123456789", "1 roles: is missing, so nobody could reserve a time | everyone"}},
		{name: "empty lists", text: "accounts: []\nroutes:\nroles: {operator: [everyone]}\n", want: []string{"1 accounts: is empty | regions", "2 routes: is empty | ID"}},
		{name: "accounts mapping", text: account("  prod: {}\n"), want: []string{"4 accounts: is a mapping where a list | accounts: [{"}},
		{name: "account text", text: account("  - prod\n"), want: []string{"4 accounts[0]: is text where a mapping | key: value"}},
		{name: "account keys", text: account(sound + ", region: x, profile: y}\n"), want: []string{
			"4 accounts[0].region: is no key of an account | `regions`", "4 accounts[0].profile: is no key of an account | `credentials`",
		}},
		{name: "no name, no regions", text: account("  - endpoint: \"\"\n"), want: []string{"4 accounts[0].name: is missing | short name", "4 accounts[0].regions: is missing | cn-hangzhou"}},
		{name: "bad name", text: account("  - {name: my prod, regions: [cn-hangzhou]}\n"), want: []string{"4 accounts[0].name: \"my prod\" is no account name | letters"}},
		{name: "number as name", text: account("  - {name: 1, regions: [cn-hangzhou]}\n"), want: []string{"4 accounts[0].name: is a number | quotes"}},
		{name: "doubled name", text: account(sound + "}\n" + sound + "}\n"), want: []string{"5 accounts[1].name: \"prod\" is taken by the account on line 4 | own name"}},
		{name: "regions text", text: account("  - {name: prod, regions: cn-hangzhou}\n"), want: []string{"4 accounts[0].regions: is text where a list | [cn-hangzhou"}},
		{name: "regions empty", text: account("  - {name: prod, regions: []}\n"), want: []string{"4 accounts[0].regions: is empty | cn-hangzhou"}},
		{name: "regions spelt badly", text: account("  - name: prod\n    regions:\n      - CN-Hangzhou\n      - cn_hangzhou\n      - hangzhou\n      - us-west-1a\n      - cn-beijing\n      - cn-beijing\n      -\n"), want: []string{
			"6 accounts[0].regions[0]: \"CN-Hangzhou\" is not spelt | small letters",
			"7 accounts[0].regions[1]: \"cn_hangzhou\" is not spelt | small letters",
			"8 accounts[0].regions[2]: \"hangzhou\" is not spelt | small letters",
			"9 accounts[0].regions[3]: \"us-west-1a\" is a zone | us-west-1",
			"11 accounts[0].regions[5]: \"cn-beijing\" stands twice, first on line 10 | one of the two",
			"12 accounts[0].regions[6]: has no value | cn-hangzhou",
		}},
		{name: "endpoint http", text: account(sound + ", endpoint: \"http://10.0.0.1\"}\n"), want: []string{"4 accounts[0].endpoint: \"http://10.0.0.1\" is plain http | 127.0.0.1"}},
		{name: "endpoint host only", text: account(sound + ", endpoint: ecs.aliyuncs.com}\n"), want: []string{"4 accounts[0].endpoint: \"ecs.aliyuncs.com\" has no scheme | https://"}},
		{name: "endpoint path", text: account(sound + ", endpoint: https://ecs.aliyuncs.com/x}\n"), want: []string{"4 accounts[0].endpoint: \"https://ecs.aliyuncs.com/x\" has a path | host only"}},
		{name: "endpoint looks like loopback", text: account(sound + ", endpoint: http://127.0.0.1.example.com}\n"), want: []string{"4 accounts[0].endpoint: \"http://127.0.0.1.example.com\" is plain http | https"}},
		{name: "endpoint without host", text: account(sound + ", endpoint: \"https://\"}\n"), want: []string{"4 accounts[0].endpoint: is no valid address | host"}},
		{name: "credentials text", text: account(sound + ", credentials: default}\n"), want: []string{"4 accounts[0].credentials: is text where a mapping | key: value"}},
		{name: "credentials both", text: account(sound + ", credentials: {profile: p, role_arn: \"acs:ram::1:role/r\"}}\n"), want: []string{"4 accounts[0].credentials: has both profile and role_arn | Keep one"}},
		{name: "credentials bad arn", text: account(sound + ", credentials: {role_arn: \"arn:aws:iam::1:role/r\"}}\n"), want: []string{"4 accounts[0].credentials.role_arn: \"arn:aws:iam::1:role/r\" is no ARN | acs:ram::"}},
		{name: "credentials bad profile", text: account(sound + ", credentials: {profile: \"[default]\"}}\n"), want: []string{"4 accounts[0].credentials.profile: \"[default]\" is no profile name | without the brackets"}},
		{name: "credentials keys", text: account(sound + ", credentials: {role: r, access_key_id: k, access_key_secret: s}}\n"), want: []string{
			"4 accounts[0].credentials.role: is no key of `credentials` | profile, role_arn",
			"4 accounts[0].credentials.access_key_id: is no key of `credentials` | environment",
			"4 accounts[0].credentials.access_key_secret: is no key of `credentials` | environment",
		}},

		{name: "no last route", text: routes("  - {channel: C0123456789, match: {account: prod}}\n"), want: []string{"4 routes: has no route that takes the rest | without match"}},
		{name: "routes text", text: prod + "routes: C0123456789\n" + all, want: []string{"3 routes: is text where a list | channel"}},
		{name: "route without channel", text: routes("  - {}\n"), want: []string{"4 routes[0].channel: is missing | details in Slack"}},
		{name: "channel name", text: routes("  - {channel: \"#ops\"}\n"), want: []string{"4 routes[0].channel: \"#ops\" is a channel's name | C0123456789"}},
		{name: "channel is a comment", text: routes("  - channel: #ops\n"), want: []string{"4 routes[0].channel: has no value | C0123456789"}},
		{name: "channel person", text: routes("  - {channel: U0123456789}\n"), want: []string{"4 routes[0].channel: \"U0123456789\" is a person | channel ID"}},
		{name: "channel small letters", text: routes("  - {channel: c0123456789}\n"), want: []string{"4 routes[0].channel: \"c0123456789\" is no channel ID | Copy"}},
		{name: "match empty", text: routes("  - {channel: C0123456789, match: {}}\n" + rest), want: []string{"4 routes[0].match: is empty | delete `match`"}},
		{name: "match null", text: routes("  - channel: C0123456789\n    match:\n" + rest), want: []string{"5 routes[0].match: is empty | delete `match`"}},
		{name: "match text", text: routes("  - {channel: C0123456789, match: prod}\n" + rest), want: []string{"4 routes[0].match: is text | key: value"}},
		{name: "match keys", text: routes("  - {channel: C0123456789, match: {acount: prod}}\n" + rest), want: []string{"4 routes[0].match.acount: is no key of `match` | `account`"}},
		{name: "unknown account", text: routes("  - channel: C0123456789\n    match:\n      region: cn-hangzhou\n      account: prd\n" + rest), want: []string{"7 routes[0].match.account: \"prd\" is none of the accounts | prod"}},
		{name: "region not polled", text: routes("  - {channel: C0123456789, match: {account: prod, region: us-east-1}}\n  - {channel: C0123456789, match: {region: cn-hangzhu}}\n" + rest), want: []string{
			"4 routes[0].match.region: \"us-east-1\" is not polled by account \"prod\" | `accounts`",
			"5 routes[1].match.region: \"cn-hangzhu\" is not polled by any account | cn-hangzhou",
		}},
		{name: "tags", text: routes("  - {channel: C0123456789, match: {tags: {}}}\n  - {channel: C0123456789, match: {tags: {team: 42}}}\n  - {channel: C0123456789, match: {tags: [web]}}\n" + rest), want: []string{
			"4 routes[0].match.tags: is empty | team: web",
			"5 routes[1].match.tags.team: is a number | quotes",
			"6 routes[2].match.tags: is a list where a mapping | key: value",
		}},
		{name: "after the rest", text: routes(rest + "  - {channel: C0123456789, match: {account: prod}}\n"), want: []string{"5 routes[1]: can never match: routes[0] on line 4 | above line 4"}},
		{name: "rest twice", text: routes(rest + rest), want: []string{"5 routes[1]: can never match: routes[0] on line 4 | one of the two"}},
		{name: "equal", text: routes("  - {channel: C0123456789, match: {account: prod, tags: {a: b}}}\n  - {channel: G0123456789, match: {account: prod, tags: {a: b}}}\n" + rest), want: []string{"5 routes[1]: can never match: routes[0] on line 4 | one of the two"}},
		{name: "wider before narrower", text: routes("  - {channel: C0123456789, match: {account: prod}}\n  - {channel: G0123456789, match: {region: cn-hangzhou, tags: {a: b}}}\n" + rest), want: []string{"5 routes[1]: can never match: routes[0] on line 4 | above line 4"}},
		{name: "taken by two", text: routes("  - {channel: C0123456789, match: {region: cn-hangzhou}}\n  - {channel: C0123456789, match: {region: cn-shanghai}}\n  - {channel: G0123456789, match: {account: prod}}\n" + rest), want: []string{"6 routes[2]: can never match: former routes take all of it | above them"}},
	}
}
