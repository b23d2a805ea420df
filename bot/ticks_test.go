package bot

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// wire is a Slack without a network that takes everything and notes when.
type wire func(method string, form url.Values)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, err
	}
	w(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], form)
	body := fmt.Sprintf(`{"ok":true,"channel":%q,"ts":"1.%06d"}`, form.Get("channel"), time.Now().UnixMicro()%1_000_000)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestTenThousandRedrawsStarveNoNews lets the hourly redraws of 10,000 cards in 20
// channels be due at once, and somebody act every five seconds.
func TestTenThousandRedrawsStarveNoNews(t *testing.T) {
	const cards, channels, acts = 10_000, 20, 60
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(filepath.Join(t.TempDir(), "crowd.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		now := time.Now().UTC()
		keys := crowd(t, s, cards, channels, now)
		time.Sleep(2 * time.Hour) // every redraw is due by now

		var mu sync.Mutex                 // channels are told side by side
		updated := map[string]time.Time{} // by ts: when it was last drawn
		var redraws int
		var told []time.Duration
		asked := map[string]time.Time{} // by channel: when somebody acted there
		api := slack.New("xoxb-1", slack.OptionHTTPClient(&http.Client{Transport: wire(func(method string, form url.Values) {
			mu.Lock()
			defer mu.Unlock()
			switch method {
			case "chat.update":
				redraws++
				updated[form.Get("ts")] = time.Now()
			case "chat.postMessage":
				told = append(told, time.Since(asked[form.Get("channel")]))
			}
		})}))
		w := &slackWorker{
			store: s, sender: notifier.NewSender(api, notifier.SenderOptions{}), clock: clock.Real{}, lang: notifier.English, zone: time.UTC,
			route: func(string, string, map[string]string) string { return "" },
			watch: &watch{store: s, token: new(botToken), clock: clock.Real{}, status: func() []poll.RegionStatus { return nil }}, log: slog.New(slog.DiscardHandler),
		}
		d := newDispatcher(s, clock.Real{}, slog.New(slog.DiscardHandler), newMetrics(), workers{inSlack: w, inCloud: w, ofFacts: w})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { d.run(ctx, context.WithoutCancel(ctx)); close(ended) }()

		began := time.Now()
		for n := range acts {
			time.Sleep(5 * time.Second)
			key := keys[n*137%len(keys)]
			m, err := s.Apply(ctx, key, "", func(cur *migration.Migration) (migration.Change, error) {
				mu.Lock()
				defer mu.Unlock()
				asked[cur.Card.Channel] = time.Now()
				return cur.Keep(migration.Decision{By: "U0000000001", Now: time.Now(), Via: migration.ViaButton, Seen: migration.SeenAny})
			})
			if err != nil {
				t.Fatal(err)
			}
			_ = m
		}
		time.Sleep(10 * time.Second)
		lasted := time.Since(began)
		stop()
		<-ended
		slices.Sort(told)
		t.Logf("in %v: %d redraws and updates; %d lines, after %v in the middle and %v at worst", lasted, redraws, len(told), told[len(told)/2], told[len(told)-1])
		if len(told) < acts || told[len(told)-1] > 5*time.Second {
			t.Errorf("%d lines of %d, at worst after %v", len(told), acts, told[len(told)-1])
		}
		if perMinute := float64(redraws) / lasted.Minutes(); perMinute > 51 || perMinute < 30 {
			t.Errorf("%.0f updates a minute, want what Slack allows and no more", perMinute)
		}
	})
}

// crowd stores cards that stand, with the redraws that follow.
func crowd(t *testing.T, s *store.Store, cards, channels int, now time.Time) []migration.Key {
	t.Helper()
	var keys []migration.Key
	for n := range cards {
		keys = append(keys, migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprintf("e-%05d", n)})
	}
	at := map[migration.Key]int{}
	for n, k := range keys {
		at[k] = n
	}
	for part := range slices.Chunk(keys, 2000) {
		_, err := s.ApplyEach(t.Context(), part, func(k migration.Key, _ *migration.Migration) migration.Change {
			ev := migration.Event{Key: k, InstanceID: "i-" + k.EventID, Type: "SystemUpgrade.Migrate", Status: migration.Scheduled, NotBefore: now.Add(40 * time.Hour), ReadAt: now}
			m := migration.First(ev, migration.Instance{}, fmt.Sprintf("C%09d", at[k]%channels), now).Migration
			return m.Posted(fmt.Sprintf("2.%06d", at[k]), "", 1, now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return keys
}
