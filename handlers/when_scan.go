package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// parts are what a text tells of a time; each stands in it at most once.
type parts struct {
	text string // as it was written

	after  *span
	day    func(today civil) (days []civil, ahead bool)
	either func(today civil) []civil // the readings of a date that has several
	clock  *clockTime
	part   dayPart
	zone   *time.Location
}

// maxWhen is how long a text, in bytes, may be and still be a time.
const maxWhen = 200

// scan takes a text apart into what it tells of a time.
func scan(text string) (*parts, error) {
	p := &parts{text: strings.TrimSpace(text)}
	if len(text) > maxWhen {
		return nil, p.unclear(WhyUnread)
	}
	rest := strings.TrimSpace(even(text))
	for rest != "" {
		n, err := p.one(rest)
		if err != nil {
			return nil, err
		}
		rest = strings.TrimLeft(rest[n:], " ")
	}
	return p, nil
}

// one reads the part at the beginning of s and tells its length.
func (p *parts) one(s string) (int, error) {
	lower := asciiLower(s)
	for _, r := range rules {
		m := r.pattern.FindStringSubmatchIndex(lower)
		if m == nil {
			continue
		}
		groups := make([]string, len(m)/2)
		for i := range groups {
			if m[2*i] >= 0 {
				groups[i] = s[m[2*i]:m[2*i+1]] // as written: names of zones have capitals
			}
		}
		if ok, err := r.take(p, groups); err != nil {
			return 0, err
		} else if ok {
			return m[1], nil
		}
	}
	return 0, p.unclear(WhyUnread, p.near()...)
}

// near are accepted forms of texts that are often written and not read.
func (p *parts) near() []string {
	if s := asciiLower(even(p.text)); bareSpan.MatchString(s) {
		return []string{"+" + strings.ReplaceAll(s, " ", "")}
	}
	return nil
}

// rule is one form that a part of a time may have. take is given what the
// pattern's groups matched; it is false where the match is something else after
// all.
type rule struct {
	pattern *regexp.Regexp
	take    func(p *parts, g []string) (bool, error)
}

func at(pattern string, take func(p *parts, g []string) (bool, error)) rule {
	return rule{regexp.MustCompile("^(?:" + pattern + ")"), take}
}

// Pieces of the patterns.
const (
	number  = `(\d{1,2}|[〇零一二两三四五六七八九十]{1,3})`
	unit    = `(?:weeks?|w|days?|d|hours?|hrs?|hr|h|minutes?|mins?|min|m)`
	unitZH  = `(?:小时|钟头|分钟|天|周|星期|礼拜)`
	months  = `(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	weekday = `(mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)`
)

// rules are tried in this order: the longer form of two that begin alike first.
var rules = []rule{
	at(`(?:\+ ?|in )(\d{1,5} ?`+unit+`(?: ?\d{1,5} ?`+unit+`)*)(\w?)`, (*parts).takeAfter),
	at(`((?:(?:\d{1,5}|[一二两三四五六七八九十]{1,3})? ?个?半?个?`+unitZH+`)+)(?:以后|之后|后)`, (*parts).takeAfterZH),
	at(`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:t|\b)`, (*parts).takeDate),
	at(`(\d{4}) ?年 ?`+number+` ?月 ?`+number+`(?: ?[日号])?`, (*parts).takeDate),
	at(number+` ?月 ?`+number+`(?: ?[日号])?`, (*parts).takeMonthDay),
	at(`(\d{1,2})(?:st|nd|rd|th)? (?:of )?`+months+`\b\.?(?:,? (\d{4})\b)?`, (*parts).takeDayMonth),
	at(months+`\b\.? (\d{1,2})(?:st|nd|rd|th)?\b(?:,? (\d{4})\b)?`, func(p *parts, g []string) (bool, error) {
		return p.takeDayMonth([]string{g[0], g[2], g[1], g[3]})
	}),
	at(`(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\b`, (*parts).takeEither),
	at(`(next |this )?`+weekday+`\b`, (*parts).takeWeekday),
	at(`(下下个?|下个?|本|这个?)?(?:周|星期|礼拜)([一二三四五六日天])`, (*parts).takeWeekdayZH),
	at(`(大后天|后天|明天|明日|明晚|明早|今天|今日|今晚|今早|(?:today|tonight|tomorrow|tmrw|tmr)\b)`, (*parts).takeDayWord),
	at(`(\d{1,2}):(\d{2})(?::(\d{2}))?`, (*parts).takeClock),
	at(`(\d{1,2}) ?(am|pm|a\.m\.|p\.m\.)`, func(p *parts, g []string) (bool, error) {
		if ok, err := p.takeClock([]string{"", g[1], "0", ""}); !ok || err != nil {
			return ok, err
		}
		return p.takePart(g[1:])
	}),
	at(number+` ?[点时](?:钟|整|(半)|(一刻)|(三刻)|(\d{2}|`+number+`分) ?分?(?:`+number+`秒)?)?`, (*parts).takeClockZH),
	at(`((?:am|pm)\b|a\.m\.|p\.m\.|凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)`, (*parts).takePart),
	at(`(?:utc|gmt)? ?([+-])(\d{1,2})(?::?(\d{2}))?\b`, (*parts).takeOffset),
	at(`(北京时间|(?:utc|gmt|z|[a-z_]+(?:/[a-z0-9_+-]+)+)(?:\b|$))`, (*parts).takeZone),
	at(`(?:(?:at|on)\b|[,.在于的])`, func(*parts, []string) (bool, error) { return true, nil }),
	at(`[a-z]{2,5}$`, func(p *parts, _ []string) (bool, error) {
		if p.clock == nil {
			return false, nil
		}
		return false, p.unclear(WhyZone) // CST and its like: several zones share the letters
	}),
}

// bareSpan is +3h without its plus, which might as well be an hour of the day.
var bareSpan = regexp.MustCompile(`^(?:\d{1,5} ?` + unit + ` ?)+$`)

// even takes the differences out of a text that make none: full-width and
// traditional characters, kinds of blanks and dashes, and what nobody sees.
func even(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000' || unicode.IsSpace(r):
			return ' '
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '−' || r >= '‐' && r <= '―':
			return '-'
		case r == '∶' || r == '︰':
			return ':'
		case r == '、':
			return ','
		case unicode.In(r, unicode.Cf, unicode.Cc):
			return -1
		}
		return r
	}, simplified.Replace(s))
}

// simplified knows the traditional characters that times are written with.
var simplified = strings.NewReplacer(
	"點", "点", "時", "时", "後", "后", "週", "周", "號", "号", "禮", "礼", "鐘", "钟", "兩", "两", "個", "个", "間", "间", "裡", "里",
)

// asciiLower keeps the length of every character, unlike strings.ToLower.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// count reads a number in digits or in Chinese up to 99; -1 where it is none.
func count(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	const digits = "零一二三四五六七八九"
	n, ten := 0, false
	for _, r := range strings.NewReplacer("〇", "零", "两", "二").Replace(s) {
		i := strings.IndexRune(digits, r)
		switch {
		case r == '十' && !ten:
			n, ten = max(n, 1)*10, true
		case i >= 0 && n%10 == 0:
			n += i / len("零")
		default:
			return -1
		}
	}
	return n
}
