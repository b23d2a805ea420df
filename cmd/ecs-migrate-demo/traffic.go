package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// The kinds of traffic.
const (
	kindEnvelope = "envelope" // from Slack to the bot
	kindSlack    = "slack"    // from the bot to Slack
	kindCloud    = "cloud"    // from the bot to Alibaba Cloud
)

// An entry is one exchange between the bot and a server, as the page shows it.
// No secret is in it.
type entry struct {
	Seq     int64     `json:"seq"`
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Status  string    `json:"status"` // a word that the page has in both languages, or a server's own code
	OK      bool      `json:"ok"`
	Took    string    `json:"took,omitempty"`
	Request any       `json:"request"`
	Answer  any       `json:"answer,omitempty"`
	Fault   string    `json:"fault,omitempty"`
}

// keptTraffic is how many entries the page can look back on.
const keptTraffic = 2000

// traffic keeps the newest entries in one order.
type traffic struct {
	mu      sync.Mutex
	seq     int64
	entries []entry
	news    chan struct{} // closed and replaced at each entry
}

func newTraffic() *traffic { return &traffic{news: make(chan struct{})} }

// add puts an entry at the end; one with the same id gives way.
func (t *traffic) add(e entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seq++
	e.Seq = t.seq
	if e.Kind == kindEnvelope { // only those change
		t.entries = slices.DeleteFunc(t.entries, func(o entry) bool { return o.ID == e.ID })
	}
	t.entries = append(t.entries, e)
	if len(t.entries) > keptTraffic+keptTraffic/10 {
		t.entries = slices.Clone(t.entries[len(t.entries)-keptTraffic:])
	}
	close(t.news)
	t.news = make(chan struct{})
}

// last is the newest entry's number, and a channel that closes at the next one.
func (t *traffic) last() (int64, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seq, t.news
}

// after are the entries past a number, at most so many; the newest where since
// is negative.
func (t *traffic) after(since int64, limit int) (entries []entry, last int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	from := 0
	if since >= 0 {
		for from = len(t.entries); from > 0 && t.entries[from-1].Seq > since; from-- {
		}
	} else {
		from = max(0, len(t.entries)-limit)
	}
	some := t.entries[from:min(len(t.entries), from+limit)]
	last = t.seq
	if n := len(some); n > 0 {
		last = some[n-1].Seq
	}
	return append([]entry{}, some...), last
}

// followSlack takes in what passes between Slack and the bot, and notes what
// people would see change.
func (g *playground) followSlack() {
	var seq int64
	for {
		changes, wake := g.slack.ChangesAfter(seq)
		for _, c := range changes {
			seq = c.Seq
			switch c.Kind {
			case "call":
				for _, call := range g.slack.CallsAfter(c.Seq - 1) {
					if call.Seq == c.Seq {
						g.traffic.add(slackEntry(call))
					}
				}
			case "envelope":
				if e, ok := g.slack.Envelope(c.ID); ok {
					g.traffic.add(envelopeEntry(e))
				}
			case "message", "ephemeral", "home":
				g.told.Add(1)
			}
		}
		select {
		case <-wake:
		case <-g.alive.Done():
			return
		}
	}
}

// followCloud takes in what the bot asks the cloud.
func (g *playground) followCloud() {
	var seq int64
	for {
		entries, wake := g.cloud.RecordAfter(seq)
		for _, e := range entries {
			seq = e.Seq
			if e.Call != nil {
				g.traffic.add(cloudEntry(*e.Call))
			}
			if e.Event != nil {
				g.told.Add(1)
				g.touch()
			}
		}
		select {
		case <-wake:
		case <-g.alive.Done():
			return
		}
	}
}

func slackEntry(c slackstub.Call) entry {
	e := entry{
		ID: "s" + strconv.FormatInt(c.Seq, 10), At: c.At, Kind: kindSlack, Name: c.Method,
		Status: "ok", OK: c.Error == "" && c.Status == 200, Request: masked(c.Args), Answer: masked(c.Answer),
	}
	switch {
	case c.Status == 0:
		e.Status = "no_answer"
	case c.Error != "":
		e.Status = c.Error
	case c.Status != 200:
		e.Status = strconv.Itoa(c.Status)
	}
	if c.Fault != 0 {
		e.Fault = "planned"
	}
	return e
}

func envelopeEntry(v slackstub.Envelope) entry {
	e := entry{ID: v.ID, At: v.Sent, Kind: kindEnvelope, Name: v.Kind(), Status: "waiting", OK: true, Request: masked(v.Payload), Answer: masked(v.AckPayload)}
	switch {
	case v.Conn == 0:
		e.Status, e.OK = "not_connected", false
	case !v.Acked.IsZero():
		e.Status, e.Took = "acknowledged", v.Acked.Sub(v.Sent).Round(time.Millisecond).String()
	}
	if v.TimedOut {
		e.Status, e.OK = "timed_out", false
	}
	return e
}

func cloudEntry(c ecsstub.Call) entry {
	e := entry{
		ID: "c" + strconv.FormatInt(c.Seq, 10), At: c.Time, Kind: kindCloud, Name: c.Action, Status: strconv.Itoa(c.Status), OK: c.Status == 200,
		Took: c.Duration.Round(time.Millisecond).String(), Request: masked(c.Params), Fault: c.Fault,
	}
	switch {
	case c.Status == 0:
		e.Status = "no_answer"
	case c.Code != "":
		e.Status = c.Code
	}
	if c.Answer != "" {
		e.Answer = maskedJSON([]byte(c.Answer))
	}
	return e
}

// secretNames are the members whose values open something.
var secretNames = map[string]bool{
	"token": true, "bot_token": true, "app_token": true, "trigger_id": true, "response_url": true, "response_urls": true, "upload_url": true,
	"AccessKeyId": true, "AccessKeySecret": true, "SecurityToken": true, "Signature": true,
}

// mask is what stands for a secret.
const mask = "•••"

// masked is a value as JSON has it, without secrets.
func masked(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return maskedJSON(raw)
}

// maskedJSON reads JSON and takes the secrets out of it; what is no JSON stays a
// text.
func maskedJSON(raw []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // ids and times are longer than a float is exact
	if err := d.Decode(&v); err != nil {
		return maskedText(string(raw))
	}
	return withoutSecrets(v)
}

func withoutSecrets(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, one := range v {
			if secretNames[k] && one != nil && one != "" {
				v[k] = mask
				continue
			}
			v[k] = withoutSecrets(one)
		}
	case []any:
		for i, one := range v {
			v[i] = withoutSecrets(one)
		}
	case string:
		if strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[{") {
			return maskedJSON([]byte(v)) // blocks travel as a text within a form
		}
		return maskedText(v)
	}
	return v
}

// maskedText takes the ticket out of a socket's address.
func maskedText(s string) string {
	if !strings.Contains(s, "ticket=") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return mask
	}
	q := u.Query()
	q.Set("ticket", mask)
	u.RawQuery = q.Encode()
	return u.String()
}
