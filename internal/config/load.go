package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFileSize bounds what is read: a file beyond it is not a configuration.
const maxFileSize = 1 << 20

// Load reads the file at path and the tokens that getenv (os.Getenv in the
// binaries) tells. The error is of type Faults and holds everything wrong in
// both; the Config is then of no use.
func Load(path string, getenv func(string) string) (Config, error) {
	cfg, missing, faults := load(path, getenv)
	if err := append(faults, missing...).err(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// Check is Load for a place that holds no secrets, such as a CI job: tokens
// that are not set come back as missing and are no error. A token that is set
// but cannot be right still is one.
func Check(path string, getenv func(string) string) (cfg Config, missing []Fault, err error) {
	cfg, missing, faults := load(path, getenv)
	if err := faults.err(); err != nil {
		return Config{}, missing, err
	}
	return cfg, missing, nil
}

func load(path string, getenv func(string) string) (cfg Config, missing, faults Faults) {
	text, fault := readFile(path)
	if fault != nil {
		faults = Faults{*fault}
	} else {
		cfg, faults = parse(path, text)
	}
	for _, token := range []struct {
		want wantedToken
		into *Secret
	}{{botToken(), &cfg.Slack.BotToken}, {appToken(), &cfg.Slack.AppToken}} {
		secret, absent, faulty := token.want.read(getenv)
		*token.into = secret
		if absent != nil {
			missing = append(missing, *absent)
		}
		if faulty != nil {
			faults = append(faults, *faulty)
		}
	}
	return cfg, missing, faults
}

func readFile(path string) ([]byte, *Fault) {
	fault := func(problem, remedy string) *Fault {
		return &Fault{File: path, Problem: problem, Remedy: remedy}
	}
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault("does not exist", "Give the path of the configuration file with --config")
	case errors.Is(err, fs.ErrPermission):
		return nil, fault("may not be read by this user", "Change the file's owner or mode")
	case err != nil:
		return nil, fault("cannot be opened: "+reason(err), "Give the path of a readable file with --config")
	}
	defer file.Close() // only read from: a failing close loses nothing
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, fault("is a directory", "Give the path of the file in it with --config")
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		return nil, fault("cannot be read: "+reason(err), "Give the path of a readable file with --config")
	}
	if len(text) > maxFileSize {
		return nil, fault("is larger than 1 MiB", "Give the path of an ecs-migrate configuration with --config")
	}
	return text, nil
}

// reason is why a file operation failed, without the path that the fault names already.
func reason(err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err.Error()
	}
	return err.Error()
}

// parse understands the text of the file called name. Faults come in the
// order of their lines, all within the text.
func parse(name string, text []byte) (Config, Faults) {
	t := &tree{file: name, lines: max(1, bytes.Count(text, []byte("\n"))+1)}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var cfg Config
	if t.isText(text) {
		if root := t.document(text); root != nil {
			t.plain(root)
			cfg = t.settings(root)
		}
	}
	t.faults.sortByLine()
	return cfg, t.faults
}

// isText refuses what YAML's reader would refuse without telling the line.
func (t *tree) isText(text []byte) bool {
	line := 1
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			t.faultAt(line, "", "is not UTF-8 text", "Save the file as UTF-8, not as UTF-16 or in a local code page")
			return false
		case r == '\n':
			line++
		case r < ' ' && r != '\t' && r != '\r', r >= 0x7f && r < 0xa0 && r != 0x85, r == 0xfeff, r == 0xfffe, r == 0xffff:
			t.faultAt(line, "", fmt.Sprintf("holds the control character %U", r), "Delete the character; it may be invisible in an editor")
			return false
		}
		rest = rest[size:]
	}
	return true
}

// document is the root of the text's only document, or nil after a fault.
func (t *tree) document(text []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	doc, err := decode(decoder)
	if err == nil {
		second, errSecond := decode(decoder)
		switch {
		case errSecond == nil:
			t.faultAt(second.Line, "", "begins a second YAML document", "Keep one document: delete the line \"---\" and what follows it")
		case !errors.Is(errSecond, io.EOF):
			err = errSecond
		}
	}
	switch {
	case errors.Is(err, io.EOF) || err == nil && isNull(doc.Content[0]):
		t.faultAt(1, "", "is empty", "Write at least `accounts` and `routes`")
		return nil
	case err != nil:
		t.syntax(text, err)
		return nil
	}
	return doc.Content[0]
}

// decode is decoder.Decode into a node, with the library's own panics on
// inputs it did not expect turned into errors: outside text must not end the
// program.
func decode(decoder *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	doc = &yaml.Node{}
	if err := decoder.Decode(doc); err != nil {
		return nil, err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, io.EOF
	}
	return doc, nil
}

var yamlLine = regexp.MustCompile(`^(?:line (\d+): )?(.*)`)

// syntax tells why text is no YAML. The library gives the line in the words
// of its error only, at times the line before the one at fault, and none for
// the first line or for an alias without its anchor.
func (t *tree) syntax(text []byte, err error) {
	parts := yamlLine.FindStringSubmatch(strings.TrimPrefix(err.Error(), "yaml: "))
	line, _ := strconv.Atoi(parts[1])
	source := strings.Split(string(text), "\n")
	if tab := slices.IndexFunc(source, indentedByTab); tab >= 0 {
		t.faultAt(tab+1, "", "is indented with a tab", "Indent with spaces; YAML allows no tabs there")
		return
	}
	suspects := []int{line, line + 1}
	if line == 0 {
		for i := range source {
			suspects = append(suspects, i+1)
		}
	}
	for _, at := range suspects {
		if at >= 1 && at <= len(source) && unquoted.MatchString(source[at-1]) {
			t.faultAt(at, "", "has a value that begins with @, * or ` and no quotes around it", `Put quotes around it, as in poll: "@every 1m"`)
			return
		}
	}
	t.faultAt(max(line, 1), "", "is not valid YAML here or just after: "+parts[2], "Check indentation, colons, quotes and brackets there")
}

var unquoted = regexp.MustCompile("(^|[:,\\[{-])\\s*[@`*]")

func indentedByTab(line string) bool {
	blank := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return strings.Contains(blank, "\t") && strings.TrimSpace(line) != ""
}
