//go:build browser

package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The page can be read and used at 360 and at 1,600 pixels, light and dark, in
// both languages: nothing sticks out sideways, everything that can be used has a
// name, and texts stand out from what is behind them.
func TestBrowserAtEveryWidth(t *testing.T) {
	s := serve(t, playgroundOptions{})
	s.post("/world/announce", `{"name":"a-very-long-name-without-any-break-that-somebody-gave-to-an-instance-long-ago-and-never-changed"}`, nil)
	s.post("/world/announce", `{"network":"vpc","plan":true}`, nil)
	s.post("/world/announce", `{"region":"cn-shanghai"}`, nil) // unread, in the other channel
	s.post("/world/fault", `{"on":true,"what":"permission_hidden","permission":"ecs:DescribeInstances"}`, nil)
	b := browse(t, s, englishLang)
	b.sees(`[data-part="places"] .badge`)
	b.pane("cloud")
	b.click(`details:has([data-part="faults"]) > summary`)
	b.pane("workspace")
	for _, lang := range []string{englishLang, chineseLang} {
		b.speak(lang)
		for _, width := range []int64{360, 768, 1280, 1600} {
			b.size(width, 900)
			for i, theme := range []string{"light", "dark"} {
				if lang == chineseLang && i == 1 {
					continue // colours do not depend on words
				}
				b.theme(theme)
				for _, tab := range []string{"workspace", "cloud", "traffic"} {
					b.pane(tab)
					b.fits(fmt.Sprintf("%s-%d-%s", tab, width, theme))
				}
				b.pane("workspace")
			}
			b.headed(width)
		}
	}
}

// So it is with what opens: forms, threads, menus, questions.
func TestBrowserFitsWhatOpens(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	s.post("/slack/control/command", `{"user":"`+olivia+`","channel":"`+webChannel+`","text":"/ecs-migrate reserve web-01"}`, nil)
	card := b.card("web-01", speech[englishLang].confirmed)
	for i, width := range []int64{360, 768, 1600} {
		b.size(width, 900)
		b.theme([]string{"light", "dark", "light"}[i])
		b.speak([]string{englishLang, chineseLang, chineseLang}[i])
		at := func(what string) string { return fmt.Sprintf("%s-%d", what, width) }
		b.pane("workspace")
		for _, opens := range []string{"reschedule", "checklist"} {
			b.click(card + ` [data-action-id="` + opens + `"]`)
			b.sees(form + test("form-submit"))
			b.fits(at("form-" + opens))
			b.run("close it", chromedp.KeyEvent(kb.Escape))
			b.not(form + test("form-submit"))
		}
		b.click(test("act-as"))
		b.sees(".popover [data-person]")
		b.fits(at("people"))
		b.run("close it", chromedp.KeyEvent(kb.Escape))
		b.click(test("channel-menu"))
		b.sees(".popover " + test("kick"))
		b.fits(at("channel-menu"))
		b.run("close it", chromedp.KeyEvent(kb.Escape))
		b.write(test("composer-input"), "/ecs-migrate show ")
		b.sees("[data-offer]")
		b.fits(at("offers"))
		b.write(test("composer-input"), " ")
		b.click(card + " " + test("replies"))
		b.sees(thread + "[data-message-ts]")
		b.fits(at("thread"))
		b.click(test("close-thread"))
		b.pane("cloud")
		b.click(test("event-menu"))
		b.sees(".popover " + test("event-move"))
		b.fits(at("event-menu"))
		b.click(test("event-move"))
		b.sees(test("move"))
		b.fits(at("move"))
		b.run("close it", chromedp.KeyEvent(kb.Escape))
		b.not(test("move"))
		b.pane("traffic")
		b.click("[data-traffic] summary")
		b.sees(".entry-body")
		b.fits(at("entry"))
		b.click("[data-traffic] details[open] > summary")
		b.click(test("traffic-log"))
		b.fits(at("log"))
		b.click(test("traffic-log"))
	}
}

