package migration

// The event types that some items are about.
const migrates = "SystemUpgrade.Migrate"

func redeploys() []string { return []string{"SystemMaintenance.Redeploy", "SystemFailure.Redeploy"} }

func stops() []string { return []string{"SystemMaintenance.Stop", "SystemFailure.Stop"} }

// losesLocalData are the event types after which local disks are empty or gone.
func losesLocalData() []string {
	return append(redeploys(), "SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk",
		"SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk")
}

// DefaultItems are the items that every team begins with. Those of a host
// migration are the steps of Alibaba Cloud's migration notice, in its order and
// optional where it says so; the others are what any restart asks for. Their
// words and links stand in the catalogue, by id.
func DefaultItems() []Item {
	yes := true
	migration := Condition{Events: []string{migrates}}
	toVPC := Condition{Events: []string{migrates}, ToVPC: &yes}
	publicNIC := Condition{Events: []string{migrates}, ToVPC: &yes, Public: &yes}
	lost := Condition{Events: losesLocalData(), LocalDisks: &yes}
	stopped := Condition{Events: stops()}
	boots := Condition{Restarts: &yes}
	failed := Condition{After: []Status{Failed}}
	before := func(id string, when Condition, optional bool) Item {
		return Item{ID: id, Phase: Preparation, When: when, Optional: optional}
	}
	after := func(id string, when Condition, optional bool) Item {
		return Item{ID: id, Phase: FollowUp, When: when, Optional: optional}
	}
	return []Item{
		before("snapshot", Condition{}, false),
		before("local_data", lost, false),
		before("vpc_vswitch", toVPC, true),
		before("security_group", toVPC, false),
		before("disk_space", migration, false),
		before("classic_peers", toVPC, true),
		before("hybrid_database", toVPC, true),
		before("whitelist_cidr", toVPC, true),
		before("security_software_off", migration, false),
		before("start_at_boot", boots, false),
		before("traffic_away", Condition{}, true),

		after("instance_state", failed, false),
		after("ticket", failed, false),
		after("started", stopped, false),
		after("reachable", Condition{}, false),
		after("security_group_ports", toVPC, false),
		after("old_private_ip", toVPC, false),
		after("mac_licence", publicNIC, false),
		after("licence_codes", migration, false),
		after("security_software_on", migration, false),
		after("local_data_back", lost, false),
		after("file_system", boots, true),
		after("new_snapshot", migration, false),
		after("voucher", migration, true),
	}
}

// DefaultChecklists are the default items without a team's rules.
func DefaultChecklists() Checklists { return Checklists{items: DefaultItems()} }
