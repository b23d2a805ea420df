package notifier

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The catalogue holds every word that people read: one flat YAML file of dotted
// keys for each language and topic, catalogue/LANG/TOPIC.yaml. A text may hold
// placeholders, {name}, filled from [args].
//
// Tests hold that both languages have the same keys with the same placeholders,
// that every key is used and every used key exists. For that they read the
// source: write keys as literals. A key with a changing end is written as a
// literal prefix plus a variable, "state."+string(s), and its possible ends are
// listed in the tests (cardEndings, answersEndings).
//
//go:embed catalogue
var catalogueFiles embed.FS

// catalogues is read once and never changes. The files are part of the binary:
// a faulty one is a fault of the build.
var catalogues = mustLoad(catalogueFiles)

// words are the texts of one language.
type words struct {
	lang  Lang
	texts map[string]text
}

// text is a text taken apart: literal, placeholder, literal, … , literal.
type text []string

// args fill placeholders. A string is taken as coming from outside: it is
// cleaned and escaped. An int is written in digits. Text of our own making is
// wrapped in mrkdwn and goes in as it is.
type args map[string]any

// mrkdwn is text that is safe in a Slack message: made by us, or escaped.
type mrkdwn string

// in gives the words of a language, English for an unknown one.
func in(lang Lang) *words {
	if w, ok := catalogues[lang]; ok {
		return w
	}
	return catalogues[English]
}

// text is the text of a key with its placeholders filled.
func (w *words) text(key string, a args) string {
	t, ok := w.texts[key]
	if !ok {
		return "[" + key + "]" // a person still gets an answer; tests find it
	}
	var b strings.Builder
	for i, part := range t {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		switch v := a[part].(type) {
		case mrkdwn:
			b.WriteString(string(v))
		case string:
			b.WriteString(escape(v))
		case int:
			b.WriteString(strconv.Itoa(v))
		default:
			b.WriteString("[" + part + "]")
		}
	}
	return b.String()
}

// say is text as a value for another text's placeholder.
func (w *words) say(key string, a args) mrkdwn { return mrkdwn(w.text(key, a)) }

// has tells whether a key exists.
func (w *words) has(key string) bool {
	_, ok := w.texts[key]
	return ok
}

// sentences puts sentences after one another.
func (w *words) sentences(all []string) string {
	if w.lang == Chinese {
		return strings.Join(all, "")
	}
	return strings.Join(all, " ")
}

// count is the text for n things, whose placeholder is {n}: key.one for one,
// key.other for any other number.
func (w *words) count(key string, n int) mrkdwn {
	end := ".other"
	if n == 1 {
		end = ".one"
	}
	return mrkdwn(w.text(key+end, args{"n": n}))
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

func parse(s string) text {
	var t text
	end := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(s, -1) {
		t = append(t, s[end:m[0]], s[m[2]:m[3]])
		end = m[1]
	}
	return append(t, s[end:])
}

func mustLoad(files fs.FS) map[Lang]*words {
	all, err := load(files)
	if err != nil {
		panic(err)
	}
	return all
}

// load reads the catalogue. A key that stands twice in a language is a fault.
func load(files fs.FS) (map[Lang]*words, error) {
	all := map[Lang]*words{}
	for _, lang := range Langs {
		w := &words{lang: lang, texts: map[string]text{}}
		names, err := fs.Glob(files, path.Join("catalogue", string(lang), "*.yaml"))
		if err != nil || len(names) == 0 {
			return nil, fmt.Errorf("catalogue: no files for %s", lang)
		}
		for _, name := range names {
			if err := w.read(files, name); err != nil {
				return nil, fmt.Errorf("catalogue: %s: %w", name, err)
			}
		}
		all[lang] = w
	}
	return all, nil
}

func (w *words) read(files fs.FS, name string) error {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var flat map[string]string
	if err := yaml.Unmarshal(raw, &flat); err != nil {
		return err
	}
	for key, s := range flat {
		if _, twice := w.texts[key]; twice {
			return fmt.Errorf("key %s stands in another file too", key)
		}
		w.texts[key] = parse(strings.TrimSuffix(s, "\n"))
	}
	return nil
}
