package notifier

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "web-01", "web-01"},
		{"a ping to everyone", "<!channel>", "&lt;!channel&gt;"},
		{"a mention", "<@U012> & co", "&lt;@U012&gt; &amp; co"},
		{"an entity is not one", "&lt;", "&amp;lt;"},
		{"line breaks", "a\nb\r\tc\u2028d", "a b  c d"},
		{"control characters", "a\x00\x1b[31mb\x7f", "a[31mb"},
		{"direction marks", "a\u202egpj.exe\u2066b\u200f", "agpj.exeb"},
		{"invisible", "a\u200bb\ufeffc\u00add", "abcd"},
		{"tag characters", "a\U000e0041", "a"},
		{"joined emoji stay", "👩\u200d💻", "👩\u200d💻"},
		{"Chinese", "杭州－网站", "杭州－网站"},
		{"broken UTF-8", "a\xffb", "a\ufffdb"},
	} {
		if got := escape(tt.in); got != tt.want {
			t.Errorf("%s: escape(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"一二三四", 3, "一二…"}, {"一二三", 3, "一二三"}, {"ab", 1, "…"},
	} {
		if got := cut(tt.in, tt.n); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func TestClipKeepsEntitiesAndTokensWhole(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"a&amp;b", 5, "a…"},
		{"a&amp;bc", 7, "a&amp;…"},
		{"<@U1> x", 5, "…"},
		{"<@U1> x", 6, "<@U1>…"},
		{"一<!date^1^{time}|二三>", 8, "一…"},
	} {
		if got := clip(tt.in, tt.n); got != tt.want {
			t.Errorf("clip(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("a&b<c>d", 5)
	f.Add("<!channel>&&&&", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 1 || n > 5000 {
			return
		}
		got := clip(escape(s), n)
		if utf8.RuneCountInString(got) > n || !utf8.ValidString(got) {
			t.Fatalf("clip(%q, %d) = %q", s, n, got)
		}
		rest := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(got)
		if strings.ContainsAny(rest, "&<>") {
			t.Fatalf("clip(%q, %d) = %q: an entity was cut apart", s, n, got)
		}
		if c := cut(s, n); utf8.RuneCountInString(c) > n {
			t.Fatalf("cut(%q, %d) = %q", s, n, c)
		}
	})
}

func TestCutCountsWhatIsSeen(t *testing.T) {
	if got, want := cut("\u202e\x00a\nb\u200bcd", 4), "a b…"; got != want {
		t.Errorf("cut = %q, want %q", got, want)
	}
	if got, want := cut("\u202ea\nb\u200b\x00", 3), "a b"; got != want {
		t.Errorf("cut = %q, want %q", got, want)
	}
}
