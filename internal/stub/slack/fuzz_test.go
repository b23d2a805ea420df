package slack

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzBody reads requests of any content type: no panic, and either arguments or one of Slack's codes.
func FuzzBody(f *testing.F) {
	f.Add("application/json", `{"channel":"C1","text":1,"blocks":[{}],"token":"x"}`)
	f.Add("application/x-www-form-urlencoded; charset=utf-8", `channel=C1&blocks=%5B%5D`)
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--b--\r\n")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest(http.MethodPost, "/api/chat.postMessage", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		a, _, code := parseArgs(r)
		if (a == nil) == (code == "") {
			t.Fatalf("arguments %v and code %q", a, code)
		}
		if _, kept := a["token"]; kept {
			t.Fatal("the token stayed among the arguments")
		}
		s := New(Options{})
		_, _ = s.readContent(a) // refused or not
		_, _ = readSpan(a, 1, 10)
	})
}

// FuzzBlocks checks any JSON as blocks and as views: no panic, what is accepted gets its ids, can be used as a
// person uses it, and is accepted again.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		`[{"type":"section","text":{"type":"mrkdwn","text":"x"},"accessory":{"type":"image","image_url":"https://a","alt_text":"a"}}]`,
		`[{"type":"actions","elements":[{"type":"checkboxes","options":[{"text":{"type":"plain_text","text":"o"},"value":"v"}]}]}]`,
		`[{"type":"input","label":{"type":"plain_text","text":"l"},"element":{"type":"plain_text_input","min_length":1}}]`,
		`[{"type":"context","elements":[null]},{"type":"rich_text","elements":[{}]},7]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, err := decode([]byte(raw))
		if err != nil {
			return
		}
		for _, on := range []surface{onModal, onHome} {
			_, _ = readView(map[string]any{"type": string(on), "title": map[string]any{"type": "plain_text", "text": "T"}, "blocks": v}, on)
			_, _ = readView(v, on)
		}
		list, _ := v.([]any)
		blocks, reasons := checkBlocks(list, onMessage)
		if len(reasons) > 0 {
			return
		}
		state := stateOf(blocks, nil)
		unfilled(blocks, state)
		for _, i := range interactives(blocks) {
			if i.blockID() == "" || i.actionID() == "" {
				t.Fatalf("no id in %v", i)
			}
			_, _ = entered(i, []string{"v"})
		}
		again, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		v, err = decode(again)
		if err != nil {
			t.Fatal(err)
		}
		list, _ = v.([]any)
		if _, reasons := checkBlocks(list, onMessage); len(reasons) > 0 {
			t.Fatalf("with its ids it is refused: %v", reasons)
		}
	})
}

// FuzzAcknowledgement reads any frame of an app: no panic.
func FuzzAcknowledgement(f *testing.F) {
	f.Add(`{"envelope_id":"e","payload":{"text":"x"}}`)
	f.Add(`{"envelope_id":"e","payload":[1]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		s := New(Options{})
		e := s.newEnvelope("interactive", false, nil)
		e.ID = "e"
		s.socket.byID["e"] = e
		s.acknowledge(&conn{id: 1}, []byte(raw))
		if e.Acked.IsZero() && len(s.Violations()) == 0 {
			t.Fatal("neither an acknowledgement nor a violation")
		}
	})
}
