package main

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A reader is who looks at a message: moments stand in their zone and language.
type reader struct {
	id    string // Slack user id
	name  string
	lang  string // en or zh-CN
	zone  *time.Location
	now   time.Time              // what "today" is
	named func(id string) string // the name of a person or channel, empty if unknown
}

var (
	token    = regexp.MustCompile(`<([^<>]*)>`)
	boldText = regexp.MustCompile(`\*([^*\n]+)\*`)
	leaning  = regexp.MustCompile(`\b_([^_\n]+)_\b`)
	codeText = regexp.MustCompile("`([^`\n]+)`")
	emoji    = regexp.MustCompile(`:([a-z0-9_+-]+):`)
	dateWord = regexp.MustCompile(`\{([a-z_]+)\}`)
)

// mrkdwn is a text as Slack would show it. Source:
// https://docs.slack.dev/messaging/formatting-message-text
func (r reader) mrkdwn(s string) string {
	s = emojis(clean(s))
	s = boldText.ReplaceAllString(s, string(bold)+"$1"+string(plain))
	s = leaning.ReplaceAllString(s, "$1")
	s = codeText.ReplaceAllString(s, "$1")
	return unescape(token.ReplaceAllStringFunc(s, func(t string) string { return r.token(t[1 : len(t)-1]) }))
}

// plainText is a plain_text object's text: emoji, but no markup.
func (r reader) plainText(s string) string { return unescape(emojis(clean(s))) }

// unescape is the last step, so that what it makes is read as nothing else.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// token shows what stands between < and >.
func (r reader) token(t string) string {
	what, label, labelled := strings.Cut(t, "|")
	switch {
	case strings.HasPrefix(what, "!date^"):
		return r.date(strings.Split(what, "^")[1:], label)
	case labelled:
		return label
	case strings.HasPrefix(what, "@"), strings.HasPrefix(what, "#"):
		if name := r.named(what[1:]); name != "" {
			return what[:1] + name
		}
		return what
	case strings.HasPrefix(what, "!"):
		return "@" + what[1:]
	}
	return what
}

// date shows a moment: its parts are the Unix time, the format and, perhaps, a
// link. What cannot be read shows its fallback.
func (r reader) date(parts []string, fallback string) string {
	if len(parts) < 2 {
		return fallback
	}
	seconds, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return fallback
	}
	at, known := time.Unix(seconds, 0).In(r.zone), true
	shown := dateWord.ReplaceAllStringFunc(parts[1], func(word string) string {
		text, ok := r.dateWord(at, strings.Trim(word, "{}"))
		known = known && ok
		return text
	})
	if !known {
		return fallback
	}
	return shown
}

// dateWord fills one of the tokens of a date's format. Clients show hours as
// their reader likes; here English ones count to 12.
func (r reader) dateWord(at time.Time, word string) (text string, known bool) {
	if base, pretty := strings.CutSuffix(word, "_pretty"); pretty {
		if day := r.nearby(at); day != "" {
			return day, true
		}
		word = base
	}
	english, chinese := "", ""
	switch word {
	case "date_num":
		english, chinese = "2006-01-02", "2006-01-02"
	case "date", "date_short":
		english, chinese = "Jan 2, 2006", "2006年1月2日"
	case "date_long":
		english, chinese = "Monday, January 2, 2006", "2006年1月2日"
	case "time":
		english, chinese = "3:04 PM", "15:04"
	case "time_secs":
		english, chinese = "3:04:05 PM", "15:04:05"
	default:
		return "", false
	}
	if r.lang == chineseLang {
		return at.Format(chinese), true
	}
	return at.Format(english), true
}

// nearby names the day of at, if it has a name today.
func (r reader) nearby(at time.Time) string {
	names := [...]words{{"yesterday", "昨天"}, {"today", "今天"}, {"tomorrow", "明天"}}
	for i, name := range names {
		day := r.now.In(r.zone).AddDate(0, 0, i-1)
		if day.Format(time.DateOnly) == at.Format(time.DateOnly) {
			return name.in(r.lang)
		}
	}
	return ""
}

// emojis shows those that the bot uses; others keep their names.
func emojis(s string) string {
	return emoji.ReplaceAllStringFunc(s, func(name string) string {
		switch strings.Trim(name, ":") {
		case "warning":
			return "⚠"
		case "hourglass_flowing_sand":
			return "⏳"
		case "x":
			return "❌"
		case "calendar":
			return "📅"
		case "gear":
			return "⚙"
		case "white_check_mark":
			return "✅"
		}
		return name
	})
}
