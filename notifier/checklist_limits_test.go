package notifier

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// fullLists have as many items as there can be in each phase, each with words as
// long as a configuration may hold them.
func fullLists(t testing.TB, fill string) migration.Checklists {
	t.Helper()
	words := func(n int) migration.Text {
		return migration.Text{"": string([]rune(strings.Repeat(fill, n))[:n])}
	}
	var rules []migration.ItemRule
	for _, p := range migration.Phases {
		for n := range migration.MaxItems {
			rules = append(rules, migration.ItemRule{
				ID: fmt.Sprintf("%s_%s%02d", p, strings.Repeat("x", migration.MaxItemID-len(p)-3), n), Phase: p,
				Title: words(100), Why: words(500), How: words(500),
				Link: migration.Text{"": "https://wiki.example.com/" + strings.Repeat("a&", 137)},
			})
		}
	}
	lists, err := migration.NewChecklists(nil, rules)
	if err != nil {
		t.Fatal(err)
	}
	return lists
}

// fullMarks have people say as much as can be said about every item.
func fullMarks(lists migration.Checklists, fill string) map[string]migration.Mark {
	remark := string([]rune(strings.Repeat(fill, migration.MaxRemark))[:migration.MaxRemark])
	marks := map[string]migration.Mark{}
	for n, i := range lists.Items() {
		marks[i.ID] = migration.Mark{
			State: []migration.MarkState{migration.NotNeeded, migration.Done, migration.NotNeeded}[n%3], By: lin, When: now, Reason: remark, Revision: n,
			Note: &migration.Note{Text: remark, By: mary, When: now},
		}
	}
	return marks
}

func TestFullListsKeepTheLimits(t *testing.T) {
	for _, fill := range []string{"迁", "&", "<", "a", "👩‍💻", "\n", "*_`"} {
		lists := fullLists(t, fill)
		for name, marks := range map[string]map[string]migration.Mark{"open": nil, "said": fullMarks(lists, fill)} {
			for _, lang := range Langs {
				v := View{Lang: lang, Zone: shanghai(t), Now: now, Checklists: lists}
				for _, m := range []migration.Migration{with(said(marks)), with(said(marks), status(migration.Executed)), with(said(marks), status(migration.Executing))} {
					m.Instance.Name = string([]rune(strings.Repeat(fill, 128))[:128])
					what := fmt.Sprintf("%q %s %s %s", fill, name, lang, m.State())
					for where, msg := range map[string]Message{
						"before": Checklist(m, migration.Preparation, v), "after": Checklist(m, migration.FollowUp, v), "shown": ShowChecklist(m, v), "card": Card(m, v),
						"decided": Decided(m, ask, v),
					} {
						for _, f := range faults(t, msg) {
							t.Errorf("%s %s: %s", what, where, f)
						}
					}
					for _, f := range formFaults(ChecklistForm(m, nil, nil, v)) {
						t.Errorf("%s form: %s", what, f)
					}
					item := lists.For(m, migration.Preparation)[0]
					for _, f := range formFaults(ItemForm(m, item, ListRef{Phase: migration.Preparation}, &ItemChoice{Reason: m.Mark(item.ID).Reason}, v)) {
						t.Errorf("%s item: %s", what, f)
					}
					var moot []migration.Moot
					for _, i := range lists.For(m, migration.Preparation) {
						moot = append(moot, migration.Moot{Item: i, Mark: m.Mark(i.ID)})
					}
					for _, f := range formFaults(MootForm(m, moot, v)) {
						t.Errorf("%s moot: %s", what, f)
					}
					for _, f := range formFaults(AckForm(m, v)) {
						t.Errorf("%s ack: %s", what, f)
					}
				}
			}
		}
	}
}

