package handlers

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// words splits what was typed after the command's name. A word in quotes, of
// whatever kind, may have blanks; the last quote may be missing. What Slack made
// of the text on its way (links, mentions, entities) is undone first.
func words(text string) []string {
	var all []string
	rest := strings.TrimLeftFunc(unmangled(text), blank)
	for rest != "" {
		var word string
		if end, ok := closing(rest); ok {
			word, rest = quoted(rest, end)
			word = strings.TrimFunc(word, blank)
		} else {
			n := strings.IndexFunc(rest, blank)
			if n < 0 {
				n = len(rest)
			}
			word, rest = rest[:n], rest[n:]
		}
		if word != "" {
			all = append(all, word)
		}
		rest = strings.TrimLeftFunc(rest, blank)
	}
	return all
}

// blank is a space of any kind, or a character that nobody sees.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// quotes are opening quotation marks with the ones that close them. Keyboards
// and editors make smart ones of plain ones, and not always in pairs.
const quotes = "\"“”„«»「」『』"

// closing gives the marks that end a word in quotes, false where s begins with
// none. An apostrophe opens nothing: names may begin with one.
func closing(s string) (string, bool) {
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '"', '“', '”', '„', '«', '»':
		return "\"“”«»", true
	case '「':
		return "」", true
	case '『':
		return "』", true
	}
	return "", false
}

// quoted takes the word in quotes from the beginning of s.
func quoted(s, end string) (word, rest string) {
	_, size := utf8.DecodeRuneInString(s)
	s = s[size:]
	i := strings.IndexAny(s, end)
	if i < 0 {
		return s, ""
	}
	_, size = utf8.DecodeRuneInString(s[i:])
	return s[:i], s[i+size:]
}

// quote writes a word so that words reads it as one.
func quote(word string) string {
	if word != "" && !strings.ContainsFunc(word, blank) && !strings.ContainsAny(word, quotes) {
		return word
	}
	if !strings.ContainsAny(word, "\"“”«»") {
		return `"` + word + `"`
	}
	return "「" + word + "」"
}

// unmangled undoes what Slack does to a command's text: <http://a.b|a.b> is
// a.b again, <@U1|lin> is @lin, &amp; is &. Other angle brackets are the
// person's own. Source: https://docs.slack.dev/messaging/formatting-message-text
func unmangled(s string) string {
	return entities.Replace(token.ReplaceAllStringFunc(s, label))
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// token is what Slack makes of a person, a channel, a group or an address, with
// or without a label.
var token = regexp.MustCompile(`<(@[UW][0-9A-Z]+|#[CGD][0-9A-Z]+|!(?:here|channel|everyone|subteam\^[0-9A-Z]+)|` +
	`https?://[^<>|]+|mailto:[^<>|]+|tel:[^<>|]+)(?:\|([^<>]*))?>`)

// label is what a person typed for a token.
func label(whole string) string {
	m := token.FindStringSubmatch(whole)
	target, shown := m[1], m[2]
	switch target[0] {
	case '@', '#':
		return target[:1] + cmp.Or(shown, target[1:])
	case '!':
		return "@" + cmp.Or(strings.TrimPrefix(shown, "@"), target[1:])
	}
	return cmp.Or(shown, strings.TrimPrefix(strings.TrimPrefix(target, "mailto:"), "tel:"))
}
