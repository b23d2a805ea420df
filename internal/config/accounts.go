package config

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	accountName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	profileName = regexp.MustCompile(`^[^\s\[\]]+$`)
	// A region id has a country or area, then words or numbers: cn-hangzhou,
	// us-west-1, cn-north-2-gov-1. New ones appear, so there is no list.
	regionID = regexp.MustCompile(`^[a-z]{2}(-[a-z]{2,}|-[0-9]+)+$`)
	// A zone is a region and a letter: cn-hangzhou-i, us-west-1a.
	zoneID = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]{2,}|-[0-9]+)+)-[a-z]$|^([a-z]{2}(?:-[a-z]{2,}|-[0-9]+)*-[0-9]+)[a-z]$`)
	// acs:ram::<account id>:role/<name>, as RAM's console shows it.
	roleARN = regexp.MustCompile(`^acs:ram::[0-9]{1,20}:role/[A-Za-z0-9._-]{1,64}$`)
)

func (t *tree) accounts(n *yaml.Node) []Account {
	items, _ := t.list(n, "accounts", "accounts: [{name: prod, regions: [cn-hangzhou]}]")
	var accounts []Account
	first := map[string]int{}
	for i, child := range items {
		account, ok := t.account(child, item("accounts", i))
		if !ok {
			continue
		}
		if line, doubled := first[account.Name]; doubled && account.Name != "" {
			t.fault(child, item("accounts", i)+".name", fmt.Sprintf("%s is taken by the account on line %d", quote(account.Name), line), "Give each account its own name")
		}
		first[account.Name] = child.Line
		accounts = append(accounts, account)
	}
	return accounts
}

// account is not ok where n is no mapping; any lesser fault leaves what was
// understood, so that routes can still be judged by it.
func (t *tree) account(n *yaml.Node, field string) (Account, bool) {
	values, ok := t.mapping(n, field, accountKeys())
	if !ok {
		return Account{}, false
	}
	var account Account
	if name := values["name"]; name == nil {
		t.fault(n, field+".name", "is missing", "Give the account a short name of your own, such as prod")
	} else {
		account.Name = t.accountName(name, field+".name")
	}
	if regions := t.required(n, values, "regions", field+".regions", "Name at least one region, as in regions: [cn-hangzhou]"); regions != nil {
		account.Regions = t.regions(regions, field+".regions")
	}
	if endpoint := values["endpoint"]; endpoint != nil {
		account.Endpoint = t.endpoint(endpoint, field+".endpoint")
	}
	if credentials := values["credentials"]; credentials != nil && !isNull(credentials) {
		account.Credentials = t.credentials(credentials, field+".credentials")
	}
	return account, true
}

func (t *tree) accountName(n *yaml.Node, field string) string {
	value, ok := t.text(n, field, "name: prod")
	if ok && !accountName.MatchString(value) {
		t.fault(n, field, quote(value)+" is no account name", "Use 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit")
	}
	return value
}

func (t *tree) regions(n *yaml.Node, field string) []string {
	items, _ := t.list(n, field, "regions: [cn-hangzhou, cn-shanghai]")
	var regions []string
	first := map[string]int{}
	for i, child := range items {
		at := item(field, i)
		region, ok := t.region(child, at)
		if !ok {
			continue
		}
		if line, doubled := first[region]; doubled {
			t.fault(child, at, fmt.Sprintf("%s stands twice, first on line %d", quote(region), line), "Keep one of the two")
			continue
		}
		first[region] = child.Line
		regions = append(regions, region)
	}
	return regions
}

// region gives a misspelt region back too, so that a route for it is not at fault as well.
func (t *tree) region(n *yaml.Node, field string) (value string, ok bool) {
	value, ok = t.text(n, field, "cn-hangzhou")
	switch {
	case !ok:
	case zoneID.MatchString(value):
		parts := zoneID.FindStringSubmatch(value)
		t.fault(n, field, quote(value)+" is a zone, not a region", "Write "+parts[1]+parts[2])
	case !regionID.MatchString(value):
		t.fault(n, field, quote(value)+" is not spelt like a region ID", "Write the ID in small letters as the console shows it, such as cn-hangzhou or us-west-1")
	}
	return value, ok
}

func (t *tree) endpoint(n *yaml.Node, field string) string {
	value, ok := t.optional(n, field, `endpoint: https://ecs.example.internal`)
	if !ok || value == "" {
		return ""
	}
	u, fault := parseAddress(value)
	switch {
	case fault != nil:
		t.fault(n, field, fault.problem, fault.remedy)
		return ""
	case strings.Trim(u.Path, "/") != "":
		t.fault(n, field, quote(value)+" has a path", "Write scheme and host only; the calls of this API have no path")
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (t *tree) credentials(n *yaml.Node, field string) Credentials {
	values, ok := t.mapping(n, field, credentialKeys())
	if !ok {
		return Credentials{}
	}
	var c Credentials
	if profile := values["profile"]; profile != nil {
		c.Profile, ok = t.text(profile, field+".profile", "profile: production")
		if ok && !profileName.MatchString(c.Profile) {
			t.fault(profile, field+".profile", quote(c.Profile)+" is no profile name", "Write the name in brackets from the SDK's credentials file, without the brackets")
		}
	}
	if role := values["role_arn"]; role != nil {
		c.RoleARN, ok = t.text(role, field+".role_arn", "role_arn: acs:ram::1234567890123456:role/ecs-migrate")
		if ok && !roleARN.MatchString(c.RoleARN) {
			t.fault(role, field+".role_arn", quote(c.RoleARN)+" is no ARN of a RAM role", "Copy it from the role's page in the RAM console; it reads acs:ram::<account ID>:role/<name>")
		}
	}
	if values["profile"] != nil && values["role_arn"] != nil {
		t.fault(values["role_arn"], field, "has both profile and role_arn", "Keep one; a role is assumed from the SDK's default chain")
	}
	return c
}
