package ecs

// actionTable is every call the stub knows, by product and name.
func actionTable() map[string]*action {
	regional := func(name string, do func(*call) ([]byte, *apiError)) *action {
		return &action{ram: "ecs:" + name, regional: true, do: do}
	}
	listing := func(name, set, item string, do func(*call) ([]byte, *apiError)) *action {
		a := regional(name, do)
		a.empty = func(c *call) []byte { return c.emptyList(set, item) }
		return a
	}
	table := map[string]*action{
		"Ecs.DescribeRegions": {ram: "ecs:DescribeRegions", do: describeRegions},
		"Sts.AssumeRole":      {ram: "sts:AssumeRole", do: assumeRole},
		// Reboot and redeploy take no RegionId in the reference; they look in
		// every region.
		"Ecs.RebootInstance":   {ram: "ecs:RebootInstance", do: rebootInstance},
		"Ecs.RedeployInstance": {ram: "ecs:RedeployInstance", do: redeployInstance},
		// The snapshot's region is its disk's.
		"Ecs.CreateSnapshot": {ram: "ecs:CreateSnapshot", do: createSnapshot},

		// Source: help center, DescribeInstances: a RAM user without the
		// permission gets an empty list. The same of the other lists is
		// inferred.
		"Ecs.DescribeInstanceHistoryEvents": listing("DescribeInstanceHistoryEvents", "InstanceSystemEventSet", "InstanceSystemEventType", describeInstanceHistoryEvents),
		"Ecs.DescribeInstancesFullStatus":   listing("DescribeInstancesFullStatus", "InstanceFullStatusSet", "InstanceFullStatusType", describeInstancesFullStatus),
		"Ecs.DescribeInstances":             listing("DescribeInstances", "Instances", "Instance", describeInstances),
		"Ecs.DescribeDisks":                 listing("DescribeDisks", "Disks", "Disk", describeDisks),
		"Ecs.DescribeSnapshots":             listing("DescribeSnapshots", "Snapshots", "Snapshot", describeSnapshots),

		"Ecs.ModifySystemEventAttribute":     regional("ModifySystemEventAttribute", modifySystemEventAttribute),
		"Ecs.AcceptInquiredSystemEvent":      regional("AcceptInquiredSystemEvent", acceptInquiredSystemEvent),
		"Ecs.CreateSimulatedSystemEvents":    regional("CreateSimulatedSystemEvents", createSimulatedSystemEvents),
		"Ecs.CancelSimulatedSystemEvents":    regional("CancelSimulatedSystemEvents", cancelSimulatedSystemEvents),
		"Ecs.DescribePlanMaintenanceWindows": regional("DescribePlanMaintenanceWindows", describePlanMaintenanceWindows),
	}
	return table
}

// emptyList is a page with nothing on it.
func (c *call) emptyList(set, item string) []byte {
	return c.reply(map[string]any{set: map[string]any{item: []any{}}, "TotalCount": 0, "PageNumber": 1, "PageSize": 10})
}

// describeRegions lists the account's regions.
// Source: API reference, DescribeRegions.
func describeRegions(c *call) ([]byte, *apiError) {
	var list []map[string]string
	for _, id := range c.account.Regions {
		list = append(list, map[string]string{
			"RegionId": id, "LocalName": id, "RegionEndpoint": "ecs." + id + ".aliyuncs.com",
		})
	}
	return c.reply(map[string]any{"Regions": map[string]any{"Region": list}}), nil
}
