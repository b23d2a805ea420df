package slack

import (
	"encoding/json"
)

// View is one modal or Home tab.
type View struct {
	ID              string           `json:"id"`
	User            string           `json:"user"` // who sees it
	Type            string           `json:"type"` // modal or home
	Title           string           `json:"title,omitempty"`
	Submit          string           `json:"submit,omitempty"`
	Close           string           `json:"close,omitempty"`
	Blocks          []map[string]any `json:"blocks"`
	PrivateMetadata string           `json:"private_metadata,omitempty"`
	CallbackID      string           `json:"callback_id,omitempty"`
	ExternalID      string           `json:"external_id,omitempty"`
	ClearOnClose    bool             `json:"clear_on_close,omitempty"`
	NotifyOnClose   bool             `json:"notify_on_close,omitempty"`
	Hash            string           `json:"hash"`
	Root            string           `json:"root_view_id,omitempty"`
	Previous        string           `json:"previous_view_id,omitempty"`
	Version         int              `json:"version"` // 1 when opened, then one more with each update
	Seq             int64            `json:"seq"`

	raw map[string]any // as sent: what payloads and answers echo
}

// JSON is the view's blocks as JSON, for comparing with a golden file.
func (v View) JSON() string { return Message{Blocks: v.Blocks}.JSON() }

// Actions lists the action_ids that a reader can use, in order.
func (v View) Actions() []string { return actionIDs(v.Blocks) }

// maxView is the size over which a view is view_too_large.
// Source: https://docs.slack.dev/reference/methods/views.open ("greater than 250kb")
const maxView = 250_000

// readView checks a view argument. A view that breaks a rule is refused with invalid_arguments and reasons, before
// the trigger is looked at. Sources: https://docs.slack.dev/reference/views/modal-views,
// https://docs.slack.dev/reference/views/home-tab-views, the comments of slackapi/node-slack-sdk,
// packages/types/src/views.ts, and slackapi/java-slack-sdk, test_with_remote_apis/methods/views_Test.java.
func readView(v any, on surface) (View, *apiError) {
	m, ok := v.(map[string]any)
	if !ok {
		return View{}, invalid("invalid_arguments", []string{"must provide an object [json-pointer:/view]"})
	}
	c := newChecker(on)
	c.view("/view", m)
	if len(c.reasons) > 0 {
		return View{}, invalid("invalid_arguments", c.reasons)
	}
	if raw, _ := json.Marshal(m); len(raw) > maxView {
		return View{}, fail("view_too_large")
	}
	return asView(m), nil
}

// view checks a view's own fields. Title, submit and close: 24 characters of plain text. private_metadata: 3,000.
// callback_id and external_id: 255. Blocks: 100. Submit is required when there are input blocks.
func (c *checker) view(at string, m map[string]any) {
	f := fields{"type": oneOf(string(c.on)), "blocks": func(c *checker, at string, v any) { c.blocks(at, v) },
		"private_metadata": str(0, 3000), "callback_id": str(0, 255), "external_id": str(0, 255)}
	required := []string{"type", "blocks"}
	if c.on == onModal {
		f["title"], f["submit"], f["close"] = plain(24), plain(24), plain(24)
		f["clear_on_close"], f["notify_on_close"], f["submit_disabled"] = boolean, boolean, boolean
		required = append(required, "title")
	}
	c.properties(at, m, f, required)
	if c.on == onModal && c.inputs && m["submit"] == nil {
		c.fail(at, "missing required field: submit")
	}
}

// asView reads a checked view.
func asView(m map[string]any) View {
	blocks, _ := m["blocks"].([]any)
	words := func(name string) string {
		t, _ := m[name].(map[string]any)
		s, _ := t["text"].(string)
		return s
	}
	plain := func(name string) string { s, _ := m[name].(string); return s }
	yes := func(name string) bool { b, _ := m[name].(bool); return b }
	return View{
		Type: plain("type"), Title: words("title"), Submit: words("submit"), Close: words("close"), Blocks: fillIDs(blocks),
		PrivateMetadata: plain("private_metadata"), CallbackID: plain("callback_id"), ExternalID: plain("external_id"),
		ClearOnClose: yes("clear_on_close"), NotifyOnClose: yes("notify_on_close"), raw: m,
	}
}
