package slack

import (
	"fmt"
	"maps"
	"slices"
)

// Blocks. Source: https://docs.slack.dev/reference/block-kit/blocks and the comments of slackapi/node-slack-sdk,
// packages/types/src/block-kit/blocks.ts. Kinds that no bot like ours uses (video, file, table, cards and such) are
// refused as unsupported, which the real one would not do.

// Which elements stand where: the types ActionsBlockElement, InputBlockElement and SectionBlockAccessory of that file.
// A datetimepicker is for actions and input blocks, not beside a section.
func actionElements() []string {
	return append(menus(), "button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons", "timepicker")
}

func inputElements() []string {
	return append(menus(), "checkboxes", "datepicker", "datetimepicker", "radio_buttons", "timepicker",
		"plain_text_input", "number_input", "email_text_input", "url_text_input")
}

func sectionElements() []string {
	return append(menus(), "button", "checkboxes", "datepicker", "image", "overflow", "radio_buttons", "timepicker")
}

func menus() []string {
	return []string{"static_select", "multi_static_select", "users_select", "multi_users_select", "channels_select",
		"multi_channels_select", "conversations_select", "multi_conversations_select"}
}

// blockKind gives the rules of a block type.
func blockKind(name string) (kind, bool) {
	switch name {
	case "section":
		// text 3,000 characters, up to 10 fields of 2,000.
		return kind{fields{"text": rich(3000), "fields": list(1, 10, rich(2000)), "accessory": element(sectionElements()...), "expand": boolean}, nil, textOrFields}, true
	case "header":
		return kind{fields{"text": plain(150)}, []string{"text"}, nil}, true
	case "divider":
		return kind{fields{}, nil, nil}, true
	case "actions":
		return kind{fields{"elements": list(1, 25, element(actionElements()...))}, []string{"elements"}, nil}, true
	case "context":
		return kind{fields{"elements": list(1, 10, contextElement)}, []string{"elements"}, nil}, true
	case "image":
		return kind{fields{"image_url": link, "slack_file": nil, "alt_text": str(1, 2000), "title": plain(2000)}, []string{"alt_text"}, oneImage}, true
	case "input":
		// label and hint 2,000 characters.
		return kind{fields{"label": plain(2000), "hint": plain(2000), "element": element(inputElements()...), "optional": boolean, "dispatch_action": boolean},
			[]string{"label", "element"}, nil}, true
	case "rich_text":
		return kind{fields{"elements": list(1, 100, richElement)}, []string{"elements"}, nil}, true
	case "markdown":
		return kind{fields{"text": str(1, 12000)}, []string{"text"}, nil}, true
	}
	return kind{}, false
}

func textOrFields(c *checker, at string, m map[string]any) {
	if m["text"] == nil && m["fields"] == nil {
		c.fail(at, "must define either text or fields")
	}
}

func contextElement(c *checker, at string, v any) {
	m, _ := v.(map[string]any)
	if m["type"] == "image" {
		element("image")(c, at, v)
		return
	}
	rich(3000)(c, at, v)
}

// richElement checks the outline of a rich text's parts, not what they hold.
func richElement(c *checker, at string, v any) {
	m, _ := v.(map[string]any)
	name, _ := m["type"].(string)
	if !slices.Contains([]string{"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}, name) {
		c.fail(at+"/type", "unsupported type: %s", name)
		return
	}
	if _, ok := m["elements"].([]any); !ok {
		c.fail(at, "missing required field: elements")
	}
}

// block checks one block. A block_id is optional, at most 255 characters, unique in its message or view.
func block(c *checker, at string, v any) {
	m, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "must provide an object")
		return
	}
	name, _ := m["type"].(string)
	k, known := blockKind(name)
	if !known || name == "markdown" && c.on != onMessage {
		c.fail(at+"/type", "unsupported type: %s", name)
		return
	}
	c.inputs = c.inputs || name == "input"
	clear(c.actionIDs)
	k.fields["type"] = nil
	k.fields["block_id"] = func(c *checker, at string, v any) {
		str(1, 255)(c, at, v)
		id, _ := v.(string)
		if c.blockIDs[id] {
			c.fail(at, "block_id %q already exists", id)
		}
		c.blockIDs[id] = true
	}
	c.properties(at, m, k.fields, k.required)
	if k.also != nil {
		k.also(c, at, m)
	}
}

// checkBlocks checks the blocks of a message: at most 50. It returns them with a block_id and action_ids where none
// was given, as Slack fills them in, and the reasons why they are refused.
func checkBlocks(list []any, on surface) ([]map[string]any, []string) {
	c := newChecker(on)
	c.blocks("/blocks", list)
	if len(c.reasons) > 0 {
		return nil, c.reasons
	}
	return fillIDs(list), nil
}

func (c *checker) blocks(at string, v any) {
	list(0, map[surface]int{onMessage: 50, onModal: 100, onHome: 100}[c.on], block)(c, at, v)
}

// fillIDs copies checked blocks, giving each block and element without an id one of its own.
// Source: https://docs.slack.dev/reference/block-kit/blocks ("If not specified, a block_id will be generated").
func fillIDs(list []any) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, v := range list {
		b := maps.Clone(v.(map[string]any))
		if b["block_id"] == nil {
			b["block_id"] = newID("b")
		}
		switch b["type"] {
		case "actions":
			elements, _ := b["elements"].([]any)
			filled := make([]any, len(elements))
			for i, e := range elements {
				filled[i] = withActionID(e)
			}
			b["elements"] = filled
		case "input":
			b["element"] = withActionID(b["element"])
		case "section":
			if a, ok := b["accessory"].(map[string]any); ok && a["type"] != "image" {
				b["accessory"] = withActionID(a)
			}
		}
		out = append(out, b)
	}
	return out
}

func withActionID(v any) any {
	e := maps.Clone(v.(map[string]any))
	if e["action_id"] == nil {
		e["action_id"] = newID("a")
	}
	return e
}

// interactive is an element that a person can use, and where it stands.
type interactive struct {
	block   map[string]any
	element map[string]any
	input   bool // inside an input block
}

func (i interactive) blockID() string  { id, _ := i.block["block_id"].(string); return id }
func (i interactive) actionID() string { id, _ := i.element["action_id"].(string); return id }
func (i interactive) kind() string     { k, _ := i.element["type"].(string); return k }

// interactives lists the elements of stored blocks that a person can use.
func interactives(blocks []map[string]any) []interactive {
	var out []interactive
	add := func(b map[string]any, v any, input bool) {
		if e, ok := v.(map[string]any); ok && e["action_id"] != nil {
			out = append(out, interactive{b, e, input})
		}
	}
	for _, b := range blocks {
		switch b["type"] {
		case "actions":
			elements, _ := b["elements"].([]any)
			for _, e := range elements {
				add(b, e, false)
			}
		case "input":
			add(b, b["element"], true)
		case "section":
			add(b, b["accessory"], false)
		}
	}
	return out
}

// pick finds the one element with this action id, in this block when one is named.
func pick(blocks []map[string]any, blockID, actionID string) (interactive, error) {
	var found []interactive
	for _, i := range interactives(blocks) {
		if i.actionID() == actionID && (blockID == "" || i.blockID() == blockID) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return interactive{}, fmt.Errorf("nothing with action id %q to use", actionID)
	case 1:
		return found[0], nil
	}
	return interactive{}, fmt.Errorf("action id %q stands in several blocks: name the block", actionID)
}
