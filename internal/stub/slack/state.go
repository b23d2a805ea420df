package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// stateValues is what stands in the fields of a message or view: by block_id, by action_id, in Slack's shape.
// Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload (view.state.values)
type stateValues map[string]map[string]map[string]any

func (v stateValues) set(block, action string, value map[string]any) {
	if v[block] == nil {
		v[block] = map[string]map[string]any{}
	}
	v[block][action] = value
}

// holds names the property that holds an element's value, and whether the element keeps one.
func holds(kind string) (name string, stateful bool) {
	switch kind {
	case "button":
		return "value", false
	case "overflow":
		return "selected_option", false
	case "static_select", "radio_buttons":
		return "selected_option", true
	case "multi_static_select", "checkboxes":
		return "selected_options", true
	case "users_select":
		return "selected_user", true
	case "multi_users_select":
		return "selected_users", true
	case "channels_select":
		return "selected_channel", true
	case "multi_channels_select":
		return "selected_channels", true
	case "conversations_select":
		return "selected_conversation", true
	case "multi_conversations_select":
		return "selected_conversations", true
	case "datepicker":
		return "selected_date", true
	case "timepicker":
		return "selected_time", true
	case "datetimepicker":
		return "selected_date_time", true
	}
	return "value", true
}

// initial is the value an element shows before anyone touched it.
func initial(i interactive) map[string]any {
	name, _ := holds(i.kind())
	out := map[string]any{"type": i.kind(), name: nil}
	for _, key := range []string{"initial_value", "initial_option", "initial_options", "initial_user", "initial_users",
		"initial_channel", "initial_channels", "initial_conversation", "initial_conversations", "initial_date",
		"initial_time", "initial_date_time"} {
		if v := i.element[key]; v != nil {
			out[name] = v
		}
	}
	if multiple(i.kind()) && out[name] == nil {
		out[name] = []any{}
	}
	return out
}

func multiple(kind string) bool {
	return kind == "checkboxes" || len(kind) > 6 && kind[:6] == "multi_"
}

// entered is the value after a person chose or typed. No values, or one empty one, means cleared. What a Slack
// client would not let a person enter is an error.
func entered(i interactive, values []string) (map[string]any, error) {
	name, _ := holds(i.kind())
	out := map[string]any{"type": i.kind(), name: nil}
	if multiple(i.kind()) {
		out[name] = []any{}
	}
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return out, nil
	}
	if len(values) > 1 && !multiple(i.kind()) {
		return nil, fmt.Errorf("%s takes one value, not %d", i.kind(), len(values))
	}
	switch name {
	case "selected_option", "selected_options":
		picked := []any{}
		for _, v := range values {
			o, err := optionOf(i, v)
			if err != nil {
				return nil, err
			}
			picked = append(picked, o)
		}
		out[name] = picked
		if name == "selected_option" {
			out[name] = picked[0]
		}
	case "selected_date_time":
		n, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no Unix time", values[0])
		}
		out[name] = json.Number(strconv.FormatInt(n, 10))
	case "selected_date":
		if !isDate(values[0]) {
			return nil, fmt.Errorf("%q is no date as YYYY-MM-DD", values[0])
		}
		out[name] = values[0]
	case "selected_time":
		if !isTime(values[0]) {
			return nil, fmt.Errorf("%q is no time as HH:mm", values[0])
		}
		out[name] = values[0]
	default:
		out[name] = values[0]
		if multiple(i.kind()) {
			out[name] = anys(values)
		}
	}
	return out, nil
}

func anys(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

func optionOf(i interactive, value string) (map[string]any, error) {
	for _, o := range optionsOf(i.element) {
		if o["value"] == value {
			return o, nil
		}
	}
	return nil, fmt.Errorf("no option with value %q", value)
}

// stateOf is what stands in all fields: what was picked, else the initial value.
func stateOf(blocks []map[string]any, picked stateValues) stateValues {
	out := stateValues{}
	for _, i := range interactives(blocks) {
		if _, stateful := holds(i.kind()); !stateful {
			continue
		}
		value := picked[i.blockID()][i.actionID()]
		if value == nil || value["type"] != i.kind() {
			value = initial(i)
		}
		out.set(i.blockID(), i.actionID(), value)
	}
	return out
}

// unfilled checks a form as a Slack client does before it submits: required fields, and the length of texts. It
// gives what the client shows, by block_id.
// Source: https://docs.slack.dev/reference/block-kit/blocks/input-block (optional) and
// https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element (min_length, max_length); the
// words are this server's own.
func unfilled(blocks []map[string]any, state stateValues) map[string]string {
	out := map[string]string{}
	for _, i := range interactives(blocks) {
		if !i.input {
			continue
		}
		name, _ := holds(i.kind())
		value := state[i.blockID()][i.actionID()][name]
		list, isList := value.([]any)
		if empty := value == nil || value == "" || isList && len(list) == 0; empty {
			if optional, _ := i.block["optional"].(bool); !optional {
				out[i.blockID()] = "Please complete this required field."
			}
			continue
		}
		if t, ok := value.(string); ok && i.kind() == "plain_text_input" {
			if wrong := wrongLength(i.element, utf8.RuneCountInString(t)); wrong != "" {
				out[i.blockID()] = wrong
			}
		}
	}
	return out
}

func wrongLength(element map[string]any, n int) string {
	low, high := 0, 3000
	if v, ok := element["min_length"].(json.Number); ok {
		low, _ = strconv.Atoi(v.String())
	}
	if v, ok := element["max_length"].(json.Number); ok {
		high, _ = strconv.Atoi(v.String())
	}
	switch {
	case n < low:
		return fmt.Sprintf("Please enter at least %d characters.", low)
	case n > high:
		return fmt.Sprintf("Please enter at most %d characters.", high)
	}
	return ""
}

// fill puts what a person enters into the state. A key names a field by action_id, by block_id, or as
// "block_id/action_id".
func fill(blocks []map[string]any, into stateValues, values map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		i, err := fieldNamed(blocks, key)
		if err != nil {
			return err
		}
		given, err := asTexts(values[key])
		if err != nil {
			return fmt.Errorf("field %q: %w", key, err)
		}
		value, err := entered(i, given)
		if err != nil {
			return fmt.Errorf("field %q: %w", key, err)
		}
		into.set(i.blockID(), i.actionID(), value)
	}
	return nil
}

func fieldNamed(blocks []map[string]any, key string) (interactive, error) {
	var found []interactive
	for _, i := range interactives(blocks) {
		if _, stateful := holds(i.kind()); !stateful {
			continue
		}
		if key == i.blockID()+"/"+i.actionID() {
			return i, nil
		}
		if key == i.actionID() || key == i.blockID() {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return interactive{}, fmt.Errorf("field %q: %d fields have that block_id or action_id", key, len(found))
	}
	return found[0], nil
}

// asTexts reads a value given from outside as texts.
func asTexts(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []string:
		return v, nil
	case int, int64, json.Number:
		return []string{fmt.Sprint(v)}, nil
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}, nil
	case []any:
		var out []string
		for _, e := range v {
			one, err := asTexts(e)
			if err != nil {
				return nil, err
			}
			out = append(out, one...)
		}
		return out, nil
	}
	return nil, fmt.Errorf("cannot enter a %T", v)
}
