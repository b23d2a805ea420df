package bot_test

import (
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// words are what a story expects to read, in each language.
type words struct {
	unreserved, requested, confirmed, executing, executed string
	asked, confirmedLine, executingLine, executedLine     string
	factsLine                                             string
}

var spoken = map[string]words{
	"en": {
		"No time reserved", "Requested, not confirmed yet", "Confirmed", "Running", "Finished",
		"asked for", "Confirmed by Alibaba Cloud", "Started", "Finished",
		"Read again after the run: 8 things changed",
	},
	"zh-CN": {
		"尚未预约", "已提交预约，等待确认", "预约已确认", "执行中", "已执行",
		"提交预约", "阿里云已确认", "开始执行", "已执行",
		"执行后已重新读取：有 8 项变化",
	},
}

func TestTheWholeStory(t *testing.T) {
	for lang, say := range spoken {
		t.Run(lang, func(t *testing.T) { wholeStory(t, lang, say) })
	}
}

func wholeStory(t *testing.T, lang string, say words) {
	w := newWorld(t, options{lang: lang})
	deadline := dawn.Add(72 * time.Hour)

	// Announced: the card stands in the team's channel.
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: deadline})
	w.poll()
	card := w.cardSays(event, say.unreserved)
	if card.Channel != web {
		t.Errorf("the card is in %s, want %s", card.Channel, web)
	}
	if !strings.Contains(card.Text, "web-01") || !strings.Contains(card.Text, "2024-05-04") {
		t.Errorf("a notification reads %q: it must tell what and when", card.Text)
	}

	// Mary chooses a time in the form. The cloud takes as long as it does, so
	// that the card says requested first.
	w.inject(ecsstub.Fault{Kind: ecsstub.FaultDelay, Action: modify, Delay: time.Second})
	w.click(mary, card, "choose")
	form := w.form(mary)
	chosen := time.Date(2024, 5, 3, 19, 0, 0, 0, time.UTC)
	if r := w.submit(mary, form, chosen); len(r.FieldErrors) > 0 || r.View != nil {
		t.Fatalf("the form says %v and stays open: %v", r.FieldErrors, r.View != nil)
	}
	if got := w.modified(1); got[0] != "2024-05-03T19:00:00Z" {
		t.Errorf("the cloud was asked for %s", got[0])
	}
	confirmed := w.cardSays(event, say.confirmed)
	if confirmed.TS != card.TS {
		t.Errorf("confirmed on message %s, want the card %s", confirmed.TS, card.TS)
	}
	if !showed(confirmed, say.requested) {
		t.Errorf("the card never said %q before it was confirmed", say.requested)
	}
	w.line(card, say.asked, "<@"+mary+">")
	w.line(card, say.confirmedLine, "<@"+mary+">")

	// Lin moves it by command, in her own zone.
	answer := w.command(lin, web, "/ecs-migrate reschedule "+web01+" 2024-05-02 02:00")
	if !containsAll(answer, []string{"2024-05-02 02:00", "Asia/Shanghai", "2024-05-01 18:00", "UTC"}) {
		t.Errorf("the answer tells not the time in both zones: %s", answer)
	}
	if got := w.modified(2); got[1] != "2024-05-01T18:00:00Z" {
		t.Errorf("the cloud was asked for %s", got[1])
	}
	w.line(card, say.confirmedLine, "<@"+lin+">")

	// It runs, and ends.
	w.clock.Advance(dawn.Add(16*time.Hour + time.Minute).Sub(w.clock.Now()))
	w.poll()
	w.cardSays(event, say.executing)
	w.line(card, say.executingLine)
	w.clock.Advance(20 * time.Minute)
	w.poll()
	w.cardSays(event, say.executed)
	w.line(card, say.executedLine)
	w.line(card, say.factsLine)

	// One card all along, and the thread tells it in order.
	cards := 0
	for _, m := range w.slack.Messages("") {
		if isCard(m, event) {
			cards++
		}
	}
	if cards != 1 {
		t.Errorf("%d cards, want the one", cards)
	}
	told := []string{say.asked, say.confirmedLine, say.asked, say.confirmedLine, say.executingLine, say.executedLine, say.factsLine}
	thread := w.lines(card)
	if len(thread) != len(told) {
		t.Errorf("%d lines in the thread, want %d", len(thread), len(told))
	}
	for i, line := range thread[:min(len(thread), len(told))] {
		if !strings.Contains(read(line), told[i]) {
			t.Errorf("line %d does not say %q: %s", i+1, told[i], read(line))
		}
	}
}

// showed tells whether any version of a message held the words.
func showed(m slackstub.Message, words string) bool {
	for _, v := range m.Versions {
		if strings.Contains(read(slackstub.Message{Blocks: v.Blocks}), words) {
			return true
		}
	}
	return false
}
