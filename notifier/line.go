package notifier

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// Line is one piece of news in the thread of a migration's card: who, what,
// when, and the next step where there is one. number is the line's number in its
// thread, by which it is found again.
func Line(m migration.Migration, n migration.News, number int, v View) Message {
	return LineTo("", m, n, number, v)
}

// LineTo is Line for somebody in particular, a Slack user or user group, who is
// told of it; empty: nobody.
func LineTo(to string, m migration.Migration, n migration.News, number int, v View) Message {
	blocks, text := inBlocks(m, v), inText(m, v)
	body := lineIcon(n) + " " + string(blocks.among(blocks.news(n)))
	if to != "" {
		body = string(blocks.say("line.to", args{"who": call(to), "news": mrkdwn(body)}))
	}
	if after := blocks.after(n); after != "" {
		body += "\n" + string(after)
	}
	payload := ids(m)
	payload["line"], payload["news"], payload["when"], payload["at"] = number, string(n.Kind), stamp(n.When), stamp(n.At)
	if n.Outcome != "" {
		payload["outcome"] = string(n.Outcome)
	}
	return Message{
		Text:     clip(text.text("line.text", args{"name": text.name(maxTitled), "news": text.news(n)}), maxSummary),
		Blocks:   []slack.Block{section(body)},
		Metadata: &slack.SlackMetadata{EventType: LineEvent, EventPayload: payload},

		Broadcast: n.Urgent(),
	}
}

// among is what is told in the thread, led by which card it is about where that
// is a thread of many.
func (t teller) among(news mrkdwn) mrkdwn {
	if t.m.Card.Thread == "" {
		return news
	}
	return t.say("line.of", args{"card": link(threadURL(t.m.Card), mrkdwn(escape(t.name(maxTitled)))), "news": news})
}

// stamp is a moment in metadata, in milliseconds; empty where there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// Retold tells whether a line that stands in a thread already tells the news,
// whenever it was told: for what a bot sees again whose store was restored from
// a backup. A confirmed time stands for one that it sees moved, since it no
// longer knows whose choice that was.
func Retold(m migration.Migration, n migration.News) func(slack.Message) bool {
	want := ids(m)
	want["at"] = stamp(n.At)
	return func(line slack.Message) bool {
		got := line.Metadata
		if got.EventType != LineEvent {
			return false
		}
		for name, value := range want {
			if fmt.Sprint(got.EventPayload[name]) != fmt.Sprint(value) && name != "generation" {
				return false
			}
		}
		if outcome, _ := got.EventPayload["outcome"].(string); outcome != string(n.Outcome) {
			return false
		}
		kind := migration.NewsKind(fmt.Sprint(got.EventPayload["news"]))
		return kind == n.Kind || n.Kind == migration.NewsMoved && kind == migration.NewsConfirmed
	}
}

// lineIcon leads a line.
func lineIcon(n migration.News) string {
	switch n.Kind {
	case migration.NewsAnnounced:
		return ":mega:"
	case migration.NewsRequested, migration.NewsDeclared, migration.NewsConsent:
		return ":hourglass_flowing_sand:"
	case migration.NewsKept, migration.NewsConfirmed, migration.NewsMoved, migration.NewsScheduled:
		return ":calendar:"
	case migration.NewsRefused, migration.NewsConsentFailed, migration.NewsFailed:
		return ":x:"
	case migration.NewsExecuting:
		return ":gear:"
	case migration.NewsAssigned, migration.NewsUnassigned:
		return ":bust_in_silhouette:"
	case migration.NewsSnoozed:
		return ":zzz:"
	case migration.NewsReminded:
		return ":bell:"
	case migration.NewsEscalated:
		return ":rotating_light:"
	case migration.NewsUndelivered:
		return ":warning:"
	case migration.NewsFactsAfter:
		switch n.Outcome {
		case migration.OutcomeStopped:
			return ":x:"
		case migration.OutcomeChanged:
			return ":arrows_counterclockwise:"
		case migration.OutcomeUnread, migration.OutcomeAlone:
			return ":warning:"
		}
	}
	return ":white_check_mark:"
}

// news is what happened, in one sentence or two.
func (t teller) news(n migration.News) mrkdwn {
	who, at, from := t.who(n.By), t.at(n.At), t.at(n.From)
	switch n.Kind {
	case migration.NewsAnnounced:
		if n.At.IsZero() {
			return t.say("line.announced.unplanned", nil)
		}
		return t.say("line.announced", args{"at": at})
	case migration.NewsKept:
		return t.say("line.kept", args{"who": who, "at": at})
	case migration.NewsRequested:
		if n.From.IsZero() {
			return t.say("line.requested.first", args{"who": who, "at": at})
		}
		return t.say("line.requested", args{"who": who, "at": at, "from": from})
	case migration.NewsConfirmed:
		if n.By == "" {
			return t.say("line.confirmed.console", args{"at": at})
		}
		return t.say("line.confirmed", args{"who": who, "at": at})
	case migration.NewsRefused:
		return t.say("line.refused", args{"who": who, "at": at, "why": t.why(n.Refusal)})
	case migration.NewsDeclared:
		return t.say("line.declared", args{"who": who, "at": at})
	case migration.NewsMoved:
		if n.From.IsZero() {
			return t.say("line.moved.first", args{"at": at})
		}
		return t.say("line.moved", args{"at": at, "from": from})
	case migration.NewsConsent:
		return t.say("line.consent", args{"who": who})
	case migration.NewsDenied:
		return t.say("line.denied", args{"who": who})
	case migration.NewsConsentFailed:
		return t.say("line.consent_refused", args{"who": who, "why": t.whyConsent(n.Refusal)})
	case migration.NewsAcknowledged, migration.NewsTicked, migration.NewsNotNeeded, migration.NewsTakenBack, migration.NewsNoted:
		return t.looked(n)
	}
	return t.life(n)
}

