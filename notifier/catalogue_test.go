package notifier

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"ecs-migrate/internal/migration"
)

// cardEndings are the possible ends of the card's keys with a changing end, by
// literal prefix; see catalogue.go.
func cardEndings() map[string][]string {
	states := make([]string, 0, len(migration.States))
	for _, s := range migration.States {
		states = append(states, string(s))
	}
	var buttons []string
	for _, a := range []migration.Action{
		migration.ActKeep, migration.ActChoose, migration.ActReschedule, migration.ActDeclare, migration.ActAccept, migration.ActAck,
	} {
		buttons = append(buttons, string(a))
	}
	types := []string{
		"SystemUpgrade.Migrate", "SystemMaintenance.Reboot", "SystemMaintenance.Stop", "SystemMaintenance.Redeploy",
		"SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk",
		"SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk",
		"SystemFailure.Reboot", "SystemFailure.Stop", "SystemFailure.Redeploy", "InstanceFailure.Reboot",
	}
	return map[string][]string{"state.": states, "button.": buttons, "type.": types, "effect.": types}
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	for key, text := range in(English).texts {
		for _, lang := range Langs {
			other, ok := in(lang).texts[key]
			if !ok {
				t.Errorf("%s: %s is missing", lang, key)
				continue
			}
			if got, want := placeholders(other), placeholders(text); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the placeholders %v, in %s %v", lang, key, got, English, want)
			}
			if strings.TrimSpace(strings.Join(other, "")) == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
		}
	}
	for _, lang := range Langs {
		for key := range in(lang).texts {
			if !in(English).has(key) {
				t.Errorf("%s: %s is missing", English, key)
			}
		}
	}
}

// Slack reads *bold* only where blanks or line ends stand around it; Chinese
// punctuation is none.
func TestBoldStandsAlone(t *testing.T) {
	bold := regexp.MustCompile(`\*[^*\n]+\*`)
	for _, lang := range Langs {
		for key, text := range in(lang).texts {
			s := strings.Join(text, "")
			for _, at := range bold.FindAllStringIndex(s, -1) {
				before, after := s[:at[0]], s[at[1]:]
				if before != "" && !strings.ContainsAny(before[len(before)-1:], " \n") {
					t.Errorf("%s: %s: no blank before bold text: %q", lang, key, s)
				}
				if after != "" && !strings.ContainsAny(after[:1], " \n") {
					t.Errorf("%s: %s: no blank after bold text: %q", lang, key, s)
				}
			}
		}
	}
}

// The source and the catalogue must fit each other: see source for what counts
// as a use.
func TestEveryKeyIsUsedAndEveryUseHasAKey(t *testing.T) {
	catalogue := in(English)
	used := map[string]bool{}
	src := readSource(t)
	for _, use := range src.uses {
		if !catalogue.has(use.key) {
			t.Errorf("%s: no key %q in the catalogue", use.pos, use.key)
			continue
		}
		used[use.key] = true
		if use.args != nil {
			want := placeholders(catalogue.texts[use.key])
			if !slices.Equal(use.args, want) {
				t.Errorf("%s: %s is given %v, its placeholders are %v", use.pos, use.key, use.args, want)
			}
		}
	}
	for _, literal := range src.literals {
		used[literal] = true
	}
	endings := cardEndings()
	maps.Copy(endings, answersEndings())
	maps.Copy(endings, checklistEndings())
	maps.Copy(endings, postsEndings())
	maps.Copy(endings, remindersEndings())
	for _, p := range src.prefixes {
		ends, ok := endings[p.key]
		if !ok {
			t.Errorf("%s: the possible ends of %q are not listed", p.pos, p.key)
		}
		for _, end := range ends {
			if !catalogue.has(p.key + end) {
				t.Errorf("%s: no key %q in the catalogue", p.pos, p.key+end)
			}
			used[p.key+end] = true
		}
	}
	for key := range catalogue.texts {
		if !used[key] {
			t.Errorf("key %s is used nowhere", key)
		}
	}
}

