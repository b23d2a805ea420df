//go:build browser

package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	ecsstub "ecs-migrate/internal/stub/ecs"
)

// The cloud is steered by hand: events of each kind are announced, moved,
// begun, failed and cancelled, and the cards tell it.
func TestBrowserSteersTheCloud(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.size(1600, 1200)
	event := func(row, status string) string {
		return fmt.Sprintf(`[data-event]:has([data-test="event-menu"][aria-label*=%q])[data-status=%q]`, row, status)
	}
	do := func(name, deed string) {
		t.Helper()
		b.click(fmt.Sprintf(`[data-test="event-menu"][aria-label*=%q]`, name))
		b.click(".popover " + test("event-"+deed))
	}

	// One within a VPC, with a plan: its card sends people to the console.
	b.pick(test("announce-network"), "vpc")
	b.click(test("announce-plan"))
	b.write(test("announce-name"), "planned-one")
	b.click(test("announce"))
	b.sees(event("planned-one", "Scheduled"), "migration plan")
	b.card("planned-one", "Only the console can move it.")
	events := s.cloud.Events()
	last := events[len(events)-1]
	in, found := ecsstub.Instance{}, false
	for _, i := range s.cloud.Instances() {
		if i.ID == last.InstanceID {
			in, found = i, true
		}
	}
	if !found || in.Classic || !slices.Contains(last.Options, "MigrationPlan") {
		t.Errorf("announced was %+v for %+v", last, in)
	}

	// The console moves it: the bot is not asked, and tells it.
	do("planned-one", "move")
	b.pick(test("move-at"), "2026-05-08T03:10")
	b.click(test("move") + ` [data-answer="yes"]`)
	b.sees(event("planned-one", "Scheduled"), "8 May 03:10")
	b.sees(b.card("planned-one") + ` time[datetime="2026-05-08T02:10:00.000Z"]`)
	do("planned-one", "execute")
	b.sees(event("planned-one", "Executing"))
	b.card("planned-one", "Running")
	do("planned-one", "fail")
	b.click(test("events-past"))
	b.sees(`[data-event="`+last.ID+`"][data-status="Failed"]`, "planned-one")
	b.card("planned-one", "Failed")

	// One that asks first has no time yet: the field for it is closed.
	b.click(test("announce-plan"))
	b.click(test("announce-inquiring"))
	b.is(one(test("announce-in")) + ".disabled")
	b.write(test("announce-name"), "asking-one")
	b.click(test("announce"))
	b.sees(event("asking-one", "Inquiring"), "No time yet")
	do("asking-one", "accept")
	b.sees(event("asking-one", "Scheduled"))
	b.click(test("announce-inquiring"))
	b.is("!" + one(test("announce-in")) + ".disabled")

	do("web-01", "cancel")
	b.sees(`[data-event="` + s.firstEvent().ID + `"][data-status="Canceled"]`)
	b.card("web-01", "Cancelled by Alibaba Cloud")

	// What the page says of it hides nothing that one reaches for.
	b.sees(test("toast"))
	if hidden := eval[[]string](b, `[...document.querySelectorAll("[data-test=toast]")].flatMap(t => {
		const a = t.getBoundingClientRect();
		return [...document.querySelectorAll(".sift :is(input, button), .filters button, .composer :is(input, button), .top button")].filter(e => e.checkVisibility())
			.filter(e => { const r = e.getBoundingClientRect(); return r.left < a.right && r.right > a.left && r.top < a.bottom && r.bottom > a.top; }).map(e => e.outerHTML.slice(0, 80));
	})`); len(hidden) > 0 {
		t.Errorf("news lie over %q", hidden)
	}

	// A hundred at once.
	b.pick(test("announce-count"), "100")
	b.click(test("announce"))
	b.sees(test("toast"), "The cloud announced 100 events.")
	b.sees(`[data-part="events-count"]`, "of 103")
	b.shot("hundred")
}

