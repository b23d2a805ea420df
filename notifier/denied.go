package notifier

import (
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// maxAsked is how many people and groups are named to be asked.
const maxAsked = 8

// Denied answers somebody who may not do what they wanted: the role that it takes
// and whom to ask. Only they read it, so that naming people pings nobody. m is the
// migration that it is about.
func Denied(m migration.Migration, d *migration.Denial, v View) Message {
	return answer(inAnswer(m, v).denied(d))
}

// FormDenied is what a form becomes for somebody who may not send it.
func FormDenied(m migration.Migration, d *migration.Denial, callback string, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	return t.modal(callback, t.text("form.title."+callback, nil), section(joined(t.denied(d))))
}

func (t personal) denied(d *migration.Denial) []mrkdwn {
	switch d.Kind {
	case migration.DeniedRole:
		return []mrkdwn{t.subject(), t.say("denied.role", args{"role": t.say("role."+string(d.Need), nil)}), t.ask(d)}
	case migration.DeniedUnread:
		return []mrkdwn{t.subject(), t.say("denied.unread", nil)}
	}
	return []mrkdwn{t.say("answer.barred", nil)} // which tells nothing of the migration
}

// ask tells who has the role.
func (w *words) ask(d *migration.Denial) mrkdwn {
	if len(d.Holders) == 0 {
		return w.say("denied.nobody", args{"role": w.say("role."+string(d.Need), nil)})
	}
	var all []string
	for _, id := range d.Holders[:min(len(d.Holders), maxAsked)] {
		all = append(all, string(call(id)))
	}
	if len(d.Holders) > maxAsked {
		all = append(all, ellipsis)
	}
	return w.say("denied.ask", args{"who": mrkdwn(strings.Join(all, ", "))})
}
