package notifier

import (
	"strings"

	"ecs-migrate/internal/migration"
)

// How much of an item's words is shown, in characters.
const (
	maxItemTitle  = 120
	maxItemWords  = 500 // why and how
	maxItemLine   = 320 // an item's line in a list, so that a whole list stays below what Slack takes
	maxItemRemark = 120 // a reason or a note in a list
	maxNamed      = 3   // items that are named in a sentence
)

// itemTitle is what is to be done: a team's own words, or the catalogue's.
func (w *words) itemTitle(i migration.Item, most int) mrkdwn {
	if i.Title == nil && w.has("item.title."+i.ID) {
		return mrkdwn(clip(w.text("item.title."+i.ID, nil), most))
	}
	title := cut(i.Title.In(string(w.lang)), most)
	if title == "" {
		title = i.ID
	}
	return mrkdwn(escape(title))
}

// itemWhy is why it matters, empty where nobody says.
func (w *words) itemWhy(i migration.Item) mrkdwn {
	if i.Why == nil && w.has("item.why."+i.ID) {
		return w.say("item.why."+i.ID, nil)
	}
	return mrkdwn(escape(cut(i.Why.In(string(w.lang)), maxItemWords)))
}

// itemHow is how it is done, with the page that says more; empty where nobody
// says.
func (w *words) itemHow(i migration.Item) mrkdwn {
	how := mrkdwn(escape(cut(i.How.In(string(w.lang)), maxItemWords)))
	if i.How == nil && w.has("item.how."+i.ID) {
		how = w.say("item.how."+i.ID, nil)
	}
	url := i.Link.In(string(w.lang))
	if i.Link == nil && w.has("item.link."+i.ID) {
		url = w.text("item.link."+i.ID, nil)
	}
	switch page := link(url, w.say("form.link", nil)); {
	case url == "":
		return how
	case how == "":
		return page
	default:
		return w.say("form.item.link", args{"how": how, "link": page})
	}
}

// names names the first few items in a sentence, and counts the others.
func (w *words) names(items []migration.Item) mrkdwn {
	var all []string
	for _, i := range items[:min(len(items), maxNamed)] {
		all = append(all, string(w.itemTitle(i, maxItemTitle)))
	}
	if more := len(items) - maxNamed; more > 0 {
		all = append(all, string(w.count("items.more", more)))
	}
	if w.lang == Chinese {
		return mrkdwn(strings.Join(all, "；"))
	}
	return mrkdwn(strings.Join(all, "; "))
}

// box leads an item's line.
func box(k migration.Mark) mrkdwn {
	switch k.State {
	case migration.Done:
		return ":white_check_mark:"
	case migration.NotNeeded:
		return ":heavy_minus_sign:"
	}
	return ":white_large_square:"
}

// itemLine is an item with what people said about it, in one line.
func (t teller) itemLine(i migration.Item) string {
	k, title := t.m.Mark(i.ID), t.itemTitle(i, maxItemTitle)
	line := title
	switch {
	case k.State == migration.Done:
		line = t.say("list.done", args{"title": title, "who": t.who(k.By), "when": t.at(k.When)})
	case k.State == migration.NotNeeded:
		line = t.say("list.not_needed", args{
			"title": title, "who": t.who(k.By), "when": t.at(k.When), "reason": cut(k.Reason, maxItemRemark),
		})
	case i.Optional:
		line = t.say("list.optional", args{"title": title})
	}
	if k.Note != nil {
		line = t.say("list.note", args{"line": line, "who": t.who(k.Note.By), "note": cut(k.Note.Text, maxItemRemark)})
	}
	return string(box(k)) + " " + clip(string(line), maxItemLine)
}
