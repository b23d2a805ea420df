package slack

import (
	"encoding/json"
	"regexp"
	"slices"
	"time"
)

// Elements. Source: https://docs.slack.dev/reference/block-kit/block-elements and the comments of
// slackapi/node-slack-sdk, packages/types/src/block-kit/block-elements.ts.

// kind is an element's properties and what else must hold of it.
type kind struct {
	fields   fields
	required []string
	also     func(c *checker, at string, m map[string]any)
}

// elementKind gives the rules of an element type.
func elementKind(name string) (kind, bool) {
	confirm, placeholder := confirmation(), plain(150)
	options := func(low, high int) rule { return list(low, high, option(name)) }
	switch name {
	case "button":
		// text 75, value 2,000, url 3,000, accessibility_label 75 characters.
		return kind{fields{"text": plain(75), "value": str(1, 2000), "url": link, "style": oneOf("primary", "danger"),
			"confirm": confirm, "accessibility_label": str(1, 75)}, []string{"text"}, nil}, true
	case "overflow":
		// Up to 5 options; the page asks for at least one (it was two once).
		return kind{fields{"options": options(1, 5), "confirm": confirm}, []string{"options"}, nil}, true
	case "checkboxes":
		return kind{fields{"options": options(1, 10), "initial_options": options(1, 10), "confirm": confirm, "focus_on_load": boolean},
			[]string{"options"}, ungrouped}, true
	case "radio_buttons":
		return kind{fields{"options": options(1, 10), "initial_option": option(name), "confirm": confirm, "focus_on_load": boolean},
			[]string{"options"}, ungrouped}, true
	case "static_select", "multi_static_select":
		f := fields{"options": options(1, 100), "option_groups": list(1, 100, optionGroup(name)), "placeholder": placeholder,
			"confirm": confirm, "focus_on_load": boolean}
		if name == "static_select" {
			f["initial_option"] = option(name)
		} else {
			f["initial_options"], f["max_selected_items"] = options(1, 100), whole(1, 100)
		}
		return kind{f, nil, grouped}, true
	case "users_select", "channels_select", "conversations_select":
		initial := map[string]string{"users_select": "initial_user", "channels_select": "initial_channel", "conversations_select": "initial_conversation"}[name]
		f := fields{initial: str(1, 255), "placeholder": placeholder, "confirm": confirm, "focus_on_load": boolean}
		pickerExtras(name, f)
		return kind{f, nil, nil}, true
	case "multi_users_select", "multi_channels_select", "multi_conversations_select":
		initial := map[string]string{"multi_users_select": "initial_users", "multi_channels_select": "initial_channels", "multi_conversations_select": "initial_conversations"}[name]
		f := fields{initial: list(0, 100, str(1, 255)), "placeholder": placeholder, "confirm": confirm, "focus_on_load": boolean, "max_selected_items": whole(1, 100)}
		pickerExtras(name[len("multi_"):], f)
		return kind{f, nil, nil}, true
	case "datepicker":
		return kind{fields{"initial_date": matching("a date as YYYY-MM-DD", isDate), "placeholder": placeholder, "confirm": confirm, "focus_on_load": boolean}, nil, nil}, true
	case "timepicker":
		return kind{fields{"initial_time": matching("a time as HH:mm", isTime), "timezone": matching("an IANA zone", isZone),
			"placeholder": placeholder, "confirm": confirm, "focus_on_load": boolean}, nil, nil}, true
	case "datetimepicker":
		// A Unix time of ten digits.
		return kind{fields{"initial_date_time": whole(1_000_000_000, 9_999_999_999), "confirm": confirm, "focus_on_load": boolean}, nil, nil}, true
	case "plain_text_input":
		return kind{fields{"initial_value": str(0, 3000), "multiline": boolean, "min_length": whole(0, 3000), "max_length": whole(1, 3000),
			"dispatch_action_config": dispatchConfig(), "placeholder": placeholder, "focus_on_load": boolean}, nil, ordered}, true
	case "number_input":
		return kind{fields{"is_decimal_allowed": boolean, "initial_value": str(1, 40), "min_value": str(1, 40), "max_value": str(1, 40),
			"dispatch_action_config": dispatchConfig(), "placeholder": placeholder, "focus_on_load": boolean}, []string{"is_decimal_allowed"}, nil}, true
	case "email_text_input", "url_text_input":
		return kind{fields{"initial_value": str(0, 3000), "dispatch_action_config": dispatchConfig(), "placeholder": placeholder, "focus_on_load": boolean}, nil, nil}, true
	case "image":
		return kind{fields{"image_url": link, "slack_file": nil, "alt_text": str(1, 2000)}, []string{"alt_text"}, oneImage}, true
	}
	return kind{}, false
}

func pickerExtras(name string, f fields) {
	if name != "users_select" {
		f["response_url_enabled"] = boolean
	}
	if name == "conversations_select" {
		f["default_to_current_conversation"] = boolean
		f["filter"] = nil
	}
}

func grouped(c *checker, at string, m map[string]any)   { chosen(c, at, m, true) }
func ungrouped(c *checker, at string, m map[string]any) { chosen(c, at, m, false) }

func ordered(c *checker, at string, m map[string]any) {
	low, okLow := m["min_length"].(json.Number)
	high, okHigh := m["max_length"].(json.Number)
	if okLow && okHigh {
		l, _ := low.Int64()
		h, _ := high.Int64()
		if l > h {
			c.fail(at, "min_length must not exceed max_length")
		}
	}
}

func oneImage(c *checker, at string, m map[string]any) {
	if (m["image_url"] == nil) == (m["slack_file"] == nil) {
		c.fail(at, "must define exactly one of image_url and slack_file")
	}
}

var clockForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

func isTime(t string) bool { return clockForm.MatchString(t) }

func isDate(t string) bool { _, err := time.Parse(time.DateOnly, t); return err == nil }

func isZone(t string) bool { _, err := time.LoadLocation(t); return t != "" && err == nil }

// element checks an element that may be one of the allowed types. Its action_id is optional, at most 255 characters,
// and unique in its block ("should be unique among all other action_ids in the containing block"); the same one in
// another block is allowed.
func element(allowed ...string) rule {
	return func(c *checker, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		name, _ := m["type"].(string)
		k, known := elementKind(name)
		if !known || !slices.Contains(allowed, name) {
			c.fail(at+"/type", "unsupported type: %s", name)
			return
		}
		k.fields["type"] = nil
		if name != "image" {
			k.fields["action_id"] = c.uniqueAction
		}
		c.properties(at, m, k.fields, k.required)
		if k.also != nil {
			k.also(c, at, m)
		}
	}
}

// uniqueAction has a rule's shape; c is the checker it is called on.
func (c *checker) uniqueAction(_ *checker, at string, v any) {
	str(1, 255)(c, at, v)
	id, _ := v.(string)
	if c.actionIDs[id] {
		c.fail(at, "action_id %q already exists", id)
	}
	c.actionIDs[id] = true
}