// Everything can be reached by the keyboard, and one sees where one is.
func TestBrowserByKeyboard(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.card("web-01")
	met := map[string]bool{}
	for range 150 {
		b.run("press Tab", chromedp.KeyEvent("\t"))
		at := eval[string](b, `(e => {
			if (!e || e === document.body) return "";
			const s = getComputedStyle(e), marked = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none";
			if (!marked) return "unmarked " + e.outerHTML.slice(0, 120);
			return e.dataset.test ?? e.dataset.actionId ?? e.dataset.place ?? e.id ?? e.tagName;
		})(document.activeElement)`)
		if len(at) > 8 && at[:8] == "unmarked" {
			t.Errorf("one does not see that the focus is on %s", at[9:])
		}
		met[at] = true
	}
	for _, want := range []string{"act-as", "language", "theme", "composer-input", "choose", "clock-next", "bot-kill", "announce", "side-traffic", "place-channel"} {
		if !met[want] {
			t.Errorf("the keyboard does not reach %s; it reaches %v", want, slices.Sorted(maps.Keys(met)))
		}
	}
	// A form opened by Enter takes the focus, and Escape gives it back.
	b.do(one(`[data-action-id="choose"]`) + ".focus()")
	b.run("press Enter", chromedp.KeyEvent("\r"))
	b.sees(form + test("form-submit"))
	b.is(`document.activeElement.closest("dialog")`)
	b.run("press Escape", chromedp.KeyEvent(kb.Escape))
	b.not(form + test("form-submit"))
	b.is(`document.activeElement?.dataset.actionId === "choose"`)
}

// The page's own tests of its parts hold in this browser.
func TestBrowserRunsThePagesOwnTests(t *testing.T) {
	b := browse(t, serve(t, playgroundOptions{}), englishLang)
	b.run("open the tests", chromedp.Navigate(b.home+"/page/tests.html"))
	b.is(`document.body.dataset.state === "passed" || document.body.dataset.state === "failed"`)
	if eval[string](b, "document.body.dataset.state") != "passed" {
		t.Error(b.whole())
	}
}

// Each person sees their own times and language, and only what is theirs.
func TestBrowserForEachPerson(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	// A time that no other one on the card shares its minutes with, and that is
	// another day for some.
	at := time.Date(2026, 5, 8, 22, 37, 0, 0, time.UTC)
	s.post("/world/event", fmt.Sprintf(`{"event_id":%q,"do":"move","at":%q}`, s.firstEvent().ID, at.Format(time.RFC3339)), nil)
	reads := map[string]string{"Europe/London": "8 May 2026 23:37", "Asia/Shanghai": "2026年5月9日 06:37", "America/New_York": "May 8, 2026 6:37 PM", "Europe/Berlin": "9 May 2026 00:37"}
	for _, p := range cast() {
		b.act(p.ID)
		card := b.card("web-01")
		// Each time of the moment within the card; browsers put a narrow space before PM.
		shown := fmt.Sprintf(`[...new Set([...document.querySelectorAll(%s)].map(e => e.textContent.replace(/\s/g, " ")))].join(" | ")`,
			js(fmt.Sprintf(`%s .message-body time[datetime="%s"]`, card, at.Format("2006-01-02T15:04:05.000Z"))))
		b.is(shown + ` !== ""`)
		if got := eval[string](b, shown); got != reads[p.TZ] {
			t.Errorf("%s in %s reads %q, not %q", p.Name, p.TZ, got, reads[p.TZ])
		}
	}
	b.act(mary)
	b.click(place("home"))
	b.sees(`[data-part="home"] [data-view]`, "web-01")
	b.shot("home")
}

// Faults are turned on and off, and the page tells what they do to the bot.
func TestBrowserMeetsBadLuck(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.size(1600, 1000)
	b.pane("cloud")
	b.click(`details:has([data-part="faults"]) > summary`)
	for _, name := range []string{"throttle", "region_down-cn-shanghai", "permission_hidden-ecs:DescribeSnapshots", "slack_5xx"} {
		toggle := test("fault-" + name)
		b.click(toggle + `[aria-checked="false"]`)
		b.sees(toggle + `[aria-checked="true"]`)
		if len(s.turned()) != 1 {
			t.Errorf("%s: on are %+v", name, s.turned())
		}
		if name == "region_down-cn-shanghai" {
			b.sees(test("bot-state") + `[data-state="unready"]`)
			b.shot("region-down")
		}
		b.click(toggle + `[aria-checked="true"]`)
		b.sees(toggle + `[aria-checked="false"]`)
	}
	// Two permissions can be missing at once, and none looks as if it were there.
	for _, name := range []string{"ecs:DescribeInstances", "ecs:DescribeDisks"} {
		b.click(test("fault-permission_hidden-"+name) + `[aria-checked="false"]`)
		b.sees(test("fault-permission_hidden-"+name) + `[aria-checked="true"]`)
	}
	b.sees(test("fault-permission_hidden-ecs:DescribeInstances") + `[aria-checked="true"]`)
	b.click(`details:has([data-part="faults"]) > summary`)
	b.sees(test("faults-count"), "2 on") // also where the switches are out of sight
	b.click(`details:has([data-part="faults"]) > summary`)
	for _, name := range []string{"ecs:DescribeInstances", "ecs:DescribeDisks"} {
		b.click(test("fault-permission_hidden-"+name) + `[aria-checked="true"]`)
	}
	b.not(test("faults-count"))
	if on := s.turned(); len(on) != 0 {
		t.Errorf("still on are %+v", on)
	}
	b.click(test("fault-socket_drop"))
	b.sees(test("toast"))
}

