package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// Who and what the story is about, in the stub servers' terms.
const (
	lin      = "U0000000001" // Asia/Shanghai, zh-CN
	mary     = "U0000000002" // America/New_York, en-US
	instance = "i-bp1web01classic0001"

	chooseButton     = "choose"
	rescheduleButton = "reschedule"
)

// A step is one thing that happens, and what is shown of it.
type step struct {
	title words
	play  func(*scene, context.Context) error
}

// story is the whole, in order.
func story() []step {
	return []step{
		{words{"Alibaba Cloud announces a migration. The next poll finds it, and the team's channel gets a card.",
			"阿里云发出迁移通知。机器人在下一次轮询时发现它，并在团队频道发出卡片。"}, (*scene).announced},
		{words{"Somebody chooses a time in a form. The choice is kept at once; the cloud is asked afterwards.",
			"有人在表单中选择时间。选择先被保存，然后才请求阿里云。"}, (*scene).chosen},
		{words{"The event is read back with that time: only now it counts as confirmed, on the same card.",
			"重新读取事件，确认时间一致后，同一张卡片才显示已确认。"}, (*scene).confirmed},
		{words{"A command lists what is pending, by deadline. Only its author sees the answer.",
			"用命令按最晚可预约时间列出待处理的迁移，只有自己能看到。"}, (*scene).listed},
		{words{"A command moves the migration. A time without a zone is in the zone of its author's profile.",
			"用命令修改时间。没有写时区的时间，按本人 Slack 资料中的时区理解。"}, (*scene).rescheduled},
		{words{"Time passes: the migration starts, and the card follows.",
			"时间到了：迁移开始执行，卡片随之更新。"}, (*scene).executing},
		{words{"A quarter of an hour later it is over.",
			"约15分钟后，迁移完成。"}, (*scene).executed},
	}
}

func (s *scene) announced(ctx context.Context) error {
	planned := s.clock.Now().Add(72 * time.Hour)
	event, err := s.cloud.Announce(ecsstub.EventSpec{InstanceID: instance, NotBefore: planned})
	if err != nil {
		return err
	}
	s.event = event
	s.clock.Advance(pollEvery)
	if err := s.settled(ctx, pollEvery, "the card", 0, offers(chooseButton)); err != nil {
		return err
	}
	s.showCalls(true)
	s.showCard(s.me, s.card.Blocks)
	return nil
}

func (s *scene) chosen(ctx context.Context) error {
	// The cloud takes its time, so that the card is seen waiting for it.
	slow := ecsstub.Fault{Kind: ecsstub.FaultDelay, Action: "ModifySystemEventAttribute", Delay: 500 * time.Millisecond, Times: 1}
	if _, err := s.cloud.Inject(slow); err != nil {
		return err
	}
	before := len(s.card.Versions)
	if err := s.click(chooseButton); err != nil {
		return err
	}
	view, field, err := s.form(ctx)
	if err != nil {
		return err
	}
	if err := s.submit(view, field, s.day(2, 3)); err != nil {
		return err
	}
	return s.until(ctx, 0, "the card that waits for the cloud", func() bool {
		if !s.findCard() {
			return false
		}
		for _, v := range s.card.Versions[min(before, len(s.card.Versions)):] {
			if waits(v.Blocks) {
				s.showCard(s.me, head(v.Blocks))
				return true
			}
		}
		return false
	})
}

func (s *scene) confirmed(ctx context.Context) error {
	if err := s.settled(ctx, time.Second, "the confirmation", 2, offers(rescheduleButton)); err != nil {
		return err
	}
	s.showCalls(false)
	s.showCard(s.me, head(s.card.Blocks))
	s.showThread()
	s.showCard(s.other, head(s.card.Blocks))
	return nil
}

func (s *scene) listed(ctx context.Context) error { return s.types(ctx, "/ecs-migrate list") }

