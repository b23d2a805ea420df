package config

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v3"
)

// shortestPoll keeps a poll from meeting the next one and the cloud's limits,
// which are counted by the minute for each account, region and call.
const shortestPoll = 10 * time.Second

const pollExample = `poll: "@every 1m"`

// poll reads n, or the default where the key is absent.
func (t *tree) poll(n *yaml.Node, text string, zone *time.Location) Poll {
	if n != nil {
		var ok bool
		if text, ok = t.text(n, "poll", pollExample); !ok {
			return Poll{}
		}
	} else {
		n = &yaml.Node{}
	}
	const remedy = `Write "@every 1m", or five fields such as "*/5 * * * *": minute, hour, day of month, month, day of week`
	schedule, problem := parseSchedule(text, zone)
	if problem != "" {
		t.fault(n, "poll", quote(text)+" "+problem, remedy)
		return Poll{}
	}
	if every, ok := schedule.(cron.ConstantDelaySchedule); ok && every.Delay < shortestPoll {
		t.fault(n, "poll", quote(text)+" is more often than every 10s, and the cloud counts and limits calls by the minute",
			`Write "@every 10s" or slower; events are announced hours ahead, so "@every 1m" is plenty`)
		return Poll{}
	}
	return Poll{Text: text, Schedule: schedule}
}

// parseSchedule reads a cron expression; one without a zone of its own is
// meant in the given zone. The problem continues a sentence about the text.
func parseSchedule(text string, zone *time.Location) (schedule cron.Schedule, problem string) {
	ownZone := strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ=")
	if ownZone && !strings.Contains(text, " ") {
		return nil, "names a time zone and no times" // ParseStandard would panic
	}
	schedule, err := cron.ParseStandard(text)
	if err != nil {
		return nil, "is no schedule (" + shorten(err.Error()) + ")"
	}
	if spec, ok := schedule.(*cron.SpecSchedule); ok {
		if !ownZone {
			spec.Location = zone
		}
		// The answer for a schedule that never comes, such as 30 February, is
		// the same from any moment.
		if spec.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
			return nil, "never comes"
		}
	}
	return schedule, ""
}