// formFaults lists where a form breaks Slack's limits or lets text from outside
// through unescaped.
func formFaults(view slack.ModalViewRequest) (found []string) {
	check := func(what, text string, limit int) {
		if n := utf8.RuneCountInString(text); n == 0 || n > limit {
			found = append(found, fmt.Sprintf("%s has %d characters", what, n))
		}
		if s := unescaped(text); s != "" {
			found = append(found, what+" holds unescaped text: "+cut(s, 100))
		}
	}
	if n := len(view.Blocks.BlockSet); n > 100 {
		found = append(found, fmt.Sprint(n, " blocks"))
	}
	if len(view.PrivateMetadata) > 3000 {
		found = append(found, "private_metadata")
	}
	option := func(o *slack.OptionBlockObject) {
		check("option", o.Text.Text, 75)
		if o.Description != nil {
			check("description", o.Description.Text, 75)
		}
		if len(o.Value) > 150 {
			found = append(found, "value")
		}
	}
	for _, b := range view.Blocks.BlockSet {
		switch b := b.(type) {
		case *slack.SectionBlock:
			check("section", b.Text.Text, 3000)
		case *slack.InputBlock:
			check("label", b.Label.Text, 2000)
			switch e := b.Element.(type) {
			case *slack.CheckboxGroupsBlockElement:
				if len(e.Options) == 0 || len(e.Options) > 10 {
					found = append(found, fmt.Sprint(len(e.Options), " boxes"))
				}
				for _, o := range e.Options {
					option(o)
				}
			case *slack.RadioButtonsBlockElement:
				for _, o := range e.Options {
					option(o)
				}
			case *slack.PlainTextInputBlockElement:
				if utf8.RuneCountInString(e.InitialValue) > 3000 || e.MaxLength > 3000 || utf8.RuneCountInString(e.InitialValue) > e.MaxLength {
					found = append(found, "a text field")
				}
			default:
				found = append(found, fmt.Sprintf("an element that this test does not know: %T", e))
			}
		case *slack.DividerBlock, *slack.ActionBlock:
		default:
			found = append(found, fmt.Sprintf("a block that this test does not know: %T", b))
		}
	}
	return found
}

// LimitForms are forms as full as can be, for tests from outside.
func LimitForms(t *testing.T) map[string]slack.ModalViewRequest {
	lists := fullLists(t, "迁")
	v := View{Lang: Chinese, Zone: shanghai(t), Now: now, Checklists: lists}
	m := with(said(fullMarks(lists, "迁")))
	return map[string]slack.ModalViewRequest{
		"full list": ChecklistForm(m, nil, nil, v), "full item": ItemForm(m, lists.Items()[0], ListRef{Phase: migration.Preparation}, nil, v),
	}
}

// LimitMessages is described at LimitForms.
func LimitMessages(t *testing.T) map[string]Message {
	lists := fullLists(t, "迁")
	v := View{Lang: Chinese, Zone: shanghai(t), Now: now, Checklists: lists}
	m := with(said(fullMarks(lists, "迁")))
	return map[string]Message{"full list": Checklist(m, migration.Preparation, v), "full list shown": ShowChecklist(m, v)}
}

// The default items say in both languages what, why and how, in a title that
// fits a box and with a page of Alibaba Cloud's.
func TestEveryDefaultItemHasItsWords(t *testing.T) {
	pages := map[Lang]string{English: "https://www.alibabacloud.com/help/", Chinese: "https://help.aliyun.com/"}
	for _, lang := range Langs {
		w := in(lang)
		for _, i := range migration.DefaultItems() {
			title, url := string(w.itemTitle(i, maxItemTitle)), w.text("item.link."+i.ID, nil)
			if n := utf8.RuneCountInString(title); title == i.ID || n > 60 {
				t.Errorf("%s: %s is called %q", lang, i.ID, title)
			}
			if w.itemWhy(i) == "" || !strings.Contains(string(w.itemHow(i)), url) {
				t.Errorf("%s: %s says not why and how", lang, i.ID)
			}
			if !strings.HasPrefix(url, pages[lang]) && url != ticketURL {
				t.Errorf("%s: %s leads to %s", lang, i.ID, url)
			}
		}
	}
}
