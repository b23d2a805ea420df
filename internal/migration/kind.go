package migration

// Kind is what an event type does to its instance, as far as people must know.
type Kind struct {
	Migrates   bool // the notice's host migration
	Redeploys  bool // local disks are wiped
	BreaksDisk bool // the data of a damaged local disk is lost
	Restarts   bool // the instance boots again
	Stops      bool // the instance is stopped, and stays so
}

// KindOf knows the event types that Alibaba Cloud documents; see
// https://www.alibabacloud.com/help/en/ecs/user-guide/summary
func KindOf(eventType string) Kind {
	switch eventType {
	case "SystemUpgrade.Migrate":
		return Kind{Migrates: true, Restarts: true}
	case "SystemMaintenance.Redeploy", "SystemFailure.Redeploy":
		return Kind{Redeploys: true, Restarts: true}
	case "SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk":
		return Kind{BreaksDisk: true, Restarts: true}
	case "SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk":
		return Kind{BreaksDisk: true}
	case "SystemMaintenance.Reboot", "SystemFailure.Reboot", "InstanceFailure.Reboot":
		return Kind{Restarts: true}
	case "SystemMaintenance.Stop", "SystemFailure.Stop":
		return Kind{Stops: true}
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