// looked is news of the checklists.
func (t teller) looked(n migration.News) mrkdwn {
	who, item := t.who(n.By), t.itemTitle(t.v.Checklists.Named(t.m, n.Item), maxItemTitle)
	switch {
	case n.Kind == migration.NewsAcknowledged && len(n.Items) > 0:
		var open []migration.Item
		for _, id := range n.Items {
			open = append(open, t.v.Checklists.Named(t.m, id))
		}
		return t.say("line.acknowledged.reason", args{"who": who, "items": t.names(open), "reason": cut(n.Text, maxReason)})
	case n.Kind == migration.NewsAcknowledged:
		return t.say("line.acknowledged", args{"who": who})
	case n.Kind == migration.NewsTicked:
		return t.say("line.ticked", args{"who": who, "item": item})
	case n.Kind == migration.NewsNotNeeded:
		return t.say("line.not_needed", args{"who": who, "item": item, "reason": cut(n.Text, maxItemRemark)})
	case n.Kind == migration.NewsTakenBack:
		return t.say("line.taken_back", args{"who": who, "item": item})
	case n.Text == "":
		return t.say("line.noted.none", args{"who": who, "item": item})
	}
	return t.say("line.noted", args{"who": who, "item": item, "note": cut(n.Text, maxItemRemark)})
}

// life is news of the event itself.
func (t teller) life(n migration.News) mrkdwn {
	at := args{"at": t.at(n.At)}
	switch n.Kind {
	case migration.NewsScheduled:
		if n.At.IsZero() {
			return t.say("line.scheduled.unplanned", nil)
		}
		return t.say("line.scheduled", at)
	case migration.NewsExecuting:
		return t.say("line.executing", nil)
	case migration.NewsExecuted:
		if n.At.IsZero() {
			return t.say("line.executed.untimed", nil)
		}
		return t.say("line.executed", at)
	case migration.NewsFailed:
		if n.At.IsZero() {
			return t.say("line.failed.untimed", nil)
		}
		return t.say("line.failed", at)
	case migration.NewsCanceled:
		return t.say("line.canceled", nil)
	case migration.NewsAvoided:
		return t.say("line.avoided", nil)
	case migration.NewsFactsAfter:
		return t.factsNews(n)
	}
	return t.care(n)
}

// care is news of who looks after a migration.
func (t teller) care(n migration.News) mrkdwn {
	switch who, to := t.who(n.By), t.whom(n.To); n.Kind {
	case migration.NewsAssigned:
		if n.By == n.To {
			return t.say("line.assigned.self", args{"who": who})
		}
		return t.say("line.assigned", args{"who": who, "to": to})
	case migration.NewsUnassigned:
		return t.say("line.unassigned", args{"who": who, "to": to})
	case migration.NewsSnoozed:
		return t.say("line.snoozed", args{"who": who, "at": t.at(n.At)})
	case migration.NewsReminded:
		return t.say("line.reminded", args{"to": to, "about": t.about(n.About)})
	case migration.NewsEscalated:
		return t.say("line.escalated", args{"channel": channelLink(n.To, t.rich), "about": t.about(n.About)})
	case migration.NewsUndelivered:
		if n.To != "" {
			return t.say("line.undelivered.escalation", args{"channel": channelLink(n.To, t.rich), "about": t.about(n.About)})
		}
		return t.say("line.undelivered", args{"about": t.about(n.About)})
	}
	return mrkdwn(escape(cut(strings.ReplaceAll(string(n.Kind), "_", " "), maxID))) // news that has no words yet
}

// after is the next step, empty where there is none.
func (t teller) after(n migration.News) mrkdwn {
	switch n.Kind {
	case migration.NewsRequested:
		return t.say("after.requested", nil)
	case migration.NewsDeclared:
		return t.say("after.declared", nil)
	case migration.NewsRefused:
		return t.next(n.Refusal)
	case migration.NewsConsent:
		return t.say("after.consent", nil)
	case migration.NewsConsentFailed:
		return t.nextConsent(n.Refusal)
	case migration.NewsScheduled:
		return t.say("after.scheduled", nil)
	case migration.NewsExecuting:
		if migration.KindOf(t.m.Event.Type).Migrates {
			return t.say("after.executing.migrate", nil)
		}
		return t.say("after.executing", nil)
	case migration.NewsExecuted:
		if t.m.ToVPC() {
			return t.say("after.executed.to_vpc", nil)
		}
		return t.say("after.executed", nil)
	case migration.NewsFailed:
		return t.say("after.failed", args{"ticket": t.ticket()})
	case migration.NewsCanceled:
		return t.say("after.canceled", nil)
	case migration.NewsFactsAfter:
		return t.factsAfter(n)
	}
	return ""
}
