package notifier

import (
	"time"

	"ecs-migrate/internal/migration"
)

// How much of each text from outside is shown, in characters. What a person
// needs is at the beginning; the console has the rest.
const (
	maxName   = 128 // Alibaba Cloud's limit for an instance name
	maxTitled = 80  // a name in the header
	maxID     = 64
	maxOwner  = 80
	maxAnswer = 300 // the cloud's code and message
	maxReason = 300
	maxIPs    = 3 // addresses listed
)

// teller tells one migration in the words of one language.
type teller struct {
	*words
	m migration.Migration
	v View
	// rich: for blocks, where Slack reads markup and localises moments. Else for
	// notifications, which show both as they are.
	rich bool
}

func inBlocks(m migration.Migration, v View) teller { return teller{in(v.Lang), m, v, true} }

func inText(m migration.Migration, v View) teller { return teller{in(v.Lang), m, v, false} }

// at is a moment, or the words for one that was not told.
func (t teller) at(moment time.Time) mrkdwn {
	if moment.IsZero() {
		return t.say("value.untold", nil)
	}
	if t.rich {
		return date(moment, t.v.Zone)
	}
	return mrkdwn(written(moment, t.v.Zone))
}

// code is text from outside set apart, as far as markup is read.
func (t teller) code(s string) mrkdwn {
	if t.rich {
		return code(s)
	}
	return mrkdwn(escape(s))
}

// name is what people call the instance: its name, else its id.
func (t teller) name(limit int) string {
	if name := cut(t.m.Instance.Name, limit); name != "" {
		return name
	}
	return cut(t.m.Event.InstanceID, limit)
}

// why is why a wish was not carried out.
func (t teller) why(r *migration.Refusal) mrkdwn {
	if r == nil {
		return t.say("why.none", nil)
	}
	switch r.Kind {
	case migration.RefusedByCloud:
		answer := cut(r.Code, maxID)
		if r.Message != "" {
			answer += ": " + r.Message
		}
		return t.say("why.cloud", args{"answer": t.code(cut(answer, maxAnswer))})
	case migration.NotPermitted:
		return t.say("why.permission", args{"action": t.code(cut(r.Action, maxID))})
	case migration.Untrusted:
		return t.say("why.untrusted", args{"answer": t.code(cut(r.Message, maxAnswer))})
	case migration.Unreachable:
		return t.say("why.unreachable", nil)
	case migration.NotConfirmed:
		return t.say("why.unconfirmed", nil)
	case migration.Overtaken:
		return t.say("why.overtaken", nil)
	case migration.RoleLost:
		return t.say("why.role", args{"role": t.say("role."+string(r.Role), nil)})
	case migration.RoleUnread:
		return t.say("why.role_unread", args{"role": t.say("role."+string(r.Role), nil)})
	case migration.Outdated:
		return t.say("why.outdated", nil)
	}
	return t.say("why.none", nil)
}

// whyConsent is why an authorisation was not accepted.
func (t teller) whyConsent(r *migration.Refusal) mrkdwn {
	if r != nil && r.Kind == migration.NotConfirmed {
		return t.say("why.consent_unconfirmed", nil)
	}
	return t.why(r)
}

// next is what to do after a wish was not carried out.
func (t teller) next(r *migration.Refusal) mrkdwn {
	if r == nil {
		return t.say("next.none", nil)
	}
	declare := args{"button": t.say("button.declare", nil)}
	switch r.Kind {
	case migration.RefusedByCloud:
		return t.say("next.cloud", declare)
	case migration.NotPermitted:
		return t.say("next.permission", declare)
	case migration.Untrusted:
		return t.say("next.untrusted", declare)
	case migration.Unreachable:
		return t.say("next.unreachable", declare)
	case migration.NotConfirmed:
		return t.say("next.unconfirmed", declare)
	case migration.Overtaken:
		return t.say("next.overtaken", nil)
	case migration.RoleLost:
		return t.say("next.role", nil)
	case migration.RoleUnread:
		return t.say("next.role_unread", nil)
	}
	return t.say("next.none", nil)
}

// nextConsent is what to do after an authorisation was not accepted.
func (t teller) nextConsent(r *migration.Refusal) mrkdwn {
	switch {
	case r != nil && r.Kind == migration.NotPermitted:
		return t.say("next.consent_permission", nil)
	case r != nil && r.Kind == migration.Untrusted:
		return t.say("next.consent_untrusted", nil)
	case r != nil && (r.Kind == migration.Overtaken || r.Kind == migration.RoleLost || r.Kind == migration.RoleUnread):
		return t.next(r)
	}
	return t.say("next.consent", nil)
}

// left is the time left to the deadline.
func (t teller) left() mrkdwn {
	days, hours := t.m.Left(t.v.Now)
	switch {
	case days < 0:
		return t.say("left.passed", nil)
	case days > 0:
		return t.count("left.days", days)
	case hours > 0:
		return t.count("left.hours", hours)
	}
	return t.say("left.minutes", nil)
}

// whom is a person or a user group, told by it, or the words for nobody known.
func (t teller) whom(id string) mrkdwn {
	if id == "" {
		return t.say("value.nobody", nil)
	}
	return call(id)
}

// who is a person, or the words for nobody known.
func (t teller) who(id string) mrkdwn {
	if id == "" {
		return t.say("value.somebody", nil)
	}
	return mention(id)
}