func (s *scene) rescheduled(ctx context.Context) error {
	when := s.day(1, 2).In(s.me.zone).Format("2006-01-02 15:04")
	if err := s.types(ctx, "/ecs-migrate reschedule "+instance+" "+when); err != nil {
		return err
	}
	if err := s.settled(ctx, time.Second, "the second confirmation", 2, offers(rescheduleButton)); err != nil {
		return err
	}
	s.showCalls(false)
	s.showCard(s.me, head(s.card.Blocks))
	s.showThread()
	return nil
}

func (s *scene) executing(ctx context.Context) error {
	event, known := s.cloud.Event(s.event)
	if !known {
		return errors.New("the cloud has forgotten the event")
	}
	return s.runs(ctx, event.NotBefore.Add(time.Minute), ecsstub.Executing, head)
}

func (s *scene) executed(ctx context.Context) error {
	whole := func(blocks []object) []object { return blocks }
	return s.runs(ctx, s.clock.Now().Add(20*time.Minute), ecsstub.Executed, whole)
}

// runs moves the clock to a moment at which the event has a certain status, and
// shows what the card makes of it.
func (s *scene) runs(ctx context.Context, to time.Time, status string, part func([]object) []object) error {
	before := s.card.Seq
	s.clock.Advance(to.Sub(s.clock.Now()))
	s.moved(s.me.written(s.clock.Now()) + " (" + s.me.zone.String() + ")")
	err := s.settled(ctx, pollEvery, "the card of an event in status "+status, 1, func(m slackstub.Message) bool {
		event, _ := s.cloud.Event(s.event)
		return event.Status == status && m.Seq > before && waits(m.Blocks)
	})
	if err != nil {
		return err
	}
	s.showCalls(true)
	s.showCard(s.me, part(s.card.Blocks))
	s.showThread()
	return nil
}

// day is an hour of a day from now in the zone of the one who acts.
func (s *scene) day(days, hour int) time.Time {
	now := s.clock.Now().In(s.me.zone)
	return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, s.me.zone)
}

// storyCommand tells the story: the page's --script.
type storyCommand struct {
	Lang    string
	Verbose bool
}

// Run tells the story once.
func (c storyCommand) Run(ctx context.Context, p program) error {
	log := &logTail{}
	if c.Verbose {
		log.also = p.stderr
	}
	me, other, err := c.readers()
	if err != nil {
		return err
	}
	s := &scene{stage: stage{p.stdout, p.colour, c.Lang}, me: me, other: other}
	s.lines(wrap(prologue.in(c.Lang), columns)...)
	err = s.tell(ctx, log)
	switch {
	case ctx.Err() != nil:
		return errors.New("the story was stopped before its end; nothing is left behind")
	case err != nil:
		return log.explain(err)
	}
	s.lines(strings.Split("\n"+epilogue.in(c.Lang), "\n")...)
	return nil
}

// tell plays every step in a world of its own.
func (s *scene) tell(ctx context.Context, log io.Writer) (err error) {
	start := time.Date(2024, 5, 1, 9, 30, 0, 0, s.me.zone)
	s.world, err = openWorld(ctx, worldOptions{start: start, lang: s.lang, poll: pollEvery, log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for i, step := range story() {
		s.title(i+1, step.title, s.me.written(s.clock.Now())+" ("+s.me.zone.String()+")")
		if err := s.within(func(ctx context.Context) error { return step.play(s, ctx) }); err != nil {
			return fmt.Errorf("step %d of the story failed: %w", i+1, err)
		}
	}
	return nil
}

// readers are who acts in a language, and somebody who reads along elsewhere.
func (c storyCommand) readers() (me, other reader, err error) {
	ids := [2]string{mary, lin}
	if c.Lang == chineseLang {
		ids = [2]string{lin, mary}
	}
	var found [2]reader
	for _, u := range slackstub.DefaultUsers() {
		for i, id := range ids {
			if u.ID != id {
				continue
			}
			zone, err := time.LoadLocation(u.TZ)
			if err != nil {
				return me, other, fmt.Errorf("load the zone of %s: %w", u.Name, err)
			}
			found[i] = reader{id: id, name: u.RealName, zone: zone, lang: englishLang}
			if strings.HasPrefix(u.Locale, "zh") {
				found[i].lang = chineseLang
			}
		}
	}
	return found[0], found[1], nil
}
