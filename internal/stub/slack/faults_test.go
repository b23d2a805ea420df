package slack_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

func TestFaultsThatAnswer(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	for name, c := range map[string]struct {
		fault  slackstub.Fault
		status int
		code   string
		retry  string
		posted bool
	}{
		"Slack's code":             {slackstub.Fault{Error: "fatal_error"}, 200, "fatal_error", "", false},
		"a status":                 {slackstub.Fault{Status: 503}, 503, "internal_error", "", false},
		"ratelimited":              {slackstub.Fault{Error: "ratelimited", Retry: 7}, 429, "ratelimited", "7", false},
		"429":                      {slackstub.Fault{Status: 429}, 429, "ratelimited", "1", false},
		"a delay":                  {slackstub.Fault{Delay: time.Millisecond}, 200, "", "", true},
		"a delay and a code":       {slackstub.Fault{Delay: time.Millisecond, Error: "x"}, 200, "x", "", false},
		"5xx though done":          {slackstub.Fault{Status: 500, AfterWork: true}, 500, "internal_error", "", true},
		"a late answer, though ok": {slackstub.Fault{Delay: time.Millisecond, AfterWork: true}, 200, "", "", true},
	} {
		before := len(s.Messages(ops))
		c.fault.Method = "chat.postMessage"
		id := s.AddFault(c.fault)
		must(t, s, "auth.test", "")
		a := call(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": name})
		if a.status != c.status || a.code() != c.code || a.header.Get("Retry-After") != c.retry {
			t.Errorf("%s: %d %v %q", name, a.status, a.body, a.header.Get("Retry-After"))
		}
		if posted := len(s.Messages(ops)) > before; posted != c.posted {
			t.Errorf("%s: posted %v", name, posted)
		}
		calls := s.Calls("chat.postMessage")
		if last := calls[len(calls)-1]; last.Fault != id || last.Worked != c.posted || last.Status != c.status {
			t.Errorf("%s: recorded %+v", name, last)
		}
		if n := len(s.Faults()); n != 0 {
			t.Errorf("%s: %d faults left", name, n)
		}
	}
}

func TestFaultsByCount(t *testing.T) {
	s := start(t, slackstub.Options{})
	s.AddFault(slackstub.Fault{Method: "auth.test", Skip: 1, Times: 2, Error: "first"})
	s.AddFault(slackstub.Fault{Times: -1, Error: "ever"})
	var got []string
	for range 5 {
		got = append(got, call(t, s, "auth.test", "").code())
	}
	if strings.Join(got, " ") != "ever first first ever ever" {
		t.Errorf("got %v", got)
	}
	s.ClearFaults()
	must(t, s, "auth.test", "")
}

// What the bot cannot know: whether a post whose answer never came was posted.
func TestFaultsThatDoNotAnswer(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	for name, c := range map[string]struct {
		fault  slackstub.Fault
		posted bool
	}{
		"cut before":  {slackstub.Fault{Drop: true}, false},
		"cut after":   {slackstub.Fault{Drop: true, AfterWork: true}, true},
		"hang before": {slackstub.Fault{Hang: true}, false},
		"hang after":  {slackstub.Fault{Hang: true, AfterWork: true}, true},
	} {
		s.AddFault(c.fault)
		ctx, cancel := context.WithCancel(soon(t))
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.APIURL()+"chat.postMessage", strings.NewReader("channel="+ops+"&text=x&token="+s.BotToken()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		before := len(s.Messages(ops))
		failed := make(chan error, 1)
		go func() {
			res, err := http.DefaultClient.Do(req)
			if err == nil {
				_ = res.Body.Close()
			}
			failed <- err
		}()
		if c.posted {
			if err := s.Wait(soon(t), "the post", func() bool { return len(s.Messages(ops)) > before }); err != nil {
				t.Fatal(err)
			}
		}
		if c.fault.Hang {
			if err := s.Wait(soon(t), "the fault to strike", func() bool { return len(s.Faults()) == 0 }); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
		if err := <-failed; err == nil {
			t.Errorf("%s: an answer came", name)
		}
		cancel()
		if _, err := s.WaitCall(soon(t), "chat.postMessage", func(k slackstub.Call) bool { return k.Status == 0 && k.Worked == c.posted }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if posted := len(s.Messages(ops)) > before; posted != c.posted {
			t.Errorf("%s: posted %v", name, posted)
		}
	}
}

// Closing ends what hangs.
func TestCloseEndsHangingCalls(t *testing.T) {
	s := start(t, slackstub.Options{})
	s.AddFault(slackstub.Fault{Hang: true})
	failed := make(chan error, 1)
	req, err := http.NewRequestWithContext(soon(t), http.MethodGet, s.APIURL()+"auth.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		failed <- err
	}()
	if err := s.Wait(soon(t), "the fault to strike", func() bool { return len(s.Faults()) == 0 }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("an answer came")
	}
}
