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
// both languages: nothing sticks out sideways, everything that can be pressed
// has a name, and texts stand out from what is behind them.
func TestBrowserAtEveryWidth(t *testing.T) {
	s := serve(t, playgroundOptions{})
	s.post("/world/announce", `{"name":"a-very-long-name-without-any-break-that-somebody-gave-to-an-instance-long-ago-and-never-changed"}`, nil)
	s.post("/world/announce", `{"network":"vpc","plan":true}`, nil)
	b := browse(t, s, englishLang)
	for _, lang := range []string{englishLang, chineseLang} {
		b.speak(lang)
		for _, width := range []int64{360, 768, 1600} {
			b.size(width, 900)
			for _, theme := range []string{"light", "dark"} {
				b.theme(theme)
				for _, tab := range []string{"workspace", "cloud", "traffic"} {
					b.pane(tab)
					at := fmt.Sprintf("%s-%d-%s", tab, width, theme)
					if over := eval[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
						t.Errorf("%s, %s: %d pixels stick out", at, lang, over)
					}
					if faint := eval[[]string](b, faintTexts); len(faint) > 0 {
						t.Errorf("%s, %s: hard to read: %q", at, lang, faint)
					}
					if nameless := eval[[]string](b, namelessControls); len(nameless) > 0 {
						t.Errorf("%s, %s: without a name: %q", at, lang, nameless)
					}
					b.shot(at)
				}
			}
		}
	}
}

// namelessControls lists what can be used and tells a screen reader nothing.
// The name is taken as browsers compute it, in outline
// (https://www.w3.org/TR/accname-1.2/).
const namelessControls = `[...document.querySelectorAll("button, a[href], input, select, textarea, [role=button], [tabindex='0']")]
	.filter(e => e.checkVisibility() && e.type !== "hidden")
	.filter(e => !(e.getAttribute("aria-label") || e.textContent.trim() || e.title || e.labels?.length || e.placeholder && e.tagName !== "INPUT"
		|| (e.getAttribute("aria-labelledby") ?? "").split(" ").some(id => id && document.getElementById(id)?.textContent.trim())))
	.map(e => e.outerHTML.slice(0, 120))`

// faintTexts lists texts with less than 4.5:1 between them and what is behind
// them (https://www.w3.org/TR/WCAG22/#contrast-minimum), disabled ones aside.
const faintTexts = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0]; return c.startsWith("color(srgb") ? [m[0] * 255, m[1] * 255, m[2] * 255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1] };
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
	const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
	const behind = e => { if (!e) return [255, 255, 255]; const c = parse(getComputedStyle(e).backgroundColor); return c[3] === 1 ? c : over(c, behind(e.parentElement)); };
	const out = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; n = walk.nextNode();) {
		const e = n.parentElement;
		if (!n.data.trim() || !e.checkVisibility({opacityProperty: true}) || e.closest(":disabled, option, [aria-hidden=true], [inert]")) continue;
		const style = getComputedStyle(e), back = behind(e), fore = over(parse(style.color), back);
		const [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
		const ratio = (a + .05) / (b + .05), large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) out.push(n.data.trim().slice(0, 40) + " " + ratio.toFixed(2) + " " + e.className);
	}
	return [...new Set(out)].slice(0, 8);
})()`

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
	at := s.firstEvent().NotBefore
	for _, p := range cast() {
		zone, err := time.LoadLocation(p.TZ)
		if err != nil {
			t.Fatal(err)
		}
		b.act(p.ID)
		form := "3:04 PM"
		if p.Locale == "zh-CN" {
			form = "15:04"
		}
		local := at.In(zone)
		found := false
		for _, f := range []string{form, "15:04", "3:04 pm", "3:04 PM", "03:04"} { // as a locale writes it
			found = found || eval[bool](b, "Boolean("+one(rows, "web-01", local.Format(f))+")")
		}
		if !found {
			t.Errorf("%s in %s does not see %s: %s", p.Name, p.TZ, local.Format(form), b.text(rows, "web-01"))
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
	for _, name := range []string{"throttle", "region_down-cn-shanghai", "permission_hidden", "slack_5xx"} {
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
	b.click(test("fault-socket_drop"))
	b.sees(test("toast"))
}

// Five hundred cards scroll. How smoothly is logged: on a machine without a
// graphics card it depends on what else that does. A page that draws all of them
// at each step is told by any machine.
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
		Cards, Megabytes  float64
		LoadMS, Contentms float64
	}
	got := eval[frames](b, `(async () => {
		const box = document.querySelector("[data-part=scroller]");
		box.scrollTop = box.scrollHeight;
		const gaps = [], cards = new Set();
		let last = await new Promise(requestAnimationFrame);
		for (let i = 0; i < 240; i++) {
			box.scrollTop -= 120;
			if (box.scrollTop <= 0) box.scrollTop = box.scrollHeight;
			const now = await new Promise(requestAnimationFrame);
			gaps.push(now - last);
			last = now;
		}
		document.querySelectorAll("[data-part=timeline] [data-message-ts]").forEach(e => e.childElementCount && cards.add(e.dataset.messageTs));
		gaps.sort((a, b) => a - b);
		const nav = performance.getEntriesByType("navigation")[0];
		return {N: gaps.length, Mean: gaps.reduce((a, b) => a + b) / gaps.length, P95: gaps[Math.floor(gaps.length * .95)], Worst: gaps.at(-1),
			Cards: cards.size, Megabytes: performance.memory.usedJSHeapSize / 1e6, LoadMS: nav.loadEventEnd, Contentms: nav.domContentLoadedEventEnd};
	})()`)
	t.Logf("500 cards: the page was ready %s after the browser was started; load %.0f ms; %d frames: mean %.1f ms, 95%% within %.1f ms, worst %.1f ms; %.0f messages drawn; heap %.0f MB",
		loaded.Round(10*time.Millisecond), got.LoadMS, got.N, got.Mean, got.P95, got.Worst, got.Cards, got.Megabytes)
	if got.Mean > 500 {
		t.Errorf("scrolling stands still: %+v", got)
	}
	if got.Megabytes > 150 {
		t.Errorf("the page takes %.0f MB", got.Megabytes)
	}
}
