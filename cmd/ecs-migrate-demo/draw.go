package main

import (
	"encoding/json"
	"strings"
	"time"
)

// The drawing of Block Kit in text: what a person sees of a message or a form,
// without its looks. Source of the kinds and their parts:
// https://docs.slack.dev/reference/block-kit/blocks
//
// It draws what the bot sends and names what it does not know, so that nothing
// disappears.

// object is a JSON object of Block Kit.
type object = map[string]any

// drawing is made for one reader, so many columns wide.
type drawing struct {
	reader
	columns int
}

// framed draws blocks behind a bar, under a title.
func (d drawing) framed(title string, blocks []object) []string {
	inside := d
	inside.columns -= 2
	lines := []string{dim.of("┌ ") + title}
	for i, b := range blocks {
		drawn := inside.block(b)
		if i > 0 && len(drawn) > 0 {
			lines = append(lines, dim.of("│"))
		}
		for _, line := range drawn {
			lines = append(lines, strings.TrimRight(dim.of("│")+" "+line, " "))
		}
	}
	return append(lines, dim.of("└"))
}

// form draws a modal with its title and its two buttons.
func (d drawing) form(title, submit, close string, blocks []object) []string {
	lines := d.framed(bold.of(d.plainText(title)), blocks)
	var buttons []string
	for _, label := range []string{submit, close} {
		if label != "" {
			buttons = append(buttons, "["+d.plainText(label)+"]")
		}
	}
	lines[len(lines)-1] = dim.of("└") + " " + strings.Join(buttons, " ")
	return lines
}

func (d drawing) block(b object) []string {
	switch kind := str(b, "type"); kind {
	case "header":
		return wrap(bold.of(d.text(b["text"])), d.columns)
	case "divider":
		return []string{dim.of(strings.Repeat("─", d.columns))}
	case "section":
		return d.section(b)
	case "context":
		return wrap(dim.of(strings.Join(each(b["elements"], d.small), "  ")), d.columns)
	case "actions":
		return wrap(strings.Join(each(b["elements"], d.element), " "), d.columns)
	case "input":
		return d.input(b)
	case "image":
		return wrap(d.image(b), d.columns)
	case "markdown":
		return wrap(clean(str(b, "text")), d.columns)
	default:
		return []string{"(" + clean(kind) + ")"}
	}
}

func (d drawing) section(b object) []string {
	var lines []string
	if b["text"] != nil {
		lines = wrap(d.text(b["text"]), d.columns)
	}
	lines = append(lines, d.twoColumns(each(b["fields"], func(f object) string { return d.text(f) }))...)
	if accessory, ok := b["accessory"].(object); ok {
		lines = append(lines, wrap(d.element(accessory), d.columns)...)
	}
	return lines
}

// twoColumns sets fields as Slack does: in rows, two a row.
func (d drawing) twoColumns(fields []string) []string {
	var lines []string
	half := (d.columns - 2) / 2
	for i := 0; i < len(fields); i += 2 {
		left, right := wrap(fields[i], half), []string(nil)
		if i+1 < len(fields) {
			right = wrap(fields[i+1], half)
		}
		for j := range max(len(left), len(right)) {
			lines = append(lines, strings.TrimRight(pad(at(left, j), half)+"  "+at(right, j), " "))
		}
	}
	return lines
}

func (d drawing) input(b object) []string {
	label := bold.of(d.text(b["label"]))
	lines := wrap(label, d.columns)
	if e, ok := b["element"].(object); ok {
		lines = append(lines, wrap(d.element(e), d.columns)...)
	}
	if b["hint"] != nil {
		lines = append(lines, wrap(dim.of(d.text(b["hint"])), d.columns)...)
	}
	return lines
}

// element draws what a person can use: buttons in [brackets], fields in ‹these›.
func (d drawing) element(e object) string {
	switch kind := str(e, "type"); kind {
	case "button":
		label := "[" + d.text(e["text"]) + "]"
		if style := str(e, "style"); style != "" {
			return bold.of(label)
		}
		return label
	case "overflow":
		return "[⋯ " + strings.Join(each(e["options"], d.option), " | ") + "]"
	case "checkboxes", "radio_buttons":
		return strings.Join(each(e["options"], func(o object) string { return "( ) " + d.option(o) }), "\n")
	case "datetimepicker":
		return "‹" + d.moment(e["initial_date_time"]) + " ▾›"
	case "image":
		return d.image(e)
	default:
		return "‹" + d.filled(e) + "›"
	}
}

// filled is what a field shows before anyone touched it.
func (d drawing) filled(e object) string {
	for _, name := range []string{"initial_value", "initial_date", "initial_time"} {
		if v := str(e, name); v != "" {
			return clean(v)
		}
	}
	if o, ok := e["initial_option"].(object); ok {
		return d.option(o) + " ▾"
	}
	if e["placeholder"] != nil {
		return d.text(e["placeholder"])
	}
	return clean(str(e, "type"))
}

// moment is a picker's time: in the reader's zone, as all pickers show it.
func (d drawing) moment(v any) string {
	n, ok := v.(json.Number)
	if !ok {
		return words{"date and time", "日期和时间"}.in(d.lang)
	}
	seconds, err := n.Int64()
	if err != nil {
		return clean(n.String())
	}
	return d.written(time.Unix(seconds, 0))
}

// written is a moment as this reader's Slack writes it.
func (r reader) written(t time.Time) string {
	day, _ := r.dateWord(t.In(r.zone), "date_short")
	hour, _ := r.dateWord(t.In(r.zone), "time")
	return day + " " + hour
}

func (d drawing) option(o object) string { return d.text(o["text"]) }

func (d drawing) small(e object) string {
	if str(e, "type") == "image" {
		return d.image(e)
	}
	return d.text(e)
}

func (d drawing) image(e object) string { return "(" + clean(str(e, "alt_text")) + ")" }

// text is a text object's text.
func (d drawing) text(v any) string {
	o, _ := v.(object)
	if str(o, "type") == "mrkdwn" {
		return d.mrkdwn(str(o, "text"))
	}
	return d.plainText(str(o, "text"))
}

// head is the blocks of a card that change with each step: down to its buttons.
func head(blocks []object) []object {
	for i, b := range blocks {
		if str(b, "type") == "actions" {
			return blocks[:i+1]
		}
	}
	return blocks
}

// buttons are the action ids of a message's buttons.
func buttons(blocks []object) map[string]bool {
	all := map[string]bool{}
	for _, b := range blocks {
		each(b["elements"], func(e object) string { all[str(e, "action_id")] = true; return "" })
	}
	return all
}

func str(o object, name string) string { s, _ := o[name].(string); return s }

// each does draw to every object of a JSON list.
func each(list any, draw func(object) string) []string {
	var out []string
	items, _ := list.([]any)
	for _, item := range items {
		if o, ok := item.(object); ok {
			out = append(out, draw(o))
		}
	}
	return out
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
