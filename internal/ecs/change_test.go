package ecs_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

const (
	modify = "ModifySystemEventAttribute"
	accept = "AcceptInquiredSystemEvent"
)

func TestRescheduleSendsUTC(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	id := w.announce(stub.EventSpec{})
	at := time.Date(2024, 5, 2, 2, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))
	if err := w.ecs.Reschedule(t.Context(), hangzhou, id, web, at); err != nil {
		t.Fatal(err)
	}
	if got := w.requests(modify)[0].Get("NotBefore"); got != "2024-05-01T18:00:00Z" {
		t.Errorf("sent %s", got)
	}
	if ev, _ := w.cloud.Event(id); !ev.NotBefore.Equal(at) {
		t.Errorf("the cloud has %v", ev.NotBefore)
	}
}

func TestAccept(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	id := w.announce(stub.EventSpec{Status: stub.Inquiring})
	if err := w.ecs.Accept(t.Context(), hangzhou, id); err != nil {
		t.Fatal(err)
	}
	err := w.ecs.Accept(t.Context(), hangzhou, id)
	if e := cloudError(t, err); e.Kind != migration.CloudRefused || e.Code != "InvalidEventId.NoInquiringEventFound" || e.Message == "" || e.Action != "ecs:"+accept {
		t.Errorf("authorised twice: %v", err)
	}
}

func TestTheCloudsNoReachesThePerson(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	id := w.announce(stub.EventSpec{})
	err := w.ecs.Reschedule(t.Context(), hangzhou, id, web, w.now.Add(99*time.Hour))
	e := cloudError(t, err)
	if e.Kind != migration.CloudRefused || e.Code != "InvalidNotBefore.ExceedInitial" ||
		e.Message != "The specified NotBefore must not be later than the initial planned time 2024-05-03T08:30:00Z." {
		t.Errorf("got %v", err)
	}
	if n := len(w.requests(modify)); n != 1 {
		t.Errorf("a refusal was asked for %d times", n)
	}
}

// What a failed change means decides what happens next: Unknown is read back,
// Failing is tried later, Refused is told to a person.
func TestWhatAFailedChangeMeans(t *testing.T) {
	for name, c := range map[string]struct {
		fault stub.Fault
		kind  migration.CloudErrorKind
		tries int
	}{
		"no answer in time":           {stub.Fault{Kind: stub.FaultHang}, migration.CloudUnknown, 1},
		"done, no answer in time":     {stub.Fault{Kind: stub.FaultHang, AfterWork: true}, migration.CloudUnknown, 1},
		"cut off":                     {stub.Fault{Kind: stub.FaultCut}, migration.CloudUnknown, 1},
		"done and cut off":            {stub.Fault{Kind: stub.FaultCut, AfterWork: true}, migration.CloudUnknown, 1},
		"done, half an answer":        {stub.Fault{Kind: stub.FaultTruncate, AfterWork: true}, migration.CloudUnknown, 1},
		"a page that is not ours":     {stub.Fault{Kind: stub.FaultGarbage, Body: "<html>"}, migration.CloudUnknown, 1},
		"an error inside the cloud":   {stub.Fault{Kind: stub.FaultFail}, migration.CloudUnknown, 1},
		"a load balancer's error":     {stub.Fault{Kind: stub.FaultFail, Status: 502, Code: "x"}, migration.CloudUnknown, 1},
		"the same request came twice": {stub.Fault{Kind: stub.FaultFail, Status: 400, Code: "SignatureNonceUsed"}, migration.CloudUnknown, 1},
		"throttled for ever":          {stub.Fault{Kind: stub.FaultThrottle}, migration.CloudFailing, 3},
		"down for ever":               {stub.Fault{Kind: stub.FaultDown}, migration.CloudFailing, 3},
		"too many requests":           {stub.Fault{Kind: stub.FaultFail, Status: 429, Code: "TooManyRequests"}, migration.CloudFailing, 3},
		"no permission":               {stub.Fault{Kind: stub.FaultHide}, migration.CloudNotAllowed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, ecs.Options{ReadTimeout: 200 * time.Millisecond, Tries: 3})
			id := w.announce(stub.EventSpec{})
			// A connection that was used before is where net/http might send again.
			if _, err := pending(t.Context(), w.ecs, hangzhou); err != nil {
				t.Fatal(err)
			}
			c.fault.Action = modify
			w.inject(c.fault)
			err := w.ecs.Reschedule(t.Context(), hangzhou, id, web, w.now.Add(5*time.Hour))
			if e := cloudError(t, err); e.Kind != c.kind || e.Action != "ecs:"+modify || e.Region != hangzhou || e.Message == "" {
				t.Errorf("got %v, want %s", err, c.kind)
			}
			if n := len(w.requests(modify)); n != c.tries {
				t.Errorf("sent %d times, want %d", n, c.tries)
			}
		})
	}
}

