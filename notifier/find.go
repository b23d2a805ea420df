package notifier

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

const (
	findPage  = 200
	findPages = 20
	// findSkew is how far Slack's clock may be behind ours.
	findSkew = time.Minute
	// findPatience is how long a further page waits for its turn. Looks that gave up
	// between two pages would begin anew, and take each other's turns for ever.
	findPatience = 10 * time.Minute
)

// Find looks for a message of the bot with the given metadata in a channel, or
// in a thread of it, from a moment on. It returns its ts, empty where there is
// none.
func (s *Sender) Find(ctx context.Context, channel, threadTS string, want *slack.SlackMetadata, since time.Time) (string, error) {
	wanted, err := fingerprint(*want)
	if err != nil {
		return "", &DeliveryError{method: methodPost, Kind: Rejected, cause: err}
	}
	return s.FindBy(ctx, channel, threadTS, since, func(m slack.Message) bool {
		if m.Metadata.EventType != want.EventType {
			return false
		}
		got, err := fingerprint(m.Metadata)
		return err == nil && got == wanted
	})
}

// FindBy looks for a message that fits, in the same way, among the first 4,000
// messages.
func (s *Sender) FindBy(ctx context.Context, channel, threadTS string, since time.Time, fits func(slack.Message) bool) (string, error) {
	oldest := strconv.FormatInt(since.Add(-findSkew).Unix(), 10) + ".000000"
	cursor := ""
	for range findPages {
		page, next, err := s.page(ctx, channel, threadTS, oldest, cursor)
		if err != nil {
			return "", err
		}
		for _, m := range page {
			if fits(m) {
				return m.Timestamp, nil
			}
		}
		if next == "" {
			return "", nil
		}
		cursor = next
	}
	s.log.Warn("a message that may have been posted was not found in time", "channel", channel, "messages", findPage*findPages)
	return "", nil
}

// page reads one page of a channel or of a thread.
func (s *Sender) page(ctx context.Context, channel, threadTS, oldest, cursor string) (page []slack.Message, next string, err error) {
	patience := patience
	if cursor != "" {
		patience = findPatience
	}
	if threadTS != "" {
		err = s.within(ctx, patience, methodReplies, "", func(ctx context.Context) (err error) {
			page, _, next, err = s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
				ChannelID: channel, Timestamp: threadTS, Cursor: cursor, Oldest: oldest, Limit: findPage, Inclusive: true,
				IncludeAllMetadata: true,
			})
			return err
		})
		return page, next, err
	}
	err = s.within(ctx, patience, methodHistory, "", func(ctx context.Context) error {
		answer, err := s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: channel, Cursor: cursor, Oldest: oldest, Limit: findPage, Inclusive: true, IncludeAllMetadata: true,
		})
		if err != nil {
			return err
		}
		page, next = answer.Messages, answer.ResponseMetaData.NextCursor
		return nil
	})
	return page, next, err
}

// fingerprint makes two metadata comparable: numbers that went through Slack
// come back as other Go types.
func fingerprint(m slack.SlackMetadata) (string, error) {
	raw, err := json.Marshal(m)
	return string(raw), err
}
