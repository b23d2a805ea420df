package notifier

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// escape makes text from outside safe and readable on one line of a message, where
// Slack reads markup: entities (see entities), and what would make it bold, a
// quotation or an emoji.
func escape(s string) string { return special.Replace(unmarked(s)) }

// entities makes text from outside safe where Slack reads no markup, as in code,
// and addresses. Slack reads &, < and > as the beginning of an entity, a mention
// or a link (https://docs.slack.dev/messaging/formatting-message-text#escaping).
// Line breaks become spaces; control, direction and other invisible characters,
// which could reorder or hide what follows, are dropped.
func entities(s string) string { return special.Replace(strings.Map(visible, s)) }

var special = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Slack documents no way to show *, _, ~, ` or :fire: as they are in text with
// markup: its three escapes are for &, < and >. So characters that look alike stand
// in for them, where they could begin or end something, which they cannot within a
// word: web_01 stays as it is. A colon is parted from what would be an emoji's
// name by a space of no width. plain undoes it where Slack reads no markup.
const (
	apart = '\u200b' // ZERO WIDTH SPACE

	likeStar, likeLine, likeWave, likeTick, likeQuote = '∗', 'ˍ', '∼', '\'', '＞'
)

var alike = map[rune]rune{'*': likeStar, '_': likeLine, '~': likeWave}

// unmarked takes the meaning from what Slack would read as markup.
func unmarked(s string) string {
	seen := make([]rune, 0, len(s))
	for _, r := range s {
		if r = visible(r); r >= 0 {
			seen = append(seen, r)
		}
	}
	word := func(i int) bool {
		return i >= 0 && i < len(seen) && (unicode.IsLetter(seen[i]) || unicode.IsDigit(seen[i]))
	}
	var b strings.Builder
	b.Grow(len(s))
	named := 0 // behind the colon before which it was looked for an emoji's name
	for i, r := range seen {
		switch like, marks := alike[r]; {
		case marks && !(word(i-1) && word(i+1)):
			r = like
		case r == '`':
			r = likeTick
		case r == '>' && strings.TrimSpace(b.String()[:min(b.Len(), 8)]) == "":
			r = likeQuote // at the beginning of a line it makes a quotation, escaped or not
		}
		b.WriteRune(r)
		if r != ':' || i < named {
			continue
		}
		for named = i + 1; named < len(seen) && emojiName(seen[named]); named++ {
		}
		if named < len(seen) && seen[named] == ':' && isEmoji(seen[i+1:named]) {
			b.WriteRune(apart)
		}
	}
	return b.String()
}

// isEmoji tells whether an emoji may be called so. Digits alone are parts of times
// and addresses, but for two.
func isEmoji(name []rune) bool {
	s := string(name)
	return s == "100" || s == "1234" || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}

// emojiName tells whether an emoji's name may have the character.
func emojiName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '+' || r == '-' || r == '\''
}

// marks are what unmarked put in place of markup.
var marks = strings.NewReplacer(string(apart), "", string(likeStar), "*", string(likeLine), "_", string(likeWave), "~", string(likeQuote), "&gt;")

// visible is what a person sees of a character: itself, a space, or nothing
// (negative).
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
		return ' '
	case r == '\u200d': // joins emoji; orders and hides nothing
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
		return -1
	}
	return r
}

// cut shortens text from outside to n characters that a person sees, the last of
// them an ellipsis where something is missing. Cut before escaping. It reads no
// further than it must: a reason may be megabytes long.
func cut(s string, n int) string {
	var b strings.Builder
	end, count := 0, 0 // end: where the ellipsis would go
	for _, r := range s {
		if r = visible(r); r < 0 {
			continue
		}
		if count == n-1 {
			end = b.Len()
		}
		if count++; count > n {
			return b.String()[:end] + ellipsis
		}
		b.WriteRune(r)
	}
	return b.String()
}

// clip shortens finished message text to n characters, as Slack counts them
// against its limits. Unlike cut it never ends inside an entity (&amp;) or a
// token (<!date^…>).
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	var end, count int // end: the last place to cut that leaves room for the ellipsis
	for i := 0; i < len(s) && count < n; {
		end = i
		size, runes := unit(s[i:])
		i += size
		count += runes
	}
	return s[:end] + ellipsis
}

// unit measures, in bytes and characters, what stands at the beginning of s and
// must not be cut apart.
func unit(s string) (size, runes int) {
	var last byte
	switch s[0] {
	case '&':
		last = ';'
	case '<':
		last = '>'
	default:
		_, size = utf8.DecodeRuneInString(s)
		return size, 1
	}
	if i := strings.IndexByte(s, last); i > 0 {
		return i + 1, utf8.RuneCountInString(s[:i+1])
	}
	return 1, 1
}
