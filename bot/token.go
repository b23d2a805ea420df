package bot

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
)

// botToken is what Slack thinks of the bot's token, as its last answer to any call
// says.
type botToken struct {
	refused atomic.Pointer[string] // Slack's code; nil: it takes the token
}

// code is Slack's code where it refuses the token, empty where it does not.
func (t *botToken) code() string {
	if code := t.refused.Load(); code != nil {
		return *code
	}
	return ""
}

// ofToken are the codes that say of the token itself that it does not do, whatever
// the method (https://docs.slack.dev/reference/methods/auth.test).
var ofToken = map[string]bool{
	"not_authed": true, "invalid_auth": true, "account_inactive": true, "token_revoked": true, "token_expired": true,
}

// answered takes in Slack's answer to a call of a method. That one method is taken
// says nothing of a scope that another lacks: delivered knows better.
func (t *botToken) answered(ok bool, code string) {
	switch {
	case ofToken[code]:
		t.refused.Store(&code)
	case ok:
		if old := t.refused.Load(); old != nil && ofToken[*old] {
			t.refused.CompareAndSwap(old, nil)
		}
	}
}

// openConnection is the one method that the bot calls with its app token.
const openConnection = "apps.connections.open"

// overhear has the answer's body tell whether Slack takes the token, once whoever
// reads it is done.
func (t *botToken) overhear(answer *http.Response, method string) {
	if method == otherAddress || method == openConnection || answer.StatusCode != http.StatusOK {
		return
	}
	answer.Body = &overheard{ReadCloser: answer.Body, token: t}
}

// overheard is an answer's body.
type overheard struct {
	io.ReadCloser
	said  bytes.Buffer
	token *botToken
}

// Read implements io.Reader.
func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.said.Write(p[:n])
	return n, err
}

// Close implements io.Closer.
func (o *overheard) Close() error {
	var answer struct {
		OK    bool
		Error string
	}
	if json.Unmarshal(o.said.Bytes(), &answer) == nil {
		o.token.answered(answer.OK, answer.Error)
	}
	o.said.Reset()
	return o.ReadCloser.Close()
}
