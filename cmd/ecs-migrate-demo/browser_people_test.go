//go:build browser

package main

import (
	"strings"
	"testing"
)

// The page is the acting person's: its Home tab, who calls them, and what they
// began to type are theirs, and the page's own words stay in its language.
func TestBrowserFollowsThePerson(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	const home, composer, note = `[data-part="home"] `, `[data-test="composer"] `, `[data-test="composer"] .block-note`
	badge := place(webChannel) + ".called .badge"

	// The Home tab, also where nobody opened it and only the reader became another person.
	b.act(olivia)
	b.click(place("home"))
	b.sees(home+"[data-view]", "web-01", "Show")
	b.act(lin)
	b.sees(home+"[data-view]", "web-01", "显示") // in his language
	for _, chrome := range []string{test("clock-next"), test("clock-local"), `[data-part="events"]`} {
		if said := b.text(chrome); strings.ContainsFunc(said, func(r rune) bool { return r >= '一' && r <= '鿿' }) {
			t.Errorf("in English the page says %q", said)
		}
	}

	// Whoever is mentioned in a thread learns of it from the channel, until they open the thread.
	b.click(place(webChannel))
	card := b.card("web-01")
	ts := eval[string](b, one(card)+".dataset.messageTs")
	b.not(badge)
	s.post("/slack/control/say", `{"user":"`+olivia+`","channel":"`+webChannel+`","thread_ts":"`+ts+`","text":"<@`+lin+`> would you look?"}`, nil)
	b.sees(badge, "1")
	b.sees(card + " .replies.called")
	b.place(one(card + " .replies.called")) // into view
	b.shot("called")
	b.act(mary)
	b.not(card + " .replies.called")
	b.act(lin)
	b.click(card + " .replies.called")
	b.sees(thread+"[data-message-ts]", "would you look?")
	b.not(badge)
	b.not(card + " .replies.called")

	// Drafts are by person and place, and what went wrong is told to nobody else.
	const inThread, inChannel = `[data-test="thread-composer-input"]`, `[data-test="composer-input"]`
	stands := func(input, text string) { b.t.Helper(); b.is(one(input) + ".value === " + js(text)) }
	b.write(inThread, "in the thread")
	b.types("/nope")
	b.sees(note, "/nope is not a valid command")
	b.shot("nope")
	stands(inChannel, "/nope")
	b.act(mary)
	stands(inThread, "")
	stands(inChannel, "")
	b.not(note)
	b.act(lin)
	stands(inThread, "in the thread")
	stands(inChannel, "/nope")
	b.not(note)
	b.click(test("close-thread"))
	b.types(" /nope")
	b.sees(rows, "/nope") // behind a blank it is a message
	b.not(note)

	// A language for what happened, too.
	b.speak(chineseLang)
	b.pane("traffic")
	b.sees(`[data-traffic].envelope .how`, "已应答")
	b.shot("traffic-words")
}
