package migration

// Kind is what an event type does to its instance, as far as people must know.
type Kind struct {
	Migrates   bool // the notice's host migration
	Redeploys  bool // local disks are wiped
	BreaksDisk bool // the data of a damaged local disk is lost
}

// KindOf knows the event types that Alibaba Cloud documents; see
// https://www.alibabacloud.com/help/en/ecs/user-guide/summary
func KindOf(eventType string) Kind {
	switch eventType {
	case "SystemUpgrade.Migrate":
		return Kind{Migrates: true}
	case "SystemMaintenance.Redeploy", "SystemFailure.Redeploy":
		return Kind{Redeploys: true}
	case "SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk",
		"SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk":
		return Kind{BreaksDisk: true}
	}
	return Kind{}
}

// vpcMigration is the ReasonCode of a move from the classic network to a VPC.
const vpcMigration = "VPCMigrationEcs"

// ToVPC tells whether the migration takes the instance out of the classic
// network: by its facts, or by the cloud's reason where those are not known.
func (m Migration) ToVPC() bool {
	if !KindOf(m.Event.Type).Migrates {
		return false
	}
	if m.Instance.Known() {
		return m.Instance.Classic()
	}
	return m.Event.ReasonCode == vpcMigration
}
