package slack_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	slackstub "ecs-migrate/internal/stub/slack"
)

// long is a text of n characters that take three bytes each: limits count characters.
func long(n int) string { return strings.Repeat("迁", n) }

func plain(words string) string {
	return fmt.Sprintf(`{"type":"plain_text","text":%q}`, words)
}

func mrkdwn(words string) string {
	return fmt.Sprintf(`{"type":"mrkdwn","text":%q}`, words)
}

func times(n int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(item, "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(items, ",") + "]"
}

func options(n int) string { return times(n, `{"text":`+plain("o#")+`,"value":"v#"}`) }

func button(extra string) string {
	return `{"type":"button","text":` + plain("Go") + extra + `}`
}

func actions(element string) string { return `{"type":"actions","elements":[` + element + `]}` }

func input(element string) string {
	return `{"type":"input","label":` + plain("When") + `,"element":` + element + `}`
}

func confirm(title, body, yes, no string) string {
	return `,"confirm":{"title":` + plain(title) + `,"text":` + plain(body) + `,"confirm":` + plain(yes) + `,"deny":` + plain(no) + `}`
}

// Sources: docs.slack.dev/reference/block-kit/blocks/*, .../block-elements/*, .../composition-objects/* and the
// comments of slackapi/node-slack-sdk packages/types/src/block-kit. Each row is a single block; want is the end of
// the reason, empty for a block that is accepted.
func TestBlocks(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	for _, c := range []struct{ name, block, want string }{
		{"section", `{"type":"section","text":` + mrkdwn("hi") + `}`, ""},
		{"section 3000", `{"type":"section","text":` + mrkdwn(long(3000)) + `}`, ""},
		{"section 3001", `{"type":"section","text":` + mrkdwn(long(3001)) + `}`, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"section empty text", `{"type":"section","text":` + mrkdwn("") + `}`, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"section bare", `{"type":"section"}`, "must define either text or fields [json-pointer:/blocks/0]"},
		{"section text a string", `{"type":"section","text":"hi"}`, "must provide an object [json-pointer:/blocks/0/text]"},
		{"section unknown entity", `{"type":"section","text":` + mrkdwn("<!date^x^y> & <nonsense") + `}`, ""},
		{"section 10 fields", `{"type":"section","fields":` + times(10, mrkdwn("f#")) + `}`, ""},
		{"section 11 fields", `{"type":"section","fields":` + times(11, mrkdwn("f#")) + `}`, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"field 2000", `{"type":"section","fields":[` + mrkdwn(long(2000)) + `]}`, ""},
		{"field 2001", `{"type":"section","fields":[` + mrkdwn(long(2001)) + `]}`, "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
		{"section accessory", `{"type":"section","text":` + mrkdwn("a") + `,"accessory":` + button("") + `}`, ""},
		{"section with datetimepicker", `{"type":"section","text":` + mrkdwn("a") + `,"accessory":{"type":"datetimepicker"}}`, "unsupported type: datetimepicker [json-pointer:/blocks/0/accessory/type]"},
		{"unknown block", `{"type":"sections"}`, "unsupported type: sections [json-pointer:/blocks/0/type]"},
		{"no type", `{"text":` + plain("x") + `}`, "unsupported type:  [json-pointer:/blocks/0/type]"},
		{"not an object", `7`, "must provide an object [json-pointer:/blocks/0]"},
		{"unknown field", `{"type":"divider","colour":"red"}`, "invalid additional property: colour [json-pointer:/blocks/0]"},
		{"unknown text type", `{"type":"section","text":{"type":"markdown","text":"x"}}`, "must be one of: plain_text, mrkdwn [json-pointer:/blocks/0/text/type]"},
		{"emoji on mrkdwn", `{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "invalid additional property: emoji [json-pointer:/blocks/0/text]"},
		{"verbatim on plain text", `{"type":"header","text":{"type":"plain_text","text":"x","verbatim":true}}`, "invalid additional property: verbatim [json-pointer:/blocks/0/text]"},
		{"block_id 255", `{"type":"divider","block_id":"` + long(255) + `"}`, ""},
		{"block_id 256", `{"type":"divider","block_id":"` + long(256) + `"}`, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"},

		{"header 150", `{"type":"header","text":` + plain(long(150)) + `}`, ""},
		{"header 151", `{"type":"header","text":` + plain(long(151)) + `}`, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{"header mrkdwn", `{"type":"header","text":` + mrkdwn("x") + `}`, "must be one of: plain_text [json-pointer:/blocks/0/text/type]"},
		{"header bare", `{"type":"header"}`, "missing required field: text [json-pointer:/blocks/0]"},

		{"context 10", `{"type":"context","elements":` + times(10, mrkdwn("x#")) + `}`, ""},
		{"context 11", `{"type":"context","elements":` + times(11, mrkdwn("x#")) + `}`, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"context none", `{"type":"context","elements":[]}`, "no less than 1 items allowed [json-pointer:/blocks/0/elements]"},
		{"context image", `{"type":"context","elements":[{"type":"image","image_url":"https://a.example/b.png","alt_text":"b"}]}`, ""},
		{"context button", `{"type":"context","elements":[` + button("") + `]}`, "[json-pointer:/blocks/0/elements/0/type]"},
		{"image", `{"type":"image","image_url":"https://a.example/b.png","alt_text":"b","title":` + plain("t") + `}`, ""},
		{"image without alt", `{"type":"image","image_url":"https://a.example/b.png"}`, "missing required field: alt_text [json-pointer:/blocks/0]"},
		{"image without source", `{"type":"image","alt_text":"b"}`, "must define exactly one of image_url and slack_file [json-pointer:/blocks/0]"},
		{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}`, ""},
		{"rich text of nothing known", `{"type":"rich_text","elements":[{"type":"x"}]}`, "unsupported type: x [json-pointer:/blocks/0/elements/0/type]"},
		{"rich text without parts", `{"type":"rich_text","elements":[{"type":"rich_text_quote"}]}`, "missing required field: elements [json-pointer:/blocks/0/elements/0]"},
		{"markdown", `{"type":"markdown","text":"**x**"}`, ""},

		{"actions 25", `{"type":"actions","elements":` + times(25, button(`,"action_id":"a#"`)) + `}`, ""},
		{"actions 26", `{"type":"actions","elements":` + times(26, button(`,"action_id":"a#"`)) + `}`, "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		{"actions twice the same id", `{"type":"actions","elements":` + times(2, button(`,"action_id":"a"`)) + `}`, `action_id "a" already exists [json-pointer:/blocks/0/elements/1/action_id]`},
		{"text input in actions", actions(`{"type":"plain_text_input"}`), "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"},
		{"button 75", actions(`{"type":"button","text":` + plain(long(75)) + `}`), ""},
		{"button 76", actions(`{"type":"button","text":` + plain(long(76)) + `}`), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		{"button mrkdwn", actions(`{"type":"button","text":` + mrkdwn("x") + `}`), "must be one of: plain_text [json-pointer:/blocks/0/elements/0/text/type]"},
		{"button value 2000", actions(button(`,"value":"` + long(2000) + `"`)), ""},
		{"button value 2001", actions(button(`,"value":"` + long(2001) + `"`)), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"button action_id 256", actions(button(`,"action_id":"` + long(256) + `"`)), "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"},
		{"button url", actions(button(`,"url":"https://a.example/x"`)), ""},
		{"button url too long", actions(button(`,"url":"https://a.example/` + strings.Repeat("x", 3000) + `"`)), "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]"},
		{"button url no url", actions(button(`,"url":"example"`)), "must be a valid url [json-pointer:/blocks/0/elements/0/url]"},
		{"button style", actions(button(`,"style":"warning"`)), "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"},
		{"confirm", actions(button(confirm(long(100), long(300), long(30), long(30)))), ""},
		{"confirm title 101", actions(button(confirm(long(101), "b", "y", "n"))), "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]"},
		{"confirm text 301", actions(button(confirm("t", long(301), "y", "n"))), "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]"},
		{"confirm yes 31", actions(button(confirm("t", "b", long(31), "n"))), "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]"},
		{"confirm no 31", actions(button(confirm("t", "b", "y", long(31)))), "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]"},
		{"confirm bare", actions(button(`,"confirm":{"text":` + plain("x") + `,"confirm":` + plain("y") + `,"deny":` + plain("n") + `}`)), "missing required field: title [json-pointer:/blocks/0/elements/0/confirm]"},

		{"overflow 1", actions(`{"type":"overflow","options":` + options(1) + `}`), ""},
		{"overflow 5", actions(`{"type":"overflow","options":` + options(5) + `}`), ""},
		{"overflow 6", actions(`{"type":"overflow","options":` + options(6) + `}`), "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"overflow url", actions(`{"type":"overflow","options":[{"text":` + plain("o") + `,"value":"v","url":"https://a.example"}]}`), ""},
		{"url elsewhere", actions(`{"type":"static_select","options":[{"text":` + plain("o") + `,"value":"v","url":"https://a.example"}]}`), "invalid additional property: url [json-pointer:/blocks/0/elements/0/options/0]"},
		{"checkboxes 10", actions(`{"type":"checkboxes","options":` + options(10) + `}`), ""},
		{"checkboxes 11", actions(`{"type":"checkboxes","options":` + options(11) + `}`), "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"checkboxes mrkdwn", actions(`{"type":"checkboxes","options":[{"text":` + mrkdwn("*o*") + `,"value":"v"}]}`), ""},
		{"radio 11", actions(`{"type":"radio_buttons","options":` + options(11) + `}`), "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"select 100", actions(`{"type":"static_select","options":` + options(100) + `}`), ""},
		{"select 101", actions(`{"type":"static_select","options":` + options(101) + `}`), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"select mrkdwn", actions(`{"type":"static_select","options":[{"text":` + mrkdwn("o") + `,"value":"v"}]}`), "must be one of: plain_text [json-pointer:/blocks/0/elements/0/options/0/text/type]"},
		{"select nothing", actions(`{"type":"static_select"}`), "must define exactly one of options and option_groups [json-pointer:/blocks/0/elements/0]"},
		{"select groups", actions(`{"type":"static_select","option_groups":[{"label":` + plain("g") + `,"options":` + options(2) + `}]}`), ""},
		{"select initial", actions(`{"type":"static_select","options":` + options(2) + `,"initial_option":{"text":` + plain("o1") + `,"value":"v1"}}`), ""},
		{"select initial elsewhere", actions(`{"type":"static_select","options":` + options(2) + `,"initial_option":{"text":` + plain("o1") + `,"value":"v9"}}`), "must exactly match one of the options [json-pointer:/blocks/0/elements/0/initial_option]"},
		{"multi initial elsewhere", input(`{"type":"multi_static_select","options":` + options(2) + `,"initial_options":[{"text":` + plain("o") + `,"value":"v9"}]}`), "must exactly match one of the options [json-pointer:/blocks/0/element/initial_options/0]"},
		{"option text 76", actions(`{"type":"overflow","options":[{"text":` + plain(long(76)) + `,"value":"v"}]}`), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]"},
		{"option value 151", actions(`{"type":"overflow","options":[{"text":` + plain("o") + `,"value":"` + long(151) + `"}]}`), "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]"},
		{"option without value", actions(`{"type":"overflow","options":[{"text":` + plain("o") + `}]}`), "missing required field: value [json-pointer:/blocks/0/elements/0/options/0]"},
		{"users select", actions(`{"type":"users_select","initial_user":"U0000000001","placeholder":` + plain("who") + `}`), ""},
		{"placeholder 151", actions(`{"type":"users_select","placeholder":` + plain(long(151)) + `}`), "must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]"},
		{"datetimepicker", actions(`{"type":"datetimepicker","initial_date_time":1714608000}`), ""},
		{"datetimepicker in milliseconds", actions(`{"type":"datetimepicker","initial_date_time":1714608000000}`), "[json-pointer:/blocks/0/elements/0/initial_date_time]"},
		{"datetimepicker a string", actions(`{"type":"datetimepicker","initial_date_time":"1714608000"}`), "[json-pointer:/blocks/0/elements/0/initial_date_time]"},
		{"datepicker", actions(`{"type":"datepicker","initial_date":"2024-05-02"}`), ""},
		{"datepicker 30 February", actions(`{"type":"datepicker","initial_date":"2024-02-30"}`), "must be a date as YYYY-MM-DD [json-pointer:/blocks/0/elements/0/initial_date]"},
		{"timepicker", actions(`{"type":"timepicker","initial_time":"23:59","timezone":"Asia/Shanghai"}`), ""},
		{"timepicker 24:00", actions(`{"type":"timepicker","initial_time":"24:00"}`), "must be a time as HH:mm [json-pointer:/blocks/0/elements/0/initial_time]"},
		{"timepicker nowhere", actions(`{"type":"timepicker","timezone":"Asia/Nowhere"}`), "must be an IANA zone [json-pointer:/blocks/0/elements/0/timezone]"},

		{"input", input(`{"type":"datetimepicker"}`), ""},
		{"input label 2001", `{"type":"input","label":` + plain(long(2001)) + `,"element":{"type":"plain_text_input"}}`, "must be less than 2001 characters [json-pointer:/blocks/0/label/text]"},
		{"input button", input(button("")), "unsupported type: button [json-pointer:/blocks/0/element/type]"},
		{"input bare", `{"type":"input"}`, "missing required field: element [json-pointer:/blocks/0]"},
		{"text input bounds", input(`{"type":"plain_text_input","min_length":5,"max_length":4}`), "min_length must not exceed max_length [json-pointer:/blocks/0/element]"},
		{"text input 3001", input(`{"type":"plain_text_input","max_length":3001}`), "[json-pointer:/blocks/0/element/max_length]"},
		{"number input", input(`{"type":"number_input"}`), "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]"},
	} {
		a := call(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"x","blocks":[`+c.block+`]}`)
		switch {
		case c.want == "" && a.code() != "":
			t.Errorf("%s: %v", c.name, a.body)
		case c.want != "" && (a.code() != "invalid_blocks" || !strings.Contains(a.reasons(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, a.body, c.want)
		case c.want != "" && !strings.HasPrefix(a.reasons(), "[ERROR] "):
			t.Errorf("%s: reasons are not marked: %q", c.name, a.reasons())
		}
	}
}

// Source: docs.slack.dev/reference/block-kit/blocks (50 in a message; block_id unique).
func TestBlocksTogether(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	for _, c := range []struct{ blocks, want string }{
		{times(50, `{"type":"divider"}`), ""},
		{times(51, `{"type":"divider"}`), "no more than 50 items allowed [json-pointer:/blocks]"},
		{times(2, `{"type":"divider","block_id":"b"}`), `block_id "b" already exists [json-pointer:/blocks/1/block_id]`},
		{times(2, actions(button(`,"action_id":"same"`))), ""}, // unique in its block only
	} {
		a := call(t, s, "chat.postMessage", `{"channel":"`+ops+`","text":"x","blocks":`+c.blocks+`}`)
		if c.want == "" && a.code() != "" || c.want != "" && !strings.Contains(a.reasons(), c.want) {
			t.Errorf("%.80s: %v, want %q", c.blocks, a.body, c.want)
		}
	}
}

// Source: docs.slack.dev/reference/block-kit/blocks ("If not specified, a block_id will be generated").
func TestMissingIDsAreMade(t *testing.T) {
	s := start(t, slackstub.Options{})
	must(t, s, "chat.postMessage", `{"channel":"`+ops+`","blocks":[`+actions(button(""))+`,{"type":"section","text":`+mrkdwn("x")+`,"accessory":`+button("")+`},`+input(`{"type":"datepicker"}`)+`]}`)
	raw, err := json.Marshal(s.Messages(ops)[0].Blocks)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(raw), `"block_id"`) + strings.Count(string(raw), `"action_id"`); got != 6 {
		t.Errorf("%d ids in %s", got, raw)
	}
}

// Sources: docs.slack.dev/reference/views/modal-views and .../home-tab-views.
func TestViewRules(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	modal := func(extra string) string { return `{"type":"modal","title":` + plain("T") + extra + `}` }
	for _, c := range []struct{ name, view, want string }{
		{"fine", modal(`,"blocks":[]`), ""},
		{"no title", `{"type":"modal","blocks":[]}`, "missing required field: title [json-pointer:/view]"},
		{"title 25", `{"type":"modal","blocks":[],"title":` + plain(long(25)) + `}`, "must be less than 25 characters [json-pointer:/view/title/text]"},
		{"submit 25", modal(`,"blocks":[],"submit":` + plain(long(25))), "must be less than 25 characters [json-pointer:/view/submit/text]"},
		{"close 25", modal(`,"blocks":[],"close":` + plain(long(25))), "must be less than 25 characters [json-pointer:/view/close/text]"},
		{"private_metadata 3000", modal(`,"blocks":[],"private_metadata":"` + long(3000) + `"`), ""},
		{"private_metadata 3001", modal(`,"blocks":[],"private_metadata":"` + long(3001) + `"`), "must be less than 3001 characters [json-pointer:/view/private_metadata]"},
		{"callback_id 256", modal(`,"blocks":[],"callback_id":"` + long(256) + `"`), "must be less than 256 characters [json-pointer:/view/callback_id]"},
		{"100 blocks", modal(`,"blocks":` + times(100, `{"type":"divider"}`)), ""},
		{"101 blocks", modal(`,"blocks":` + times(101, `{"type":"divider"}`)), "no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"input without submit", modal(`,"blocks":[` + input(`{"type":"datepicker"}`) + `]`), "missing required field: submit [json-pointer:/view]"},
		{"input with submit", modal(`,"submit":` + plain("Go") + `,"blocks":[` + input(`{"type":"datepicker"}`) + `]`), ""},
		{"unknown field", modal(`,"blocks":[],"colour":"red"`), "invalid additional property: colour [json-pointer:/view]"},
		{"bad block", modal(`,"blocks":[{"type":"x"}]`), "unsupported type: x [json-pointer:/view/blocks/0/type]"},
		{"markdown block", modal(`,"blocks":[{"type":"markdown","text":"x"}]`), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
		{"a home as a modal", `{"type":"home","title":` + plain("T") + `,"blocks":[]}`, "must be one of: modal [json-pointer:/view/type]"},
		{"not an object", `"x"`, "must provide an object [json-pointer:/view]"},
	} {
		a := call(t, s, "views.open", `{"trigger_id":"none","view":`+c.view+`}`)
		switch {
		case c.want == "" && a.code() != "invalid_trigger_id":
			t.Errorf("%s: %v", c.name, a.body)
		case c.want != "" && (a.code() != "invalid_arguments" || !strings.Contains(a.reasons(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, a.body, c.want)
		}
	}
	for _, c := range []struct{ name, view, want string }{
		{"fine", `{"type":"home","blocks":[]}`, ""},
		{"with a title", `{"type":"home","blocks":[],"title":` + plain("T") + `}`, "invalid additional property: title [json-pointer:/view]"},
		{"101 blocks", `{"type":"home","blocks":` + times(101, `{"type":"divider"}`) + `}`, "no more than 100 items allowed [json-pointer:/view/blocks]"},
	} {
		a := call(t, s, "views.publish", `{"user_id":"`+lin+`","view":`+c.view+`}`)
		if c.want == "" && a.code() != "" || c.want != "" && !strings.Contains(a.reasons(), c.want) {
			t.Errorf("home %s: %v, want %q", c.name, a.body, c.want)
		}
	}
	// docs.slack.dev/reference/methods/views.open: greater than 250kb.
	big := modal(`,"blocks":` + times(100, `{"type":"section","text":`+mrkdwn(strings.Repeat("x", 2600))+`}`))
	if a := call(t, s, "views.open", `{"trigger_id":"none","view":`+big+`}`); a.code() != "view_too_large" {
		t.Errorf("big view: %v", a.code())
	}
}
