package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// maxAck bounds an answer inside an acknowledgement, in bytes of JSON: Slack
// drops what has 20 KB or more, and slack-go refuses to send it.
const maxAck = 16 << 10

// afterWait bounds the work after an acknowledgement.
const afterWait = 15 * time.Second

// ephemeral is an answer that only the person sees, as an acknowledgement
// carries it.
type ephemeral struct {
	ResponseType string        `json:"response_type"`
	Text         string        `json:"text"`
	Blocks       []slack.Block `json:"blocks,omitempty"`
}

// place is where an answer goes. Slack takes five answers at a response URL, for
// half an hour (https://docs.slack.dev/interactivity/handling-user-interaction).
type place struct {
	responseURL   string
	channel, user string
	replace       bool // in place of the answer that was clicked
	// home is what somebody looks at who clicked on their Home tab, where there is
	// no channel to answer in; nil elsewhere.
	home *migration.HomeTab
}

// reply answers inside the acknowledgement where that is large enough, and
// right after it otherwise.
func (h *Handlers) reply(to place, msg notifier.Message) Result {
	raw, err := json.Marshal(msg.Blocks)
	if err == nil && len(raw)+len(msg.Text) < maxAck {
		return Result{Ack: ephemeral{slack.ResponseTypeEphemeral, msg.Text, msg.Blocks}}
	}
	return h.later(to, msg)
}

// later answers after the acknowledgement: that of a click carries nothing.
func (h *Handlers) later(to place, msg notifier.Message) Result {
	return Result{After: func(ctx context.Context) { h.post(ctx, to, msg) }}
}

// post shows an answer to the person, and tells whether it went out. What cannot
// be shown is logged: the decision it tells of stands, and the card tells it too.
func (h *Handlers) post(ctx context.Context, to place, msg notifier.Message) bool {
	if to.home != nil {
		h.answerHome(ctx, *to.home, msg)
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, afterWait)
	defer cancel()
	err := errors.New("no response URL")
	if to.responseURL != "" {
		err = slack.PostWebhookCustomHTTPContext(ctx, to.responseURL, h.o.HTTP, &slack.WebhookMessage{
			ResponseType: slack.ResponseTypeEphemeral, ReplaceOriginal: to.replace, Text: msg.Text, Blocks: &slack.Blocks{BlockSet: msg.Blocks},
		})
		if err == nil {
			return true
		}
	}
	if to.channel != "" && ctx.Err() == nil {
		_, err = h.o.Slack.PostEphemeralContext(ctx, to.channel, to.user, slack.MsgOptionText(msg.Text, false), slack.MsgOptionBlocks(msg.Blocks...))
		if err == nil {
			return true
		}
	}
	h.o.Log.Warn("cannot answer", "user", to.user, "err", withoutURL(err))
	return false
}

// withoutURL drops the address from a transport's error: whoever has a response
// URL can answer in the bot's name.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
