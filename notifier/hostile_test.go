package notifier

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// What no backslash can escape must look the same and mean nothing.
func TestMarkupFromOutsideMeansNothing(t *testing.T) {
	for in, want := range map[string]string{
		"web_01_a":              "web_01_a",
		"_web_":                 "ˍwebˍ",
		"*x*":                   "∗x∗",
		"~x~ y":                 "∼x∼ y",
		"a*b*c":                 "a*b*c",
		"a *b* c":               "a ∗b∗ c",
		"**":                    "∗∗",
		"`code`":                "'code'",
		":fire:":                ":\u200bfire:",
		"a:fire:b":              "a:\u200bfire:b",
		":a:b:c:":               ":\u200ba:\u200bb:\u200bc:",
		":+1::skin-tone-2:":     ":\u200b+1::\u200bskin-tone-2:",
		":100: :12:":            ":\u200b100: :12:",
		"10:30:00":              "10:30:00",
		"::":                    "::",
		":火:":                   ":\u200b火:",
		"a\u200b_b_":            "a_bˍ",
		"_\u202e_":              "ˍˍ",
		"> quoted":              "＞ quoted",
		"  > quoted":            "  ＞ quoted",
		"a > b":                 "a &gt; b",
		">>>":                   "＞&gt;&gt;",
		"https://a.b/c_d?e=f~g": "https://a.b/c_d?e=f~g",
	} {
		got := escape(in)
		if got != want {
			t.Errorf("escape(%q) = %q, want %q", in, got, want)
		}
		if again := plain(got, 100).Text; again != entities(in) && !strings.Contains(in, "`") {
			t.Errorf("in plain text %q reads %q", in, again)
		}
	}
	if got := code("*a* _b_ :fire: ~c~"); got != "`*a* _b_ :fire: ~c~`" {
		t.Errorf("code keeps what is in it, to copy: %q", got)
	}
	if got := link("https://slack.com/a_b?c=_d_", mrkdwn(escape("_x_"))); got != "<https://slack.com/a_b?c=_d_|ˍxˍ>" {
		t.Errorf("an address stays as it is: %q", got)
	}
}

// hostileSeeds are what people and machines may try in a name, a tag or a reason.
var hostileSeeds = []string{
	"<!channel>", "<!here|here>", "<!everyone> @channel", "<@U0000000001>", "<!subteam^S0000000001>", "<#C0123456789>",
	"<https://example.com|innocent>", "https://example.com/?a=b&c=d", "mailto:a@b.c", "*bold* _it_ ~st~ `code` ```block```",
	":fire: :+1::skin-tone-6: :100:", "> quote\n>>> more", "&lt;!channel&gt;", "&amp;lt;", "<!date^1^{date}|x>", "a\u202egpj.exe\u2066b\u200f\u061c",
	"\x00\x07\x1b[31mred\x7f\u0085\u2028\u2029", "\ufeff\u200b\u200c\u200d\u2060\u00ad", "\U000e0041\U000e0042", "\xff\xfe\xc3", "{who} {at} {{", "%s%n%x", "|", "¦",
	"1. list\n- list\n• list", strings.Repeat("名", 200), strings.Repeat("<", 500), strings.Repeat("&amp;", 200), strings.Repeat(":a", 300) + ":",
}

var (
	emoji    = regexp.MustCompile(`:[\pL\pN_+'-]+:`)
	numbered = regexp.MustCompile(`^:\pN+:$`)
	emphasis = regexp.MustCompile(`(^|[^\pL\pN])[*_~]|[*_~]($|[^\pL\pN])`)
)

// meaning is something that Slack could read in text from outside, empty for none.
func meaning(s string) string {
	for _, r := range s {
		if visible(r) < 0 && r != apart {
			return fmt.Sprintf("%U", r)
		}
		if r == '\n' {
			return "a line break"
		}
	}
	bare := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(s)
	if i := strings.IndexAny(bare, "<>&`"); i >= 0 {
		return bare[i : i+1]
	}
	if m := emoji.FindString(s); m != "" && !numbered.MatchString(m) {
		return m
	}
	if m := emphasis.FindString(s); m != "" {
		return m
	}
	if strings.HasPrefix(strings.TrimSpace(s), "&gt;") {
		return "a quotation"
	}
	return ""
}

// FuzzEscape holds that nothing from outside means anything to Slack: in text, in
// code, in a label, cut to a length, in place of a person.
func FuzzEscape(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		if m := meaning(escape(s)); m != "" {
			t.Fatalf("escape(%q) means %q", s, m)
		}
		inside := string(code(s))
		if len(inside) < 2 || inside[0] != '`' || strings.ContainsAny(inside[1:len(inside)-1], "`<>\n") || inside[len(inside)-1] != '`' {
			t.Fatalf("code(%q) = %q", s, inside)
		}
		label := string(link("https://slack.com/", mrkdwn(escape(s))))
		if strings.Count(label, "|") != 1 || strings.Count(label, "<") != 1 || strings.Count(label, ">") != 1 {
			t.Fatalf("a link says %q", label)
		}
		if got := mention(s); !userID.MatchString(s) && meaning(string(got)) != "" {
			t.Fatalf("mention(%q) = %q", s, got)
		}
		if got := call(s); !userID.MatchString(s) && !groupID.MatchString(s) && meaning(string(got)) != "" {
			t.Fatalf("call(%q) = %q", s, got)
		}
		if n < 1 || n > 500 {
			return
		}
		got := escape(cut(s, n))
		if m := meaning(got); m != "" || !utf8.ValidString(got) {
			t.Fatalf("escape(cut(%q, %d)) = %q means %q", s, n, got, m)
		}
	})
}

// Megabytes in every field cost no more than what is shown of them.
func TestMegabytesFromOutsideAreCut(t *testing.T) {
	for _, seed := range hostileSeeds {
		big := strings.Repeat(seed+" ", 10<<20/(len(seed)+1)+1)
		for name, got := range map[string]string{"text": escape(cut(big, 300)), "code": string(code(cut(big, 300))), "clip": clip(escape(cut(big, 3000)), 300)} {
			if n := utf8.RuneCountInString(got); n > 2000 {
				t.Errorf("%s of %.10q… has %d characters", name, seed, n)
			}
		}
	}
}
