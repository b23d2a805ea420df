//go:build browser

package main

import (
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
)

// spoken are the words that the story looks for, in the channels' language.
type spoken struct {
	unreserved, confirmed, told, executing, executed, done, list string
}

var speech = map[string]spoken{
	englishLang: {
		unreserved: "No time reserved", confirmed: "Confirmed", told: "Confirmed by Alibaba Cloud", executing: "Running", executed: "Finished", done: "Done", list: "Open migrations by deadline",
	},
	chineseLang: {
		unreserved: "尚未预约", confirmed: "预约已确认", told: "阿里云已确认", executing: "执行中", executed: "已执行", done: "已完成", list: "按最晚可预约时间",
	},
}

// A whole migration as people live through it, clicked in a browser in both
// languages: announced, reserved by form, moved by command, refused, run, and
// followed up, with the bot killed on the way.
func TestBrowserTellsTheStory(t *testing.T) {
	for lang, me := range map[string]string{englishLang: olivia, chineseLang: lin} {
		t.Run(lang, func(t *testing.T) {
			s := serve(t, playgroundOptions{language: lang})
			b := browse(t, s, lang)
			words := speech[lang]
			b.act(me)
			b.click(place(webChannel))

			// The migration that waits from the start.
			first := s.firstEvent()
			card := b.card("web-01", words.unreserved)
			b.shot("card")
			b.click(card + ` [data-action-id="choose"]`)
			b.sees(form + test("form-submit"))
			b.shot("form")

			// Too late a time is refused on its field, and the form stays.
			const picker = form + `input[type="datetime-local"]`
			earlier := func(by time.Duration) time.Time { return first.InitialNotBefore.Add(-by) }
			planned := func() time.Time { e, _ := s.cloud.Event(first.ID); return e.NotBefore }
			b.pick(picker, b.local(me, earlier(-24*time.Hour)))
			b.click(form + test("form-submit"))
			b.sees(form + "[data-error-for]:not(:empty)")
			b.shot("form-error")
			b.pick(picker, b.local(me, earlier(24*time.Hour)))
			b.click(form + test("form-submit"))
			b.not(form + test("form-submit"))
			b.card("web-01", words.confirmed)
			if !planned().Equal(earlier(24 * time.Hour)) {
				t.Errorf("the cloud plans %s", planned())
			}

			// What happened is told in the card's thread.
			b.click(card + " " + test("replies"))
			b.sees(thread+"[data-message-ts]", words.told)
			b.shot("thread")
			b.click(test("close-thread"))
			b.not(thread + "[data-message-ts]")

			// A command's answer is its author's alone.
			b.types("/ecs-migrate list")
			b.sees(whisper, words.list, "web-01")
			b.shot("list")
			b.act(mary)
			b.not(whisper, words.list)
			b.act(me)
			b.types("/ecs-migrate reschedule web-01 " + strings.Replace(b.local(me, earlier(30*time.Hour)), "T", " ", 1))
			b.until("the cloud plans the second time", func() bool { return planned().Equal(earlier(30 * time.Hour)) })
			b.card("web-01", words.confirmed)

			// What passed between the bot and the servers, with what was said.
			b.pane("traffic")
			entry := `[data-traffic][data-name="ModifySystemEventAttribute"]`
			b.until("the call is open", func() bool { // the list moves on with what happens
				b.click(entry + " summary")
				return eval[bool](b, one(entry)+`.querySelector("details").open`)
			})
			b.sees(entry, "NotBefore", first.ID)
			for _, secret := range []string{s.slack.BotToken(), s.slack.AppToken(), ecsstub.DefaultKeyID, "stub-verification-token"} {
				if strings.Contains(eval[string](b, `document.documentElement.outerHTML`), secret) {
					t.Errorf("the page shows %s", secret)
				}
			}
			b.do(one(entry) + `.scrollIntoView({block: "start"})`)
			b.shot("traffic")
			b.pane("cloud")

			// Who may only look is told so, and nothing comes of it.
			b.pane("workspace")
			b.act("U0000000003")
			b.click(card + ` [data-action-id="reschedule"]`)
			b.sees(whisper, "operator") // in his own language
			b.shot("not-allowed")
			b.act(me)

			// A killed bot answers nobody. Started again, it goes on.
			b.pane("cloud")
			b.click(test("bot-kill"))
			b.sees(test("bot-state") + `[data-state="stopped"]`)
			b.pane("workspace")
			b.types("/ecs-migrate help")
			b.sees(test("composer") + " .block-note")
			b.shot("killed")
			b.pane("cloud")
			b.click(test("bot-start"))
			b.sees(test("bot-state") + `[data-state="running"]`)
			b.sees(`[data-part="bot"] [data-region]`)

			// Another one, by a name that a careless page would obey.
			b.write(test("announce-name"), hostile)
			b.click(test("announce"))
			b.pane("workspace")
			b.card("<script>alert(1)</script> *bold* <!channel>", words.unreserved)
			if n := eval[int](b, `document.querySelectorAll("[data-part=timeline] :is(script, title)").length`); n != 0 {
				t.Errorf("%d elements came out of a name", n)
			}
			b.shot("hostile")

			// Time passes: it runs, and is over.
			b.until("the reserved one runs", func() bool {
				b.click(test("clock-next"))
				b.sees(test("clock-next") + ":not(:disabled)")
				e, _ := s.cloud.Event(first.ID)
				return e.Status == ecsstub.Executing
			})
			b.card("web-01", words.executing)
			b.pane("cloud")
			b.sees(`[data-event="` + first.ID + `"][data-status="Executing"]`)
			b.shot("cloud")
			b.click(test("clock-hour"))
			b.not(`[data-event="` + first.ID + `"]`)
			b.click(test("events-past"))
			b.sees(`[data-event="` + first.ID + `"][data-status="Executed"]`)
			b.pane("workspace")
			b.card("web-01", words.executed)
			b.do(one(rows, "web-01", words.executed) + `.scrollIntoView({block: "start"})`)
			b.shot("executed")

			// What is to do afterwards is ticked off and acknowledged: only then it is done.
			b.act(me)
			b.click(card + " " + test("replies"))
			b.click(thread + `[data-action-id="checklist"]`)
			b.sees(form + test("form-submit"))
			b.shot("checklist")
			b.tickAll()
			b.click(form + test("form-submit"))
			b.not(form + test("form-submit"))
			b.click(thread + `.primary[data-action-id="ack"]`) // the next step now
			b.sees(test("confirm"))
			b.shot("confirm")
			b.click(test("confirm") + ` [data-answer="yes"]`)
			b.not(thread + `[data-action-id="ack"]`)
			b.click(test("close-thread"))
			b.card("web-01", words.done)
			b.shot("done")
		})
	}
}

