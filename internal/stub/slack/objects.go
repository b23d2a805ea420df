package slack

import (
	"fmt"
	"reflect"
)

// Composition objects. Source: https://docs.slack.dev/reference/block-kit/composition-objects and the comments of
// slackapi/node-slack-sdk, packages/types/src/block-kit/composition-objects.ts.

// text checks a text object: 1 to high characters, of one of the kinds. emoji belongs to plain_text, verbatim to
// mrkdwn. Unknown entities in mrkdwn are just text.
func text(high int, kinds ...string) rule {
	return func(c *checker, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		f := fields{"type": oneOf(kinds...), "text": str(1, high)}
		if m["type"] == "plain_text" {
			f["emoji"] = boolean
		} else {
			f["verbatim"] = boolean
		}
		c.properties(at, m, f, []string{"type", "text"})
	}
}

func plain(high int) rule { return text(high, "plain_text") }

func rich(high int) rule { return text(high, "plain_text", "mrkdwn") }

// confirmation: title 100, text 300, confirm 30, deny 30 characters, all required.
func confirmation() rule {
	return object(fields{
		"title": plain(100), "text": rich(300), "confirm": plain(30), "deny": plain(30), "style": oneOf("primary", "danger"),
	}, "title", "text", "confirm", "deny")
}

// option: text 75, value 150, description 75 characters; mrkdwn text in checkboxes and radio buttons only; url in
// overflow menus only.
func option(element string) rule {
	f := fields{"text": plain(75), "value": str(1, 150), "description": plain(75)}
	switch element {
	case "checkboxes", "radio_buttons":
		f["text"], f["description"] = rich(75), rich(75)
	case "overflow":
		f["url"] = link
	}
	return object(f, "text", "value")
}

// optionGroup: label 75 characters, up to 100 options.
func optionGroup(element string) rule {
	return object(fields{"label": plain(75), "options": list(1, 100, option(element))}, "label", "options")
}

// dispatchConfig decides when an input tells its changes.
func dispatchConfig() rule {
	return object(fields{"trigger_actions_on": list(1, 2, oneOf("on_enter_pressed", "on_character_entered"))})
}

// optionsOf lists an element's options, those inside groups too.
func optionsOf(element map[string]any) []map[string]any {
	out, _ := objects(element["options"])
	groups, _ := objects(element["option_groups"])
	for _, g := range groups {
		inner, _ := objects(g["options"])
		out = append(out, inner...)
	}
	return out
}

// chosen checks the options of a menu: exactly one of options and option_groups, and initial ones that are among
// them. Source: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
func chosen(c *checker, at string, m map[string]any, grouped bool) {
	if grouped && (m["options"] == nil) == (m["option_groups"] == nil) {
		c.fail(at, "must define exactly one of options and option_groups")
		return
	}
	known := optionsOf(m)
	amongThem := func(at string, v any) {
		for _, o := range known {
			if reflect.DeepEqual(o, v) {
				return
			}
		}
		c.fail(at, "must exactly match one of the options")
	}
	if v := m["initial_option"]; v != nil {
		amongThem(at+"/initial_option", v)
	}
	if initial, ok := m["initial_options"].([]any); ok {
		for i, v := range initial {
			amongThem(fmt.Sprintf("%s/initial_options/%d", at, i), v)
		}
	}
}