// use is a key in the source: the first argument of text, say, has or count, or
// any literal below key.
type use struct {
	pos, key string
	args     []string // names given with the key, sorted; nil where they cannot be seen
}

type source struct {
	uses     []use
	prefixes []use
	literals []string // every other literal: a key that goes by way of a variable
}

func readSource(t *testing.T) source {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var src source
	fset := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				src.call(fset, n)
			case *ast.BasicLit:
				if s, ok := literal(n); ok {
					src.literals = append(src.literals, s)
				}
			}
			return true
		})
	}
	return src
}

func (src *source) call(fset *token.FileSet, call *ast.CallExpr) {
	fun := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		fun = f.Sel.Name
	case *ast.Ident:
		fun = f.Name
	}
	if len(call.Args) == 0 || !slices.Contains([]string{"text", "say", "has", "count", "add", "list"}, fun) {
		return
	}
	pos := fset.Position(call.Pos()).String()
	switch key := call.Args[0].(type) {
	case *ast.BasicLit:
		s, ok := literal(key)
		switch {
		case !ok || !strings.Contains(s, "."):
		case fun == "count":
			src.uses = append(src.uses, use{pos: pos, key: s + ".one"}, use{pos: pos, key: s + ".other"})
		default:
			u := use{pos: pos, key: s}
			if (fun == "text" || fun == "say") && len(call.Args) == 2 {
				u.args = argNames(call.Args[1])
			}
			src.uses = append(src.uses, u)
		}
	case *ast.BinaryExpr:
		if s, ok := literal(key.X); ok && key.Op == token.ADD {
			src.prefixes = append(src.prefixes, use{pos: pos, key: s})
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// argNames are the names in an args literal, none for nil, and nil for anything
// else.
func argNames(e ast.Expr) []string {
	names := []string{}
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name != "nil" {
			return nil
		}
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				return nil
			}
			name, ok := literal(kv.Key)
			if !ok {
				return nil
			}
			names = append(names, name)
		}
	default:
		return nil
	}
	slices.Sort(names)
	return names
}

func placeholders(t text) []string {
	names := []string{}
	for i := 1; i < len(t); i += 2 {
		names = append(names, t[i])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestTextFillsAndEscapes(t *testing.T) {
	w := &words{texts: map[string]text{"k": parse("{a} und {b}, {a}: {n} {missing}")}}
	got := w.text("k", args{"a": "<!channel>", "b": mrkdwn("<@U1>"), "n": 3})
	if want := "&lt;!channel&gt; und <@U1>, &lt;!channel&gt;: 3 [missing]"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
	if got, want := w.text("no.such.key", nil), "[no.such.key]"; got != want {
		t.Errorf("text = %q, want %q", got, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for name, files := range map[string]fstest.MapFS{
		"a language without files": {"catalogue/en/card.yaml": file("a.b: c")},
		"a key twice": {
			"catalogue/en/card.yaml": file("a.b: c"), "catalogue/en/answers.yaml": file("a.b: c"), "catalogue/zh-CN/card.yaml": file("a.b: c"),
		},
		"a key twice in a file": {"catalogue/en/card.yaml": file("a.b: c\na.b: d"), "catalogue/zh-CN/card.yaml": file("a.b: c")},
		"no flat file":          {"catalogue/en/card.yaml": file("a:\n  b: c"), "catalogue/zh-CN/card.yaml": file("a.b: c")},
	} {
		if _, err := load(files); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := load(os.DirFS(".")); err != nil {
		t.Error(err)
	}
}

func TestLangOf(t *testing.T) {
	for _, tt := range []struct {
		locale         string
		fallback, want Lang
	}{
		{"zh-CN", English, Chinese}, {"zh-TW", English, Chinese}, {"zh_HK", English, Chinese}, {"en-GB", Chinese, English},
		{"de-DE", Chinese, English}, {"", Chinese, Chinese}, {"", English, English}, {"zhx", Chinese, English},
	} {
		if got := LangOf(tt.locale, tt.fallback); got != tt.want {
			t.Errorf("LangOf(%q, %s) = %s, want %s", tt.locale, tt.fallback, got, tt.want)
		}
	}
}
