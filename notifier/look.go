package notifier

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// Standing is a card of the bot's own that stands in a channel, as its message
// tells.
type Standing struct {
	TS         string
	Generation int
	// Overview is the post in whose thread the card stands, its TS included; its
	// ID is empty for a card that stands by itself.
	Overview migration.Post
}

// Look reads a channel once, with the threads of the overviews that stand there,
// for all cards of the bot: a look for each of many cards would take hours.
type Look struct {
	sender  *Sender
	channel string
	oldest  string

	me      *slack.AuthTestResponse // nil: not needed yet
	cursor  string                  // of the next page
	in      migration.Post          // the overview whose thread is read; no ID: the channel itself
	threads []migration.Post        // that are to be read yet
	left    int                     // pages that may be read yet of the channel, or of all threads
	read    int                     // pages
	done    bool
	cards   map[migration.Key]Standing
}

// Look begins to read a channel from a moment on.
func (s *Sender) Look(channel string, since time.Time) *Look {
	return &Look{
		sender: s, channel: channel, oldest: strconv.FormatInt(since.Unix(), 10) + ".000000",
		left: findPages, cards: map[migration.Key]Standing{},
	}
}

// Cards are those found so far. Of several of one migration it is the newest.
func (l *Look) Cards() map[migration.Key]Standing { return l.cards }

// Read is how many pages were read so far.
func (l *Look) Read() int { return l.read }

// Run reads on until the end: the first 4,000 messages of the channel, and as
// many of the threads. Where Slack does not answer, the next Run goes on from
// there.
func (l *Look) Run(ctx context.Context) error {
	for !l.done {
		page, next, err := l.sender.page(ctx, l.channel, l.in.TS, l.oldest, l.cursor)
		if e, ok := errors.AsType[*DeliveryError](err); ok && e.Kind == Gone {
			page, next, err = nil, "", nil // the thread was deleted just now
		}
		for _, m := range page {
			if err == nil {
				err = l.take(ctx, m)
			}
		}
		if err != nil {
			return err
		}
		l.read++
		l.left--
		l.turn(next)
	}
	return nil
}

// turn goes on to the next page, or to the next thread.
func (l *Look) turn(next string) {
	cut := next != "" && l.left == 0
	if l.cursor = next; next != "" && !cut {
		return
	}
	l.cursor = ""
	if l.in.ID == "" {
		l.left = findPages
	}
	if l.done = len(l.threads) == 0 || l.left == 0; !l.done {
		l.in, l.threads = l.threads[0], l.threads[1:]
	}
	if cut || l.done && len(l.threads) > 0 {
		l.sender.log.Warn("not all messages were looked through for cards that stand already", "channel", l.channel, "pages", l.read)
	}
}

// take notes a message that is a card, or has cards in its thread.
func (l *Look) take(ctx context.Context, m slack.Message) error {
	k, generation, isCard := readCard(m.Metadata)
	overview := l.in.ID == "" && IsOverview(m.Metadata)
	if !isCard && !overview {
		return nil
	}
	if ours, err := l.ours(ctx, m); !ours || err != nil {
		return err
	}
	if overview {
		l.threads = append(l.threads, readOverview(l.channel, m))
		return nil
	}
	if m.Timestamp > l.cards[k].TS { // of one length
		l.cards[k] = Standing{TS: m.Timestamp, Generation: generation, Overview: l.in}
	}
	return nil
}

// ours tells whether the bot itself posted a message: it can draw no other again.
func (l *Look) ours(ctx context.Context, m slack.Message) (bool, error) {
	if l.me == nil {
		err := l.sender.call(ctx, methodWho, "", func(ctx context.Context) (err error) {
			l.me, err = l.sender.api.AuthTestContext(ctx)
			return err
		})
		if err != nil {
			l.me = nil
			return false, err
		}
	}
	return m.User != "" && m.User == l.me.UserID || m.BotID != "" && m.BotID == l.me.BotID, nil
}

// readCard is the migration whose card has that metadata.
func readCard(m slack.SlackMetadata) (k migration.Key, generation int, ok bool) {
	if m.EventType != CardEvent {
		return k, 0, false
	}
	text := func(name string) string { s, _ := m.EventPayload[name].(string); return s }
	k = migration.Key{Account: text("account"), Region: text("region"), EventID: text("event_id")}
	generation = count(m.EventPayload["generation"])
	return k, generation, k.EventID != "" && generation > 0
}

// readOverview is the post whose message it is, as far as that tells.
func readOverview(channel string, m slack.Message) migration.Post {
	id, _ := m.Metadata.EventPayload["post"].(string)
	seconds, _, _ := strings.Cut(m.Timestamp, ".")
	begun, _ := strconv.ParseInt(seconds, 10, 64) // Slack's own: digits
	return migration.Post{
		ID: id, Kind: migration.PostOverview, Channel: channel, TS: m.Timestamp,
		Generation: max(1, count(m.Metadata.EventPayload["generation"])), Begun: time.Unix(begun, 0).UTC(), ChangedAt: time.Unix(begun, 0).UTC(),
	}
}

// count is a whole number as it comes back from Slack, zero for anything else.
func count(v any) int {
	n, _ := strconv.ParseFloat(fmt.Sprint(v), 64)
	return int(n)
}