// Where things are on the page.
const (
	form    = `dialog[data-part="form"] `
	thread  = `[data-pane="thread"] `
	rows    = `[data-part="timeline"] [data-message-ts]`
	whisper = `[data-part="timeline"] .whisper`
)

// place is a channel in the list of them, or "home".
func place(id string) string { return `[data-place="` + id + `"]` }

// card waits for the message that shows all the words, and gives a selector of it.
func (b *browser) card(words ...string) string {
	b.t.Helper()
	b.sees(rows, words...)
	return `[data-part="timeline"] [data-message-ts="` + eval[string](b, one(rows, words...)+".dataset.messageTs") + `"]`
}

// tickAll ticks each box of the form in front that is not ticked yet.
func (b *browser) tickAll() {
	b.t.Helper()
	for range 50 {
		open := form + `input[type="checkbox"]:not(:checked)`
		if !eval[bool](b, "Boolean("+one(open)+")") {
			return
		}
		b.click(open)
	}
	b.t.Fatal("a box stays open")
}

// local is a moment as a person's own date and time field holds it.
func (b *browser) local(user string, at time.Time) string {
	b.t.Helper()
	for _, p := range cast() {
		if p.ID == user {
			zone, err := time.LoadLocation(p.TZ)
			if err != nil {
				b.t.Fatal(err)
			}
			return at.In(zone).Format("2006-01-02T15:04")
		}
	}
	b.t.Fatalf("nobody is %s", user)
	return ""
}

// until repeats something until it holds.
func (b *browser) until(what string, holds func() bool) {
	b.t.Helper()
	for late := time.Now().Add(seen); !holds(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(late) {
			b.t.Fatalf("never: %s\nthe page shows:\n%s", what, b.whole())
		}
	}
}