func TestAThrottledChangeIsTriedAgain(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	id := w.announce(stub.EventSpec{})
	w.inject(stub.Fault{Kind: stub.FaultThrottle, Times: 2})
	if err := w.ecs.Reschedule(t.Context(), hangzhou, id, web, w.now.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	nonces := map[string]bool{}
	for _, q := range w.requests(modify) {
		nonces[q.Get("SignatureNonce")] = true
	}
	if len(nonces) != 3 {
		t.Errorf("%d nonces, want one for each of 3 tries", len(nonces))
	}
}

func TestNothingWasSent(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + l.Addr().String()
	l.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells every handshake that fails
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for name, c := range map[string]struct{ endpoint, message string }{
		"refused":      {closed, closed[len("http://"):] + " refused the connection"},
		"no such host": {"https://ecs.cn-hangzhou.invalid", "no address is known for ecs.cn-hangzhou.invalid"},
		"not trusted":  {secure.URL, "the certificate of " + secure.URL[len("https://"):] + " is not trusted"},
		"no TLS":       {"https" + w.at[len("http"):], w.at[len("http://"):] + " does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := w.client(ecs.Options{Endpoint: c.endpoint, Tries: 2})
			err := cloud.Accept(t.Context(), hangzhou, "e-1")
			if e := cloudError(t, err); e.Kind != migration.CloudFailing || e.Message != c.message {
				t.Errorf("change: %v, want %q", err, c.message)
			}
			_, err = pending(t.Context(), cloud, hangzhou)
			if e := cloudError(t, err); e.Kind != migration.CloudFailing || e.Message != c.message {
				t.Errorf("list: %v, want %q", err, c.message)
			}
		})
	}
}

func TestARegionThatIsNone(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	err := w.ecs.Accept(t.Context(), "cn hangzhou", "e-1")
	if e := cloudError(t, err); e.Kind != migration.CloudFailing {
		t.Errorf("got %v", err)
	}
	_, err = pending(t.Context(), w.ecs, "mars-1")
	if e := cloudError(t, err); e.Kind != migration.CloudRefused || e.Code != "InvalidRegionId.NotFound" {
		t.Errorf("got %v", err)
	}
}

func TestAContextThatEnds(t *testing.T) {
	w := newWorld(t, ecs.Options{ReadTimeout: time.Hour})
	id := w.announce(stub.EventSpec{})
	w.inject(stub.Fault{Kind: stub.FaultHang})
	for action, c := range map[string]struct {
		do      func(context.Context) error
		unknown bool
	}{
		"DescribeInstanceHistoryEvents": {func(ctx context.Context) error { _, err := pending(ctx, w.ecs, hangzhou); return err }, false},
		"DescribeInstances": {func(ctx context.Context) error {
			_, err := w.ecs.Instances(ctx, hangzhou, []string{web})
			return err
		}, false},
		modify: {func(ctx context.Context) error {
			return w.ecs.Reschedule(ctx, hangzhou, id, web, w.now.Add(time.Hour))
		}, true},
	} {
		t.Run(action, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- c.do(ctx) }()
			if _, err := w.cloud.WaitStarted(t.Context(), func(call stub.Call) bool { return call.Action == action }); err != nil {
				t.Fatal(err)
			}
			cancel()
			err := <-done
			switch {
			case c.unknown && migration.CloudKind(err) != migration.CloudUnknown:
				t.Errorf("a change under way: %v, want its outcome unknown", err)
			case !c.unknown && !errors.Is(err, context.Canceled):
				t.Errorf("a read under way: %v, want the context's error", err)
			}
			if err := c.do(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("after the end: %v, want the context's error", err)
			}
		})
	}
}

func TestARefusalInEverySpelling(t *testing.T) {
	for body, want := range map[string]string{
		`{"Code":"InvalidParameter","Message":"The specified parameter is not valid."}`: "InvalidParameter: The specified parameter is not valid.",
		`{"Code":404,"Message":17,"RequestId":1}`:                                       "404: 17",
		`{"Code":"X","Message":null,"AccessDeniedDetail":"odd"}`:                        "X",
		`{"Code":"X","Message":{"en":"no"}}`:                                            "X",
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, body)
		})
		err := c.Accept(t.Context(), hangzhou, "e-1")
		if e := cloudError(t, err); e.Kind != migration.CloudRefused || e.Error() != "ecs:"+accept+" in "+hangzhou+": refused: "+want {
			t.Errorf("%s: %v", body, err)
		}
	}
}
