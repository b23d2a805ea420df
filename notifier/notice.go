package notifier

import (
	"regexp"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// maxRegions is how many regions a notice names.
const maxRegions = 10

// Notice tells trouble to whoever runs the bot: what, since when, why and the
// next step; and, where the post says so, that it is over.
func Notice(p migration.Post, v View) Message {
	if p.Notice == nil {
		p.Notice = &migration.Notice{Trouble: migration.TroubleOwn}
	}
	t := noticeTeller{in(v.Lang), *p.Notice, len(p.Keys), v, true}
	plain := t
	plain.rich = false
	lines := []string{string(t.head())}
	if t.n.Open() {
		lines = append(lines, string(t.why()), string(t.say("notice.next."+string(t.n.Trouble), t.about())))
	}
	return Message{
		Text:     clip(string(plain.head()), maxSummary),
		Blocks:   []slack.Block{section(strings.Join(lines, "\n"))},
		Metadata: PostMetadata(p),
	}
}

// noticeTeller tells one notice in the words of one language.
type noticeTeller struct {
	*words
	n    migration.Notice
	keys int // migrations that it is about
	v    View
	rich bool // as for a teller
}

// head is what is in trouble and since when, or that it is not any more.
func (t noticeTeller) head() mrkdwn {
	a := t.about()
	switch {
	case t.n.Over:
		return t.say("notice.over."+string(t.n.Trouble), a)
	case !t.n.Open():
		return t.say("notice.past."+string(t.n.Trouble), a)
	}
	return t.say("notice.open."+string(t.n.Trouble), a)
}

// why is what the other side said, in its own words.
func (t noticeTeller) why() mrkdwn {
	answer := cut(t.n.Code, maxID)
	if t.n.Message != "" && answer != "" {
		answer += ": "
	}
	answer = cut(answer+t.n.Message, maxAnswer)
	switch {
	case t.n.Trouble == migration.TroubleStore:
		return t.say("notice.why.store", nil)
	case t.n.Trouble == migration.TroublePermitted && t.n.Action != "":
		return t.say("notice.why.permission", args{"action": code(cut(t.n.Action, maxID)), "answer": code(answer)})
	case answer == "":
		return t.say("notice.why.none", nil)
	case t.n.Trouble == migration.TroubleUnread:
		return t.say("notice.why.unread", args{"answer": code(answer)})
	case t.n.Trouble == migration.TroubleChannel:
		return t.say("notice.why.slack", args{"answer": code(answer)})
	}
	return t.say("notice.why.cloud", args{"answer": code(answer)})
}

// about are the values that the texts of notices share.
func (t noticeTeller) about() args {
	return args{
		"account": cut(t.n.Account, maxID), "regions": t.regions(), "channel": t.channel(),
		"path": code(cut(t.n.Path, maxAnswer)), "n": t.keys,
		"since": t.at(t.n.Since), "until": t.at(t.n.Healed), "lasted": t.lasted(),
	}
}

func (t noticeTeller) regions() mrkdwn {
	var names []string
	for _, r := range t.n.Regions[:min(len(t.n.Regions), maxRegions)] {
		names = append(names, escape(cut(r, maxID)))
	}
	list := strings.Join(names, ", ")
	if more := len(t.n.Regions) - maxRegions; more > 0 {
		list += string(t.say("notice.more", args{"n": more}))
	}
	return mrkdwn(list)
}

func (t noticeTeller) channel() mrkdwn { return channelLink(t.n.Channel, t.rich) }

// channelLink is a link to a channel; a notification shows its id.
func channelLink(id string, rich bool) mrkdwn {
	id = escape(cut(id, maxID))
	if rich && channelID.MatchString(id) {
		return mrkdwn("<#" + id + ">")
	}
	return mrkdwn(id)
}

var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{1,30}$`)

func (t noticeTeller) at(moment time.Time) mrkdwn {
	switch {
	case moment.IsZero():
		return t.say("value.untold", nil)
	case t.rich:
		return date(moment, t.v.Zone)
	}
	return mrkdwn(written(moment, t.v.Zone))
}

// lasted is how long the trouble was there, in words.
func (t noticeTeller) lasted() mrkdwn {
	if t.n.Healed.IsZero() {
		return ""
	}
	switch d := t.n.Healed.Sub(t.n.Since); {
	case d < time.Minute:
		return t.say("lasted.moment", nil)
	case d < 2*time.Hour:
		return t.count("lasted.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return t.count("lasted.hours", int(d/time.Hour))
	default:
		return t.count("lasted.days", int(d/(24*time.Hour)))
	}
}
