package notifier

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

// fakeSlack is Slack in memory: it keeps the calls and answers each by a function.
// No sockets, so that synctest's clock runs.
type fakeSlack struct {
	mu     sync.Mutex
	calls  []fakeCall
	answer func(fakeCall) (*http.Response, error)
}

type fakeCall struct {
	at      time.Time
	method  string
	channel string
	user    string
	cursor  string
	ctx     context.Context
}

func (f *fakeSlack) Do(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	c := fakeCall{time.Now(), r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], r.PostForm.Get("channel"), r.PostForm.Get("user"), r.PostForm.Get("cursor"), r.Context()}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	answer := f.answer
	f.mu.Unlock()
	if answer != nil {
		return answer(c)
	}
	return reply(http.StatusOK, `{"ok":true,"channel":"`+c.channel+`","ts":"1.000001","messages":[]}`), nil
}

func (f *fakeSlack) of(method string) []fakeCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []fakeCall
	for _, c := range f.calls {
		if c.method == method {
			found = append(found, c)
		}
	}
	return found
}

func (f *fakeSlack) then(answer func(fakeCall) (*http.Response, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func reply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/json"}},
	}
}

func (f *fakeSlack) api() *slack.Client { return slack.New("xoxb-test", slack.OptionHTTPClient(f)) }

var hello = Message{Text: "hello", Metadata: &slack.SlackMetadata{EventType: CardEvent, EventPayload: map[string]any{"event_id": "e-1"}}}

func TestOneMessageASecondAChannelOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		s := NewSender(f.api(), SenderOptions{})
		began := time.Now()
		var wg sync.WaitGroup
		for _, channel := range []string{"C1", "C2", "C3"} {
			wg.Go(func() {
				for range 4 {
					if _, err := s.Post(t.Context(), channel, "", hello, time.Time{}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		last := map[string]time.Time{}
		for _, c := range f.of(methodPost) {
			if gap := c.at.Sub(last[c.channel]); gap < time.Second {
				t.Errorf("%s: two messages within %v", c.channel, gap)
			}
			last[c.channel] = c.at
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("three channels with four messages each took %v, want 3s: side by side", took)
		}
	})
}

func TestUpdatesDoNotWaitForTheChannelsSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		s := NewSender(f.api(), SenderOptions{})
		began := time.Now()
		if _, err := s.Post(t.Context(), "C1", "", hello, time.Time{}); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if err := s.Update(t.Context(), "C1", "1.000001", hello); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v, want none", took)
		}
	})
}

// In no minute may a method be called more often than Slack promises to take.
func TestAMethodsAllowanceIsKept(t *testing.T) {
	for method, call := range map[string]struct {
		promise int
		do      func(context.Context, *Sender, int) error
	}{
		methodUpdate: {50, func(ctx context.Context, s *Sender, _ int) error { return s.Update(ctx, "C1", "1.000001", hello) }},
		methodPost: {300, func(ctx context.Context, s *Sender, i int) error {
			_, err := s.Post(ctx, fmt.Sprint("C", i), "", hello, time.Time{})
			return err
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeSlack{}
			s := NewSender(f.api(), SenderOptions{})
			for i := range 3 * call.promise {
				if err := call.do(t.Context(), s, i); err != nil {
					t.Fatal(err)
				}
			}
			calls := f.of(method)
			for i := call.promise; i < len(calls); i++ {
				if within := calls[i].at.Sub(calls[i-call.promise].at); within < time.Minute {
					t.Fatalf("%s: more than %d calls within %v", method, call.promise, within)
				}
			}
		})
	}
}

func TestWhoWouldWaitLongIsSentAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		s := NewSender(f.api(), SenderOptions{})
		var wg sync.WaitGroup
		var mu sync.Mutex
		var away []time.Duration
		for range 8 { // below the burst of the method
			wg.Go(func() {
				_, err := s.Post(t.Context(), "C1", "", hello, time.Time{})
				if e, ok := errors.AsType[*DeliveryError](err); ok && e.Kind == Later {
					mu.Lock()
					defer mu.Unlock()
					away = append(away, e.After)
				}
			})
		}
		wg.Wait()
		if posted := len(f.of(methodPost)); posted != 3 || len(away) != 5 {
			t.Errorf("%d posted and %d sent away, want 3 and 5", posted, len(away))
		}
		for _, after := range away {
			if after <= patience || after > 3*time.Second {
				t.Errorf("sent away for %v", after)
			}
		}
	})
}

func TestRetryAfterIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		s := NewSender(f.api(), SenderOptions{})
		f.then(func(fakeCall) (*http.Response, error) {
			r := reply(http.StatusTooManyRequests, `{"ok":false,"error":"ratelimited"}`)
			r.Header.Set("Retry-After", "30")
			return r, nil
		})
		later := func(want time.Duration) {
			t.Helper()
			_, err := s.Post(t.Context(), "C2", "", hello, time.Time{})
			if e, ok := errors.AsType[*DeliveryError](err); !ok || e.Kind != Later || e.After != want {
				t.Errorf("%v, want %s after %v", err, Later, want)
			}
		}
		later(30 * time.Second)
		f.then(nil)
		time.Sleep(10 * time.Second) // the bubble's clock
		later(20 * time.Second)      // no call: another channel, the same method
		if n := len(f.of(methodPost)); n != 1 {
			t.Errorf("%d posts, want 1 in the pause", n)
		}
		if err := s.Update(t.Context(), "C1", "1.000001", hello); err != nil {
			t.Errorf("another method: %v", err)
		}
		time.Sleep(20 * time.Second)
		if _, err := s.Post(t.Context(), "C1", "", hello, time.Time{}); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

func TestAPostWithoutAnAnswerIsUnknown(t *testing.T) {
	for name, tt := range map[string]struct {
		cancel time.Duration // zero: never
		want   time.Duration
		cause  error
	}{
		"no answer in time":    {0, callTimeout, context.DeadlineExceeded},
		"the caller goes away": {3 * time.Second, 3 * time.Second, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeSlack{answer: func(c fakeCall) (*http.Response, error) {
					<-c.ctx.Done()
					return nil, c.ctx.Err()
				}}
				s := NewSender(f.api(), SenderOptions{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				began := time.Now()
				_, err := s.Post(ctx, "C1", "", hello, time.Time{})
				if e, ok := errors.AsType[*DeliveryError](err); !ok || e.Kind != Unknown || !errors.Is(err, tt.cause) {
					t.Errorf("%v, want %s by %v", err, Unknown, tt.cause)
				}
				if took := time.Since(began); took != tt.want {
					t.Errorf("gave up after %v, want %v", took, tt.want)
				}
			})
		})
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		s := NewSender(f.api(), SenderOptions{})
		if _, err := s.Post(t.Context(), "C1", "", hello, time.Time{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := s.Post(ctx, "C1", "", hello, time.Time{})
		if e, ok := errors.AsType[*DeliveryError](err); !ok || e.Kind != Later || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %s: nothing was sent", err, Later)
		}
		if n := len(f.of(methodPost)); n != 1 {
			t.Errorf("%d posts, want 1", n)
		}
	})
}

func TestLookingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		f.then(func(c fakeCall) (*http.Response, error) {
			if c.method == methodPost {
				return reply(http.StatusOK, `{"ok":true,"channel":"C1","ts":"2.000002"}`), nil
			}
			return reply(http.StatusOK, `{"ok":true,"messages":[{"ts":"1.000001"}],"response_metadata":{"next_cursor":"more"}}`), nil
		})
		s := NewSender(f.api(), SenderOptions{})
		ts, err := s.Post(t.Context(), "C1", "", hello, time.Now())
		if err != nil || ts != "2.000002" {
			t.Errorf("%q, %v", ts, err)
		}
		if n := len(f.of(methodHistory)); n != findPages {
			t.Errorf("%d pages read, want %d", n, findPages)
		}
	})
}

// Several look through long threads at once, and each comes to its end.
func TestLooksThatMeetComeToTheirEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSlack{}
		f.then(func(c fakeCall) (*http.Response, error) {
			next := map[string]string{"": "2", "2": "3", "3": ""}[c.cursor]
			return reply(http.StatusOK, `{"ok":true,"messages":[{"ts":"1.000001"}],"response_metadata":{"next_cursor":"`+next+`"}}`), nil
		})
		s := NewSender(f.api(), SenderOptions{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var looks sync.WaitGroup
		for i := range 6 {
			looks.Go(func() {
				for {
					_, err := s.Find(ctx, "C1", fmt.Sprint(i, ".000001"), hello.Metadata, time.Now())
					e, later := errors.AsType[*DeliveryError](err)
					if err == nil {
						return
					}
					if !later || ctx.Err() != nil {
						t.Errorf("look %d: %v", i, err)
						return
					}
					time.Sleep(e.After) // as a job that is put off
				}
			})
		}
		looks.Wait()
	})
}
