package notifier

import "github.com/slack-go/slack"

// Slack's limits, in characters. Source:
// https://docs.slack.dev/reference/block-kit/blocks and
// https://docs.slack.dev/reference/block-kit/composition-objects
const (
	maxBlocks  = 50
	maxHeader  = 150
	maxSection = 3000
	maxField   = 2000
	maxFields  = 10
	maxContext = 2000
	maxLabel   = 75 // a button's text
	maxActions = 25
	maxConfirm = 300 // a confirmation's text
	maxTitle   = 100 // a confirmation's title
	maxChoice  = 30  // a confirmation's buttons
)

// marked is a mrkdwn object. It is verbatim: Slack must not look for links,
// channels and people in text from outside.
func marked(text string, limit int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, clip(text, limit), false, true)
}

// plain is a plain_text object. Slack keeps and shows it as entities too
// (https://github.com/slackapi/bolt-python/issues/513), so that its text is
// escaped like any other. Markup it reads none, nor emoji by their names.
func plain(text string, limit int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, clip(marks.Replace(text), limit), false, false)
}

func header(text string) slack.Block { return slack.NewHeaderBlock(plain(text, maxHeader)) }

func section(text string) slack.Block {
	return slack.NewSectionBlock(marked(text, maxSection), nil, nil)
}

// fields shows up to ten short texts in two columns.
func fields(texts ...string) slack.Block {
	var objects []*slack.TextBlockObject
	for _, t := range texts[:min(len(texts), maxFields)] {
		objects = append(objects, marked(t, maxField))
	}
	return slack.NewSectionBlock(nil, objects, nil)
}

// smallPrint is one line of small print.
func smallPrint(text string) slack.Block {
	return slack.NewContextBlock("", marked(text, maxContext))
}

// smallText is small print from outside: no markup is read in it.
func smallText(text string) slack.Block {
	return slack.NewContextBlock("", plain(text, maxContext))
}

// actions is a row of buttons.
func actions(buttons ...slack.BlockElement) slack.Block {
	return slack.NewActionBlock("", buttons[:min(len(buttons), maxActions)]...)
}

// button carries a Ref back to the bot.
func button(actionID, label string, ref Ref) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(actionID, ref.Encode(), plain(label, maxLabel))
}

// linkButton opens a page.
func linkButton(actionID, label, url string) *slack.ButtonBlockElement {
	b := slack.NewButtonBlockElement(actionID, "", plain(label, maxLabel))
	b.URL = url
	return b
}

// confirmation is asked before a button does anything.
func confirmation(title, text, yes, no string) *slack.ConfirmationBlockObject {
	return slack.NewConfirmationBlockObject(plain(title, maxTitle), marked(text, maxConfirm), plain(yes, maxChoice), plain(no, maxChoice))
}
