package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A tree walks the YAML nodes of one file and collects what is wrong.
type tree struct {
	file   string
	lines  int
	faults Faults
}

// faultAt notes a fault. The line is kept within the file: YAML counts rare
// characters as line ends that no editor does, and the end of the text as a
// line of its own.
func (t *tree) faultAt(line int, field, problem, remedy string) {
	t.faults = append(t.faults, Fault{
		File: t.file, Line: min(max(line, 0), t.lines), Field: field, Problem: problem, Remedy: remedy,
	})
}

func (t *tree) fault(n *yaml.Node, field, problem, remedy string) {
	t.faultAt(n.Line, field, problem, remedy)
}

// plain tells of everything in the tree that no part of the configuration
// may use: anchors, aliases and merge keys, and secrets. What it told of is
// then passed over in silence by mapping, list and text.
func (t *tree) plain(n *yaml.Node) {
	const remedy = "Write the value out in each place"
	switch {
	case n.Kind == yaml.AliasNode:
		t.fault(n, "", "has a YAML alias (*), which this file may not use", remedy)
		return
	case n.Anchor != "":
		t.fault(n, "", "has a YAML anchor (&), which this file may not use", remedy)
	case isMerge(n):
		t.fault(n, "", "has a YAML merge key (<<), which this file may not use", remedy)
	case n.Kind == yaml.ScalarNode && looksSecret(n.Value):
		t.fault(n, "", "holds what looks like a secret", secretRemedy)
	}
	for _, child := range n.Content {
		t.plain(child)
	}
}

const secretRemedy = "Keep secrets out of the file: set " + BotTokenVariable + ", " + AppTokenVariable +
	" and the Alibaba Cloud SDK's variables in the environment"

// told says that plain told of this node already.
func told(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || isMerge(n) || n.Kind == yaml.ScalarNode && looksSecret(n.Value)
}

func isMerge(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!merge" }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// isText says that a scalar is text, quoted or not.
func isText(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" }

// A pair is one entry of a mapping; line is the key's.
type pair struct {
	key   string
	line  int
	value *yaml.Node
}

// pairs are the entries of a mapping in order, each key once; doubled keys
// and keys that are no text are told of. ok is false where n is no mapping.
func (t *tree) pairs(n *yaml.Node, field string) (found []pair, ok bool) {
	if n.Kind != yaml.MappingNode {
		if !told(n) {
			t.fault(n, field, "is "+kindName(n)+" where a mapping is expected", "Write `key: value` lines, indented by spaces")
		}
		return nil, false
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch line, doubled := first[key.Value]; {
		case told(key):
		case !isText(key):
			t.fault(key, field, "has "+kindName(key)+" as a key", "Put quotes around the key, or correct it")
		case doubled:
			t.fault(key, join(field, key.Value), fmt.Sprintf("stands twice, first on line %d", line), "Keep one of the two")
		default:
			first[key.Value] = key.Line
			found = append(found, pair{key.Value, key.Line, value})
		}
	}
	return found, true
}

// mapping is pairs with known keys only. The result is never nil when ok.
func (t *tree) mapping(n *yaml.Node, field string, known keys) (values map[string]*yaml.Node, ok bool) {
	found, ok := t.pairs(n, field)
	if !ok {
		return nil, false
	}
	values = map[string]*yaml.Node{}
	for _, p := range found {
		if slices.Contains(known.names, p.key) {
			values[p.key] = p.value
			continue
		}
		problem, remedy := unknownKey(p.key, known)
		t.faultAt(p.line, join(field, p.key), problem, remedy)
	}
	return values, true
}

// list is the items of a sequence. ok is false where n is none.
func (t *tree) list(n *yaml.Node, field, example string) (items []*yaml.Node, ok bool) {
	switch {
	case n.Kind == yaml.SequenceNode:
		return n.Content, true
	case !told(n):
		t.fault(n, field, "is "+kindName(n)+" where a list is expected", "Write a list, as in "+example)
	}
	return nil, false
}

// text is the value of a scalar that has to be text with something in it.
func (t *tree) text(n *yaml.Node, field, example string) (value string, ok bool) {
	switch {
	case told(n):
		return "", false
	case isNull(n) || isText(n) && strings.TrimSpace(n.Value) == "":
		t.fault(n, field, "has no value", "Write one, as in "+example+", or delete the key")
	case !isText(n):
		remedy := "Write text, as in " + example
		if n.Kind == yaml.ScalarNode {
			remedy = "Put quotes around it if it is meant, or write it as in " + example
		}
		t.fault(n, field, "is "+kindName(n)+" where text is expected", remedy)
	default:
		return n.Value, true
	}
	return "", false
}

// optional is text that may also be empty or have no value.
func (t *tree) optional(n *yaml.Node, field, example string) (value string, ok bool) {
	if isNull(n) || isText(n) && n.Value == "" {
		return "", true
	}
	return t.text(n, field, example)
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a yes-or-no value"
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "a date"
	}
	return "a value of another type"
}

var plainKey = regexp.MustCompile(`^[\pL\pN_.:/<-]{1,60}$`)

// join is the path of a key below field.
func join(field, key string) string {
	if !plainKey.MatchString(key) {
		key = quote(key)
	}
	if field == "" {
		return key
	}
	return field + "." + key
}

// item is the path of the i-th item of field, counted from 0.
func item(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// quote shows a value from the file, cut to what a line can hold.
func quote(value string) string { return fmt.Sprintf("%q", shorten(value)) }

func shorten(value string) string {
	const most = 60
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}
