package slack

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file is the small machine that checks JSON against rules; blocks.go, elements.go, objects.go and viewcheck.go
// are the rules.
//
// Reasons are worded as Slack words them where a wording could be found: "unsupported type: X", "must be less than N
// characters", "no more than N items allowed", "missing required field: X", "invalid additional property: X", each
// with the JSON pointer. Sources: https://github.com/adobe/spacecat-api-service/issues/176 and the test data of
// slackapi/node-slack-sdk, packages/web-api/src/WebClient.test.ts. Other wordings are this server's own.

// surface is where blocks are shown.
type surface string

const (
	onMessage surface = "message"
	onModal   surface = "modal"
	onHome    surface = "home"
)

// checker collects what is wrong.
type checker struct {
	on       surface
	reasons  []string
	blockIDs map[string]bool
	// actionIDs are those of the block being checked.
	actionIDs map[string]bool
	inputs    bool // an input block was seen
}

func newChecker(on surface) *checker {
	return &checker{on: on, blockIDs: map[string]bool{}, actionIDs: map[string]bool{}}
}

func (c *checker) fail(at, format string, a ...any) {
	c.reasons = append(c.reasons, fmt.Sprintf(format, a...)+" [json-pointer:"+at+"]")
}

// rule checks one value.
type rule func(c *checker, at string, v any)

// fields are the properties that an object may have.
type fields map[string]rule

// object checks that v is an object with these properties and no others, the required ones present.
func object(f fields, required ...string) rule {
	return func(c *checker, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		c.properties(at, m, f, required)
	}
}

// properties checks the properties of an object in a settled order.
func (c *checker) properties(at string, m map[string]any, f fields, required []string) {
	for _, name := range required {
		if m[name] == nil {
			c.fail(at, "missing required field: %s", name)
		}
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		check, known := f[name]
		switch {
		case !known:
			c.fail(at, "invalid additional property: %s", name)
		case m[name] != nil && check != nil:
			check(c, at+"/"+name, m[name])
		}
	}
}

// list checks an array of between low and high items.
func list(low, high int, item rule) rule {
	return func(c *checker, at string, v any) {
		items, ok := v.([]any)
		if !ok {
			c.fail(at, "must provide an array")
			return
		}
		if len(items) < low {
			c.fail(at, "no less than %d items allowed", low)
		}
		if len(items) > high {
			c.fail(at, "no more than %d items allowed", high)
			return
		}
		for i, e := range items {
			item(c, fmt.Sprintf("%s/%d", at, i), e)
		}
	}
}

// str checks a string of between low and high characters. Characters, not bytes: every limit in the reference is
// stated in characters.
func str(low, high int) rule {
	return func(c *checker, at string, v any) {
		t, ok := v.(string)
		if !ok {
			c.fail(at, "must provide a string")
			return
		}
		n := utf8.RuneCountInString(t)
		if n < low {
			c.fail(at, "must be more than %d characters", low-1)
		}
		if n > high {
			c.fail(at, "must be less than %d characters", high+1)
		}
	}
}

func oneOf(values ...string) rule {
	return func(c *checker, at string, v any) {
		if t, ok := v.(string); !ok || !slices.Contains(values, t) {
			c.fail(at, "must be one of: %s", strings.Join(values, ", "))
		}
	}
}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.fail(at, "must provide a boolean")
	}
}

// whole checks an integer between low and high.
func whole(low, high int64) rule {
	return func(c *checker, at string, v any) {
		n, ok := v.(json.Number)
		i, err := n.Int64()
		if !ok || err != nil || i < low || i > high {
			c.fail(at, "must be an integer between %d and %d", low, high)
		}
	}
}

// link checks a web address. The limit of 3,000 characters is each element's own; that an address must be absolute
// and http(s) (or mailto, slack) is observed behaviour of "must be a valid url", not documented.
func link(c *checker, at string, v any) {
	str(1, 3000)(c, at, v)
	t, _ := v.(string)
	u, err := url.Parse(t)
	ok := err == nil && (u.Host != "" && slices.Contains([]string{"http", "https", "slack"}, u.Scheme) || u.Scheme == "mailto")
	if !ok && t != "" {
		c.fail(at, "must be a valid url")
	}
}

// matching checks a string by a predicate.
func matching(what string, ok func(string) bool) rule {
	return func(c *checker, at string, v any) {
		if t, isString := v.(string); !isString || !ok(t) {
			c.fail(at, "must be %s", what)
		}
	}
}
