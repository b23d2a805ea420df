package main

import (
	"fmt"
	"strings"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// The roles that people of the page's workspace have, from the least on.
const (
	viewer   = "viewer"
	operator = "operator"
	admin    = "admin"
)

// oncallGroup is the user group of those who are called at night.
const oncallGroup = "S0000000001"

// A person is one whom the page's reader can act as.
type person struct {
	slackstub.User
	role string
}

// cast are the people of the page, the one to begin as first.
func cast() []person {
	return []person{
		{slackstub.User{ID: "U0000000007", Name: "olivia", RealName: "Olivia Reyes", TZ: "Europe/London", Locale: "en-GB"}, operator},
		{slackstub.User{ID: lin, Name: "lin", RealName: "林悦 Lin Yue", TZ: "Asia/Shanghai", Locale: "zh-CN"}, operator},
		{slackstub.User{ID: mary, Name: "mary", RealName: "Mary Adams", TZ: "America/New_York", Locale: "en-US"}, operator},
		{slackstub.User{ID: "U0000000003", Name: "jonas", RealName: "Jonas Berg", TZ: "Europe/Berlin", Locale: "en-GB"}, viewer},
		{slackstub.User{ID: "U0000000008", Name: "ada", RealName: "Ada Okafor", TZ: "Europe/London", Locale: "en-GB"}, admin},
	}
}

// duties are what the bot's configuration says of them: who may do what, who is
// called, where trouble goes, and who is behind an owner tag.
func duties() string {
	may := map[string][]string{operator: {oncallGroup}}
	owners := ""
	for _, p := range cast() {
		if p.role != viewer {
			may[p.role] = append(may[p.role], p.ID)
		}
		owners += fmt.Sprintf("  %s: %s\n", p.Name, p.ID)
	}
	return fmt.Sprintf("roles: {operator: [%s], admin: [%s]}\non_call: %s\nescalation: %s\nadmin_channel: %s\npeople:\n%s",
		strings.Join(may[operator], ", "), strings.Join(may[admin], ", "), oncallGroup, restChannel, restChannel, owners)
}

// workspace is where they meet.
func workspace() slackstub.Options {
	var users []slackstub.User
	for _, p := range cast() {
		users = append(users, p.User)
	}
	return slackstub.Options{
		Users: users,
		Channels: []slackstub.Channel{
			{ID: webChannel, Name: "web-ops"},
			{ID: restChannel, Name: "ops"},
		},
		Groups: []slackstub.UserGroup{{ID: oncallGroup, Handle: "on-call", Users: []string{mary, lin}}},
	}
}

// regions are where the page's cloud has instances.
func regions() []string { return []string{"cn-hangzhou", "cn-shanghai"} }

// hostile is a name that a careless renderer would obey.
const hostile = `<script>alert(1)</script> *bold* <!channel> _x_ ~y~ ` + "`z`" + ` </title>"'&amp;`

// estate is the page's cloud account: a dozen instances, classic and VPC, small
// and large, named well and badly.
func estate() []ecsstub.Account {
	disks := func(sizes ...int) []ecsstub.Disk {
		out := []ecsstub.Disk{{Type: "system", SizeGiB: 40}}
		for _, gib := range sizes {
			out = append(out, ecsstub.Disk{SizeGiB: gib, Category: "cloud_ssd"})
		}
		return out
	}
	tags := func(team, owner string) map[string]string { return map[string]string{"team": team, "owner": owner} }
	account := ecsstub.DefaultAccounts()[0]
	account.Regions = regions()
	account.Instances = []ecsstub.Instance{
		{ID: "i-bp1web01classic0001", Name: "web-01", Region: "cn-hangzhou", Zone: "cn-hangzhou-b", Classic: true, PublicIP: "203.0.113.11", PrivateIP: "10.80.1.11", Bandwidth: 5, Tags: tags("web", "olivia"), Disks: disks(200)},
		{ID: "i-bp1web02classic0002", Name: "web-02", Region: "cn-hangzhou", Zone: "cn-hangzhou-b", Classic: true, PublicIP: "203.0.113.12", PrivateIP: "10.80.1.12", Tags: tags("web", "olivia"), Disks: disks()},
		{ID: "i-bp1db01classic00003", Name: "订单数据库-主", Region: "cn-hangzhou", Zone: "cn-hangzhou-b", Classic: true, PrivateIP: "10.80.1.13", Tags: tags("data", "lin"), Disks: disks(500, 500, 1000)},
		{ID: "i-bp1evil0classic0004", Name: hostile, Region: "cn-hangzhou", Zone: "cn-hangzhou-d", Classic: true, PublicIP: "203.0.113.14", PrivateIP: "10.80.1.14", Tags: tags("web", "olivia"), Disks: disks()},
		{ID: "i-bp1job01classic0005", Name: "batch <nightly> & reports", Region: "cn-hangzhou", Zone: "cn-hangzhou-d", Classic: true, PrivateIP: "10.80.1.15", OSType: "windows", OSName: "Windows Server 2012 R2", Tags: tags("web", "mary"), Disks: disks(100)},
		{ID: "i-bp1app01vpc00000006", Name: "app-01", Region: "cn-hangzhou", Zone: "cn-hangzhou-h", EIP: "198.51.100.16", Tags: tags("web", "olivia"), Disks: disks(40)},
		{ID: "i-bp1app02vpc00000007", Name: "app-02", Region: "cn-hangzhou", Zone: "cn-hangzhou-h", EIP: "198.51.100.17", Tags: tags("web", "mary"), Disks: disks(40)},
		{ID: "i-bp1cache1vpc0000008", Name: "cache-01", Region: "cn-hangzhou", Zone: "cn-hangzhou-i", Tags: tags("data", "lin"), Disks: disks()},
		{ID: "i-uf6api01vpc00000009", Name: "api-01", Region: "cn-shanghai", Zone: "cn-shanghai-g", PublicIP: "203.0.113.19", Bandwidth: 10, Tags: tags("api", "mary"), Disks: disks(100)},
		{ID: "i-uf6mon01vpc00000010", Name: "监控", Region: "cn-shanghai", Zone: "cn-shanghai-b", Tags: tags("ops", "ada"), Disks: disks()},
		{ID: "i-uf6old01classic0011", Name: "legacy-mail", Region: "cn-shanghai", Zone: "cn-shanghai-b", Classic: true, PublicIP: "203.0.113.21", PrivateIP: "10.81.2.21", Tags: tags("ops", "ada"), Disks: disks(300)},
		{ID: "i-uf6ci001vpc00000012", Name: "ci-runner", Region: "cn-shanghai", Zone: "cn-shanghai-g", Tags: tags("ops", "jonas"), Disks: disks(200)},
	}
	return []ecsstub.Account{account}
}

// firstNotice is the migration that waits when somebody opens the page for the
// first time.
func firstNotice(now time.Time) ecsstub.EventSpec {
	return ecsstub.EventSpec{InstanceID: "i-bp1web01classic0001", NotBefore: now.Add(72 * time.Hour).Truncate(time.Hour)}
}

// eventTypes are those that the page can announce, as the bot's configuration
// takes care of them.
func eventTypes() []string {
	return []string{
		ecsstub.TypeMigrate, "SystemMaintenance.Reboot", "SystemMaintenance.Redeploy", "SystemMaintenance.Stop",
		"SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk",
		"SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk",
	}
}
