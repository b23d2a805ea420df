package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files and scripts with what the program prints")

// someone reads on 1 May 2024, when it is 10:00 in Shanghai.
func someone(t *testing.T, lang, zone string) reader {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"U0000000001": "Lin Yue", "C0123456789": "web-ops"}
	return reader{
		lang: lang, zone: loc, now: time.Date(2024, 5, 1, 2, 0, 0, 0, time.UTC),
		named: func(id string) string { return names[id] },
	}
}

func blocksOf(t *testing.T, name string) []object {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "draw", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber() // as the stub Slack reads it
	var blocks []object
	if err := d.Decode(&blocks); err != nil {
		t.Fatal(err)
	}
	return blocks
}

func TestDrawing(t *testing.T) {
	for _, c := range []struct{ name, lang, zone string }{
		{"card-en", englishLang, "America/New_York"},
		{"card-zh", chineseLang, "Asia/Shanghai"},
		{"form-en", englishLang, "Asia/Shanghai"},
		{"odd-en", englishLang, "UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := drawing{someone(t, c.lang, c.zone), 80}
			lines := d.framed("#web-ops", blocksOf(t, c.name))
			if strings.HasPrefix(c.name, "form") {
				lines = d.form("Choose a time", "Reserve", "Cancel", blocksOf(t, c.name))
			}
			var got strings.Builder
			for _, line := range lines {
				if width(line) > 80 {
					t.Errorf("%d columns: %s", width(line), line)
				}
				got.WriteString(paint(line, false) + "\n")
			}
			golden := filepath.Join("testdata", "draw", c.name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestColourIsOneSequenceAMark(t *testing.T) {
	line := bold.of("who") + " plain"
	if got := paint(line, true); got != "\x1b[1mwho\x1b[0m plain" {
		t.Errorf("painted %q", got)
	}
	if got := paint(line, false); got != "who plain" {
		t.Errorf("unpainted %q", got)
	}
}

func TestWrapKeepsStylesWithinLines(t *testing.T) {
	got := wrap(cyan.of("one two three"), 8)
	want := []string{cyan.of("one two"), cyan.of("three")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"":              0,
		"web-01":        6,
		"经典网络":          8,
		"，。":            4,
		"…·→":           3,
		"⏳📅✅":           6,
		bold.of("订单db"): 6,
		"e\u0301":       1,
	} {
		if got := width(text); got != want {
			t.Errorf("width(%q) = %d, want %d", text, got, want)
		}
	}
}

// FuzzDrawing holds that whatever a message says, the drawing keeps its columns
// and tells the terminal nothing.
func FuzzDrawing(f *testing.F) {
	for _, s := range []string{"<!date^1^{time}|x>", "*a* `b` :x: <@U1|y> &lt;", "经典网络 → VPC。", "\x1b[2J\ue001\u202e", "<!date^^|>", strings.Repeat("宽", 90)} {
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, text string, columns int) {
		columns = 4 + (columns&0x7fffffff)%100
		d := drawing{reader{lang: englishLang, zone: time.UTC, named: func(string) string { return "" }}, columns}
		block := object{"type": "section", "text": object{"type": "mrkdwn", "text": text}}
		for _, line := range d.framed("", []object{block}) {
			if width(line) > columns {
				t.Errorf("%d columns of %d: %q", width(line), columns, line)
			}
			if shown := paint(line, false); shown != clean(shown) || strings.Contains(shown, "\n") {
				t.Errorf("steers the terminal: %q", shown)
			}
		}
	})
}
