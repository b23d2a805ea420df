package notifier

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// date is a moment that each reader sees in their own zone. Clients that cannot
// do that show it in the given zone, named.
// Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting
func date(t time.Time, zone *time.Location) mrkdwn {
	return mrkdwn(fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), written(t, zone)))
}

// written is a moment in digits with its zone: 2024-05-02 02:00 CST
// (UTC+08:00). It holds nothing to escape.
func written(t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	s := t.Format("2006-01-02 15:04")
	name, offset := t.Zone()
	switch {
	case offset == 0 && name == "UTC":
		return s + " UTC"
	case abbreviation.MatchString(name):
		return s + " " + name + " (UTC" + t.Format("-07:00") + ")"
	}
	return s + " UTC" + t.Format("-07:00")
}

// abbreviation tells a zone's letters from the digits that zones without
// letters have.
var abbreviation = regexp.MustCompile(`^[A-Z]{2,5}$`)

var userID = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)

// mention names a person so that Slack shows their name and tells them.
func mention(id string) mrkdwn {
	if !userID.MatchString(id) {
		return mrkdwn(escape(cut(id, maxID)))
	}
	return mrkdwn("<@" + id + ">")
}

var groupID = regexp.MustCompile(`^S[A-Z0-9]{1,30}$`)

// call names a person or a user group so that Slack tells them.
func call(id string) mrkdwn {
	if groupID.MatchString(id) {
		return mrkdwn("<!subteam^" + id + ">")
	}
	return mention(id)
}

// code is text from outside shown as code, a dash where there is none.
func code(s string) mrkdwn {
	if s == "" {
		s = "–"
	}
	return mrkdwn("`" + strings.ReplaceAll(entities(s), "`", "'") + "`")
}

// link is a link with a label. The address must be of our own making.
func link(url string, label mrkdwn) mrkdwn {
	return mrkdwn("<" + strings.ReplaceAll(entities(url), "|", "%7C") + "|" + strings.ReplaceAll(string(label), "|", "¦") + ">")
}
