//go:build browser

package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
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
		b.sees(chrome)
		if said := eval[string](b, one(chrome)+".innerText"); strings.ContainsFunc(said, func(r rune) bool { return r >= '一' && r <= '鿿' }) {
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

// The keyboard's place is kept where what it stood on goes away, and a dialog
// ends only where one means it.
func TestBrowserKeepsTheFocus(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.size(1600, 1000)
	press := func(key string) { b.t.Helper(); b.run("press a key", chromedp.KeyEvent(key)) }
	enter := func(selector string) { b.t.Helper(); b.sees(selector); b.do(one(selector) + ".focus()"); press("\r") }

	// Stopped and started by Enter, the bot's buttons have the focus still.
	card := b.card("web-01")
	enter(test("bot-restart"))
	b.sees(test("toast"))
	b.is(`document.activeElement.dataset.test === "bot-restart"`)
	enter(test("bot-stop"))
	b.is(`document.activeElement.dataset.test === "bot-start"`)
	b.types("/ecs-migrate help")
	b.sees(test("composer") + " .block-note")
	enter(test("bot-start"))
	b.is(`document.activeElement.dataset.test === "bot-restart"`)
	b.not(test("composer") + " .block-note") // it was about a bot that did not run

	// The button that keeps the planned time is gone with the answer: its card has the focus.
	enter(card + ` [data-action-id="keep"]`)
	b.not(card + ` [data-action-id="keep"]`)
	b.is(one(card) + `.contains(document.activeElement)`)

	// Tab leaves a menu closed behind it, and goes on from its button.
	enter(test("event-menu"))
	b.sees(`[role="menu"]`)
	press("\t")
	b.not(`[role="menu"]`)
	b.is(`document.activeElement.closest(".side")`)

	// A question about deleting begins on the harmless answer; only a click beside it ends it.
	enter(card + " " + test("delete-message"))
	b.is(`document.activeElement.dataset.answer === "cancel"`)
	at := b.place(one(test("ask") + " h2"))
	edge := eval[point](b, `(r => ({X: r.left + 8, Y: r.top + 8}))(`+one(test("ask"))+`.getBoundingClientRect())`)
	b.run("press the padding", chromedp.MouseClickXY(edge.X, edge.Y))
	b.run("press the title", chromedp.MouseClickXY(at.X, at.Y))
	b.sees(test("ask"))
	b.run("press beside it", chromedp.MouseClickXY(edge.X-40, edge.Y))
	b.not(test("ask"))

	// Where an event is moved to is told in words.
	enter(test("event-menu"))
	b.click(test("event-move"))
	b.pick(test("move-at"), "2026-12-01T02:00")
	b.sees(test("move")+" small", "1 December 2026", "UTC")
	b.shot("move")
	press(kb.Escape)
	b.not(test("move"))
}
