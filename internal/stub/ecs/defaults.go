package ecs

import "time"

// Keys of the default account. They open nothing but a stub.
const (
	DefaultKeyID     = "LTAIstubDEFAULTkey01"
	DefaultKeySecret = "stub-secret-of-the-default-account"
	DefaultAccountID = "1234567890123456"
	DefaultRole      = "ecs-migrate"
)

// DefaultAccounts is one account with six instances in two regions: three on
// the classic network, three in a VPC, no events.
func DefaultAccounts() []Account {
	return []Account{{
		ID: DefaultAccountID, Name: "prod", Regions: []string{"cn-hangzhou", "cn-shanghai"},
		Keys:  []Key{{ID: DefaultKeyID, Secret: DefaultKeySecret}},
		Roles: []Role{{Name: DefaultRole}},
		Instances: []Instance{
			{
				ID: "i-bp1web01classic0001", Name: "web-01", Region: "cn-hangzhou", Zone: "cn-hangzhou-b", Classic: true,
				PublicIP: "121.40.1.11", PrivateIP: "10.80.1.11", Bandwidth: 5,
				Tags:  map[string]string{"team": "web", "owner": "li.lei"},
				Disks: []Disk{{Type: "system", SizeGiB: 40}, {SizeGiB: 200}},
			},
			{
				ID: "i-bp1db01classic00002", Name: "订单数据库-主", Region: "cn-hangzhou", Zone: "cn-hangzhou-b", Classic: true,
				PrivateIP: "10.80.1.12", Tags: map[string]string{"team": "data", "owner": "han.meimei"},
				Disks: []Disk{{Type: "system", SizeGiB: 40}, {SizeGiB: 500, Category: "cloud_ssd"}, {SizeGiB: 500, Category: "cloud_ssd"}},
			},
			{
				ID: "i-bp1job01classic0003", Name: "batch <nightly> & reports", Region: "cn-hangzhou", Zone: "cn-hangzhou-d", Classic: true,
				PublicIP: "121.40.1.13", PrivateIP: "10.80.1.13", OSType: "windows", OSName: "Windows Server 2012 R2",
				Tags: map[string]string{"team": "web"},
			},
			{
				ID: "i-bp1app01vpc00000004", Name: "app-01", Region: "cn-hangzhou", Zone: "cn-hangzhou-h",
				EIP: "47.96.1.14", Tags: map[string]string{"team": "web", "owner": "li.lei"},
			},
			{
				ID: "i-uf6api01vpc00000005", Name: "api-01", Region: "cn-shanghai", Zone: "cn-shanghai-g",
				PublicIP: "106.14.1.15", Bandwidth: 10, Tags: map[string]string{"team": "api", "owner": "wang.fang"},
				Disks: []Disk{{Type: "system", SizeGiB: 60}, {SizeGiB: 100}},
			},
			{
				ID: "i-uf6mon01vpc00000006", Name: "监控", Region: "cn-shanghai", Zone: "cn-shanghai-b",
				Tags: map[string]string{"team": "ops"},
			},
		},
		Windows: []MaintenanceWindow{{
			ID: "pw-bp1stubwindow000001", Name: "weeknights", Weekly: true, Scope: "Tag", Tags: map[string]string{"team": "web"},
			Created: time.Date(2024, 1, 8, 6, 0, 0, 0, time.UTC),
			Ranges:  [][2]string{{"Monday,18:00", "Monday,21:00"}, {"Wednesday,18:00", "Wednesday,21:00"}},
		}},
	}}
}
