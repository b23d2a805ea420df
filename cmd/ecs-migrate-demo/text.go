package main

import (
	"strings"
	"unicode"
)

// A mark is a rune of no width that stands for a style until the next mark.
// Text keeps its marks while it is wrapped and padded; paint turns them into a
// terminal's colours, or drops them.
type mark rune

// The marks are private-use code points, which clean takes out of all text
// from outside.
const (
	plain mark = 0xE000 + iota
	bold
	dim
	cyan
	yellow
	red
	lastMark = red
)

// sequence is what a terminal is told (ECMA-48, select graphic rendition).
func (m mark) sequence() string {
	switch m {
	case bold:
		return "\x1b[1m"
	case dim:
		return "\x1b[2m"
	case cyan:
		return "\x1b[36m"
	case yellow:
		return "\x1b[33m"
	case red:
		return "\x1b[31m"
	}
	return "\x1b[0m"
}

func (m mark) of(s string) string { return string(m) + s + string(plain) }

func isMark(r rune) bool { return r >= rune(plain) && r <= rune(lastMark) }

// paint ends the marks of one line: as colours or not at all.
func paint(line string, colour bool) string {
	var out strings.Builder
	for _, r := range line {
		switch {
		case !isMark(r):
			out.WriteRune(r)
		case colour:
			out.WriteString(mark(r).sequence())
		}
	}
	return out.String()
}

// clean takes out what could steer a terminal or be taken for a mark.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if isMark(r) || r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}

// width is how many columns a terminal gives a text. Characters that are wide
// in some fonts only (East Asian Ambiguous in Unicode's UAX #11) count as one.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case isMark(r), unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

// isWide holds the blocks of wide characters that Chinese text and Slack's
// emoji are made of (UAX #11, W and F).
func isWide(r rune) bool {
	for _, span := range [...][2]rune{
		{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
		{0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
		{0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
	} {
		if r >= span[0] && r <= span[1] {
			return true
		}
	}
	return strings.ContainsRune("⏳⌛⏰✅❌❗❓➕⭐", r)
}

func pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-width(s)))
}

// wrap breaks a text into lines of at most so many columns: between words, and
// between any two Chinese characters. A style goes on in the next line.
func wrap(s string, columns int) []string {
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		lines = append(lines, wrapOne(paragraph, columns)...)
	}
	style := plain
	for i, line := range lines {
		start := style
		for _, r := range line {
			if isMark(r) {
				style = mark(r)
			}
		}
		if start != plain {
			lines[i] = string(start) + lines[i]
		}
		if style != plain {
			lines[i] += string(plain)
		}
	}
	return lines
}

// wrapOne wraps one paragraph. An item of a list hangs under its own text.
func wrapOne(s string, columns int) []string {
	if item, listed := strings.CutPrefix(s, "• "); listed && columns > 4 {
		lines := wrapOne(item, columns-2)
		for i := range lines {
			lines[i] = "  " + lines[i]
		}
		lines[0] = "• " + lines[0][2:]
		return lines
	}
	var lines []string
	var line string
	for _, u := range units(s) {
		if line != "" && width(line)+u.gap+width(u.text) > columns {
			lines, line, u.gap = append(lines, line), "", 0
		}
		line += strings.Repeat(" ", u.gap)
		for _, r := range u.text { // a word wider than the line is cut
			if width(line)+runeWidth(r) > columns {
				lines, line = append(lines, line), ""
			}
			line += string(r)
		}
	}
	return append(lines, line)
}

// A unit is what stays on one line: a word, or one wide character with the
// punctuation that must not begin a line.
type unit struct {
	gap  int // spaces before it
	text string
}

func units(s string) []unit {
	var all []unit
	fresh, gap := true, 0 // whether the next character begins a unit
	for _, r := range s {
		wide := isWide(r)
		switch {
		case r == ' ':
			fresh, gap = true, gap+1
			continue
		case len(all) > 0 && gap == 0 && (isMark(r) || !fresh && !wide || strings.ContainsRune("，。、；：！？）》」』】…”", r)):
			all[len(all)-1].text += string(r)
			continue // what follows a word's mark still belongs to the word
		}
		all = append(all, unit{gap, string(r)})
		fresh, gap = wide, 0
	}
	return all
}
