package notifier

import "ecs-migrate/internal/migration"

// kind is what an event type does to an instance, as far as the card tells it.
type kind struct {
	migrates   bool // the notice's host migration
	redeploys  bool // local disks are wiped
	breaksDisk bool // the data of a damaged local disk is lost
}

// kindOf knows the event types that Alibaba Cloud documents; see
// https://www.alibabacloud.com/help/en/ecs/user-guide/summary
func kindOf(eventType string) kind {
	switch eventType {
	case "SystemUpgrade.Migrate":
		return kind{migrates: true}
	case "SystemMaintenance.Redeploy", "SystemFailure.Redeploy":
		return kind{redeploys: true}
	case "SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk",
		"SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk":
		return kind{breaksDisk: true}
	}
	return kind{}
}

// vpcMigration is the ReasonCode of a move from the classic network to a VPC.
const vpcMigration = "VPCMigrationEcs"

// toVPC tells whether the migration takes the instance out of the classic
// network: by its facts, or by the cloud's reason where those are not known.
func toVPC(m migration.Migration) bool {
	if !kindOf(m.Event.Type).migrates {
		return false
	}
	if m.Instance.Known() {
		return m.Instance.Classic()
	}
	return m.Event.ReasonCode == vpcMigration
}

// typeName is an event type in words; one without words is told by its name.
func (w *words) typeName(eventType string) mrkdwn {
	if w.has("type." + eventType) {
		return w.say("type."+eventType, nil)
	}
	return mrkdwn(escape(cut(eventType, maxID)))
}

// effect is what an event of this type does, in words.
func (w *words) effect(eventType string) mrkdwn {
	if w.has("effect." + eventType) {
		return w.say("effect."+eventType, nil)
	}
	return w.say("effect.unknown", nil)
}