// People look after a migration by command, with what the page completes, and by
// the Home tab.
func TestBrowserLooksAfterOne(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.card("web-01")
	input := test("composer-input")
	b.write(input, "/ecs-migrate assign web-01 ")
	b.click(`[data-offer="@mary"]`)
	b.run("send it", chromedp.KeyEvent("\r"))
	b.sees(whisper, "@Mary Adams", "looks after this now")
	b.types("/ecs-migrate snooze web-01 4h")
	b.sees(whisper, "No reminders until")
	b.card("web-01", "Looks after it", "Mary Adams")

	// Home: hers alone, then a time by its button.
	b.act(mary)
	b.click(place("home"))
	const home = `[data-part="home"] `
	b.sees(home+"[data-view]", "web-01")
	b.click(home + `[data-action-id="choose"]`)
	b.sees(form + test("form-submit"))
	b.click(form + test("form-submit"))
	b.not(form + test("form-submit"))
	b.sees(home+"[data-view]", "Confirmed")
	b.pick(home+"select", "mine")
	b.sees(home+"[data-view]", "web-01")
	b.act("U0000000008") // to whom nothing was given
	b.click(place("home"))
	b.sees(home+"[data-view]", "web-01")
	b.pick(home+"select", "mine")
	b.not(home+"[data-view]", "web-01")
	b.shot("home-mine")

	// The bot is sent out of a channel in a narrow window, and called back.
	b.click(place(webChannel))
	b.size(360, 740)
	b.click(test("channel-menu"))
	b.click(".popover " + test("kick"))
	b.sees(`[data-part="away"]`, "The bot is not in this channel.")
	b.click(test("channel-menu"))
	b.click(".popover " + test("invite"))
	b.not(`[data-part="away"]`)
}

// What happened can be searched, filtered and opened, and says on which day.
func TestBrowserFindsWhatHappened(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.card("web-01")
	b.click(test("clock-day"))
	b.sees(test("toast"))
	b.pane("traffic")
	const seenRows = `[data-traffic]:not([hidden])`
	b.sees(`[data-part="traffic"] .day`, "Thursday, 7 May 2026")
	b.is(`document.querySelector("[data-part=traffic] .day").dataset.day === "2026-05-06"`)

	// Kinds and failures.
	b.click(test("traffic-slack"))
	b.click(test("traffic-envelope"))
	b.is(fmt.Sprintf(`(r => r.length > 0 && r.every(e => e.classList.contains("cloud")))([...document.querySelectorAll(%s)])`, js(seenRows)))
	b.click(test("traffic-slack"))
	b.click(test("traffic-envelope"))
	b.sees(seenRows + ".slack")
	b.click(test("traffic-failed"))
	b.not(seenRows)
	b.sees(test("traffic-unfound"))
	b.not(`[data-part="traffic"] .day`)
	b.click(test("traffic-failed"))

	// A search without hits says so.
	b.write("#traffic-search", "no such thing")
	b.sees(test("traffic-unfound"))
	b.write("#traffic-search", "DescribeSnapshots")
	b.not(test("traffic-unfound"))
	b.is(fmt.Sprintf(`(r => r.length > 0 && r.every(e => e.dataset.name === "DescribeSnapshots"))([...document.querySelectorAll(%s)])`, js(seenRows)))
	b.write("#traffic-search", " ")

	// The newest entry, opened, is in sight; its JSON opens in turn.
	b.do(`(l => l.scrollTop = l.scrollHeight)(document.querySelector("[data-part=traffic]"))`)
	b.click(seenRows + " summary")
	b.sees(seenRows + " .entry-body .json")
	b.is(`(([list, body]) => body.top >= list.top && body.top + 40 <= list.bottom)(["[data-part=traffic]", "details[open] > .entry-body"].map(q => document.querySelector(q).getBoundingClientRect()))`)
	if marker := eval[string](b, `getComputedStyle(document.querySelector(".entry-body .json summary")).display`); marker != "list-item" {
		t.Errorf("a part of the JSON shows no sign that it opens: it is displayed as %s", marker)
	}
	b.click(seenRows + " .entry-body .json details[open] > summary")
	b.shot("opened")

	// What fails says why, whole, where one points at it.
	s.post("/world/fault", `{"on":true,"what":"region_down","region":"cn-shanghai"}`, nil)
	b.sees(`.entry.failed summary[title*="ServiceUnavailable"]`, "Service")
	if cut := eval[bool](b, `(e => e.scrollWidth > e.clientWidth && e.clientWidth < 150)(`+one(".entry.failed .what")+`)`); cut {
		t.Error("the name of a failed call gives way to its status")
	}
	b.click(test("traffic-log"))
	b.sees(test("log"), "time=2026-05-07")
	b.click(test("traffic-log"))
	b.click(test("traffic-clear"))
	b.not(seenRows + ".failed")
}
