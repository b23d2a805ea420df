package notifier

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// escape makes text from outside safe and readable on one line of a message.
// Slack reads &, < and > as the beginning of an entity, a mention or a link
// (https://docs.slack.dev/messaging/formatting-message-text#escaping). Line
// breaks become spaces; control, direction and other invisible characters,
// which could reorder or hide what follows, are dropped.
func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		default:
			if r = visible(r); r >= 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

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