// Five hundred cards scroll, and each is drawn when it comes into sight. How
// smoothly is logged: on a machine without a graphics card it depends on what
// else that does.
func TestBrowserScrollsFiveHundredCards(t *testing.T) {
	s := serve(t, playgroundOptions{})
	for range 50 { // ten at a time: more would be gathered in one thread
		if _, err := s.announce(t.Context(), notice{Count: 10, Name: "crowd"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.slack.Messages(webChannel)); n < 500 {
		t.Fatalf("only %d messages", n)
	}
	began := time.Now()
	b := browse(t, s, englishLang)
	loaded := time.Since(began)
	b.is(`document.querySelectorAll("[data-part=timeline] [data-message-ts]").length >= 500`)
	b.size(1600, 900)
	type frames struct {
		N                 int
		Mean, P95, Worst  float64
		Cards, Blank      int
		Megabytes         float64
		LoadMS, Contentms float64
	}
	// From the newest to the oldest, most of a window at a time, as somebody who
	// looks for one. Each that comes into sight has one frame more to be drawn.
	b.do(`(async () => {
		const box = document.querySelector("[data-part=scroller]"), frame = () => new Promise(requestAnimationFrame);
		const run = window.scrolled = {gaps: [], cards: new Set(), blank: new Set()};
		box.scrollTop = box.scrollHeight;
		let last = await frame(), mark = null;
		for (;;) {
			const now = await frame();
			run.gaps.push(now - last);
			last = now;
			const edge = box.getBoundingClientRect(), blank = [];
			const lost = mark ? mark.getBoundingClientRect().top - edge.bottom : 0;
			if (lost >= 0 && mark) { // cards grew as they were drawn and pushed the last one seen out of sight: go back to it
				box.scrollTop += lost + 20;
				mark = null;
				continue;
			}
			mark = null;
			for (const e of document.querySelectorAll("[data-part=timeline] [data-message-ts]")) {
				const r = e.getBoundingClientRect();
				if (r.bottom <= edge.top || r.top >= edge.bottom) continue;
				mark ??= e; // the uppermost
				if (e.childElementCount) run.cards.add(e.dataset.messageTs);
				else blank.push(e.dataset.messageTs);
			}
			if (blank.some(ts => !run.blank.has(ts))) { // one more frame for what has just come
				blank.forEach(ts => run.blank.add(ts));
				mark = null;
				continue;
			}
			if (box.scrollTop <= 0) break;
			box.scrollTop -= Math.round(box.clientHeight * .8);
		}
		run.done = true;
	})()`)
	for late := time.Now().Add(8 * seen); !eval[bool](b, "scrolled.done === true"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("after %s the oldest card is not reached", 8*seen)
		}
	}
	got := eval[frames](b, `(() => {
		const {gaps, cards, blank} = scrolled;
		gaps.sort((a, b) => a - b);
		const nav = performance.getEntriesByType("navigation")[0];
		return {N: gaps.length, Mean: gaps.reduce((a, b) => a + b) / gaps.length, P95: gaps[Math.floor(gaps.length * .95)], Worst: gaps.at(-1),
			Cards: cards.size, Blank: blank.size, Megabytes: performance.memory.usedJSHeapSize / 1e6, LoadMS: nav.loadEventEnd, Contentms: nav.domContentLoadedEventEnd};
	})()`)
	t.Logf("500 cards: the page was ready %s after the browser was started; load %.0f ms; %d frames: mean %.1f ms, 95%% within %.1f ms, worst %.1f ms; %d messages seen drawn, %d blank for a moment; heap %.0f MB",
		loaded.Round(10*time.Millisecond), got.LoadMS, got.N, got.Mean, got.P95, got.Worst, got.Cards, got.Blank, got.Megabytes)
	if all := eval[int](b, `document.querySelectorAll("[data-part=timeline] [data-message-ts]").length`); got.Cards != all {
		t.Errorf("%d of %d messages were seen drawn on the way", got.Cards, all)
	}
	if got.Megabytes > 150 {
		t.Errorf("the page takes %.0f MB", got.Megabytes)
	}
}
