package ecs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

func TestTheListIsReadPageByPage(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	for range 250 {
		w.announce(stub.EventSpec{})
	}
	w.announce(stub.EventSpec{Status: stub.Inquiring})
	w.announce(stub.EventSpec{Status: stub.Executing})
	w.announce(stub.EventSpec{Status: stub.Canceled})
	pages, err := pending(t.Context(), w.ecs, hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	statuses := map[migration.Status]int{}
	for _, p := range pages {
		sizes = append(sizes, len(p))
		for _, ev := range p {
			statuses[ev.Status]++
		}
	}
	if want := []int{100, 100, 52}; !slices.Equal(sizes, want) {
		t.Errorf("pages of %v, want %v", sizes, want)
	}
	if want := map[migration.Status]int{migration.Scheduled: 250, migration.Inquiring: 1, migration.Executing: 1}; !cmp.Equal(statuses, want) {
		t.Errorf("statuses %v, want %v", statuses, want)
	}
	if got := len(w.requests("DescribeInstanceHistoryEvents")); got != 3 {
		t.Errorf("%d calls, want 3", got)
	}
}

func TestAnEventIsReadWhole(t *testing.T) {
	asked := time.Date(2024, 5, 1, 8, 31, 0, 0, time.UTC)
	w := newWorld(t, ecs.Options{Clock: standing(asked)})
	id := w.announce(stub.EventSpec{
		Status: stub.Inquiring, Reason: "moves <b>soon</b>", NotBefore: w.now.Add(40 * time.Hour), InitialNotBefore: w.now.Add(48 * time.Hour),
		Options: []string{migration.PlanOnly},
	})
	pages, err := pending(t.Context(), w.ecs, hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	can := true
	want := migration.Event{
		Key:        migration.Key{Account: "prod", Region: hangzhou, EventID: id},
		InstanceID: web, Type: stub.TypeMigrate, Status: migration.Inquiring,
		Reason: "moves <b>soon</b>", ReasonCode: stub.ReasonVPC,
		PublishedAt: w.now, NotBefore: w.now.Add(40 * time.Hour), InitialNotBefore: w.now.Add(48 * time.Hour),
		CanAccept: &can, MigrationOptions: []string{migration.PlanOnly}, ReadAt: asked,
	}
	if diff := cmp.Diff(want, pages[0][0]); diff != "" {
		t.Error(diff)
	}
}

func standing(at time.Time) clock.Clock { return still{at} }

type still struct{ at time.Time }

func (s still) Now() time.Time                       { return s.at }
func (s still) After(time.Duration) <-chan time.Time { return nil }

func TestEventsAreReadInEveryStatus(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	want := map[string]migration.Status{}
	for _, status := range []string{stub.Inquiring, stub.Scheduled, stub.Executing, stub.Executed, stub.Failed, stub.Avoided, stub.Canceled} {
		want[w.announce(stub.EventSpec{Status: status})] = migration.Status(status)
	}
	ids := []string{"e-not-there"}
	for id := range want {
		ids = append(ids, id, id)
	}
	for i := range 150 {
		ids = append(ids, fmt.Sprintf("e-not-there-%d", i))
	}
	events, err := w.ecs.Events(t.Context(), hangzhou, ids)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]migration.Status{}
	for _, ev := range events {
		got[ev.EventID] = ev.Status
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := len(w.requests("DescribeInstanceHistoryEvents")); got != 2 {
		t.Errorf("%d calls for %d ids, want 2", got, len(ids))
	}
	if none, err := w.ecs.Events(t.Context(), hangzhou, nil); err != nil || none != nil || len(w.requests("DescribeInstanceHistoryEvents")) != 2 {
		t.Errorf("asked for nothing: %v, %v", none, err)
	}
}

func TestFactsOfInstances(t *testing.T) {
	asked := time.Date(2024, 5, 1, 8, 31, 0, 0, time.UTC)
	w := newWorld(t, ecs.Options{Clock: standing(asked)})
	for i := range 120 {
		if err := w.cloud.AddInstance("prod", stub.Instance{ID: fmt.Sprintf("i-more-%03d", i), Region: hangzhou}); err != nil {
			t.Fatal(err)
		}
	}
	ids := []string{web, "i-bp1app01vpc00000004", "i-gone"}
	for i := range 120 {
		ids = append(ids, fmt.Sprintf("i-more-%03d", i))
	}
	got, err := w.ecs.Instances(t.Context(), hangzhou, ids)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 122 || len(w.requests("DescribeInstances")) != 2 {
		t.Errorf("%d instances by %d calls, want 122 by 2", len(got), len(w.requests("DescribeInstances")))
	}
	classic := got[web]
	if !classic.Classic() || classic.Name != "web-01" || classic.Zone != "cn-hangzhou-b" || classic.BandwidthOut != 5 ||
		!slices.Equal(classic.PublicIPs, []string{"121.40.1.11"}) || !slices.Equal(classic.PrivateIPs, []string{"10.80.1.11"}) ||
		classic.Owner() != "li.lei" || len(classic.MACs) == 0 || len(classic.SecurityGroups) == 0 || classic.OSType != "linux" ||
		classic.Status != "Running" || !classic.ReadAt.Equal(asked) {
		t.Errorf("classic: %+v", classic)
	}
	if vpc := got["i-bp1app01vpc00000004"]; vpc.NetworkType != "vpc" || vpc.VPC == "" || vpc.VSwitch == "" || vpc.EIP != "47.96.1.14" || len(vpc.PrivateIPs) != 1 {
		t.Errorf("vpc: %+v", vpc)
	}
}

func TestAHiddenPermissionShowsNoInstances(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	w.inject(stub.Fault{Kind: stub.FaultHide, Action: "DescribeInstances"})
	got, err := w.ecs.Instances(t.Context(), hangzhou, []string{web})
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAMalformedEventIsToldOnceAndLeftOut(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	good := w.announce(stub.EventSpec{})
	for _, raw := range []string{
		`{"InstanceId":"i-1"}`, `"nonsense"`, `null`, `[]`,
		`{"EventId":"e-no-instance","EventType":{"Name":"X"},"EventCycleStatus":{"Name":"Scheduled"}}`,
		`{"EventId":"e-no-status","InstanceId":"i-1","EventType":{"Name":"X"},"EventCycleStatus":null}`,
		`{"EventId":"e-no-type","InstanceId":"i-1","EventType":"","EventCycleStatus":{"Name":"Scheduled"}}`,
		`{"EventId":"e-a/b","InstanceId":"i-1","EventType":{"Name":"X"},"EventCycleStatus":{"Name":"Scheduled"}}`,
		`{"EventId":"e-when","InstanceId":"i-1","EventType":{"Name":"X"},"EventCycleStatus":{"Name":"Scheduled"},"NotBefore":"soon"}`,
	} {
		w.announce(stub.EventSpec{Raw: raw})
	}
	also := w.announce(stub.EventSpec{})
	for range 3 {
		pages, err := pending(t.Context(), w.ecs, hangzhou)
		e := cloudError(t, err)
		if e.Kind != migration.CloudMalformed || e.Region != hangzhou || len(e.Garbled) != 9 {
			t.Errorf("the list counts as %v", err)
		}
		for _, named := range []string{"e-no-instance (no usable InstanceId)", "e-when (unreadable NotBefore)"} {
			if !strings.Contains(e.Message, named) {
				t.Errorf("the error does not name %s: %s", named, e.Message)
			}
		}
		var ids []string
		for _, ev := range pages[0] {
			ids = append(ids, ev.EventID)
		}
		if !slices.Equal(ids, []string{good, also}) {
			t.Errorf("the page's good events: %v, want %v", ids, []string{good, also})
		}
	}
	for _, fault := range []string{
		`event_id="" fault="no usable EventId"`, `event_id=e-no-instance fault="no usable InstanceId"`, `event_id=e-no-status fault="no EventCycleStatus"`,
		`event_id=e-no-type fault="no EventType"`, `event_id=e-when fault="unreadable NotBefore"`,
	} {
		if n := strings.Count(w.log.String(), fault); n != 1 {
			t.Errorf("%s was told %d times, want once", fault, n)
		}
	}
}

func TestAnEventThatIsReadBackGarbledIsAnError(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	good := w.announce(stub.EventSpec{})
	garbled := w.announce(stub.EventSpec{EventID: "e-when", Raw: `{"EventId":"e-when","InstanceId":"i-1","EventType":{"Name":"X"},"EventCycleStatus":{"Name":"Executed"},"EventFinishTime":"soon"}`})
	events, err := w.ecs.Events(t.Context(), hangzhou, []string{good, garbled})
	want := []migration.Garbled{{EventID: "e-when", Type: "X", Fault: "unreadable EventFinishTime"}}
	if e := cloudError(t, err); e.Kind != migration.CloudMalformed || !cmp.Equal(e.Garbled, want) {
		t.Errorf("got %+v", e)
	}
	if len(events) != 1 || events[0].EventID != good {
		t.Errorf("the others: %+v", events)
	}
}

func TestPagesThatCannotBeRead(t *testing.T) {
	repeat := func(token string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"RequestId":"R","NextToken":%q,"InstanceSystemEventSet":{},"Instances":null}`, token)
		}
	}
	n := 0
	for name, answer := range map[string]http.HandlerFunc{
		"html":     func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>please log in</html>") },
		"empty":    func(http.ResponseWriter, *http.Request) {},
		"an array": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "[]") },
		"another":  func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"login":"please"}`) },
		"no list": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"RequestId":"R","InstanceSystemEventSet":{"InstanceSystemEventType":7},"Instances":{"Instance":7}}`)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://portal.example/login", http.StatusFound)
		},
		"not the cloud": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "blocked by proxy", http.StatusForbidden) },
		"the same page": repeat("again"),
		"ever new": func(w http.ResponseWriter, r *http.Request) {
			n++
			repeat(fmt.Sprint(n))(w, r)
		},
		"too long": func(w http.ResponseWriter, _ *http.Request) {
			junk := strings.Repeat("x", 1<<20)
			for range 17 {
				io.WriteString(w, junk)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, answer)
			_, err := pending(t.Context(), c, hangzhou)
			if e := cloudError(t, err); e.Kind != migration.CloudMalformed || e.Action != "ecs:DescribeInstanceHistoryEvents" || e.Region != hangzhou {
				t.Errorf("events: %v", err)
			}
			_, err = c.Instances(t.Context(), hangzhou, []string{web})
			if e := cloudError(t, err); e.Kind != migration.CloudMalformed || e.Action != "ecs:DescribeInstances" {
				t.Errorf("instances: %v", err)
			}
		})
	}
}

func TestAListWithoutEventsIsNoError(t *testing.T) {
	for _, body := range []string{
		`{"RequestId":"R","InstanceSystemEventSet":{"InstanceSystemEventType":[]}}`,
		`{"RequestId":"R","InstanceSystemEventSet":null,"NextToken":null}`,
		`{"RequestId":"R"}`, `{"InstanceSystemEventSet":{"InstanceSystemEventType":null},"NextToken":""}`,
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
		pages, err := pending(t.Context(), c, hangzhou)
		if err != nil || len(pages) != 1 || len(pages[0]) != 0 {
			t.Errorf("%s: %v, %v", body, pages, err)
		}
	}
}

func TestPageEndsTheList(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	for range 150 {
		w.announce(stub.EventSpec{})
	}
	stop := errors.New("stop")
	if err := w.ecs.Pending(t.Context(), hangzhou, func([]migration.Event) error { return stop }); err != stop {
		t.Errorf("got %v, want page's own error", err)
	}
	if n := len(w.requests("DescribeInstanceHistoryEvents")); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestFieldsInEverySpelling(t *testing.T) {
	raw := func(v string) json.RawMessage { return json.RawMessage(v) }
	for name, c := range map[string]struct {
		fields map[string]json.RawMessage
		see    func(migration.Event) bool
	}{
		"CanAccept as bool":   {map[string]json.RawMessage{"ExtendedAttribute.CanAccept": raw(`false`)}, func(e migration.Event) bool { return e.CanAccept != nil && !*e.CanAccept }},
		"CanAccept as number": {map[string]json.RawMessage{"ExtendedAttribute.CanAccept": raw(`1`)}, func(e migration.Event) bool { return e.CanAccept != nil && *e.CanAccept }},
		"CanAccept as text":   {map[string]json.RawMessage{"ExtendedAttribute.CanAccept": raw(`"True"`)}, func(e migration.Event) bool { return e.CanAccept != nil && *e.CanAccept }},
		"CanAccept unclear":   {map[string]json.RawMessage{"ExtendedAttribute.CanAccept": raw(`{}`)}, func(e migration.Event) bool { return e.CanAccept == nil }},
		"no seconds":          {map[string]json.RawMessage{"NotBefore": raw(`"2024-05-03T00:00Z"`)}, func(e migration.Event) bool { return e.NotBefore.Equal(time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)) }},
		"no attributes":       {map[string]json.RawMessage{"ExtendedAttribute": raw(`null`)}, func(e migration.Event) bool { return e.InitialNotBefore.IsZero() && e.CanAccept == nil }},
		"odd attributes":      {map[string]json.RawMessage{"ExtendedAttribute": raw(`""`)}, func(e migration.Event) bool { return e.InitialNotBefore.IsZero() }},
		"one option":          {map[string]json.RawMessage{"ExtendedAttribute.MigrationOptions.MigrationOption": raw(`"MigrationPlan"`)}, func(e migration.Event) bool { return e.PlanOnly() }},
		"ImpactLevel as text": {map[string]json.RawMessage{"ImpactLevel": raw(`"100"`)}, func(e migration.Event) bool { return true }},
		"a reason of numbers": {map[string]json.RawMessage{"Reason": raw(`17`)}, func(e migration.Event) bool { return e.Reason == "17" }},
		"an empty time":       {map[string]json.RawMessage{"EventFinishTime": raw(`""`)}, func(e migration.Event) bool { return e.FinishedAt.IsZero() }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, ecs.Options{})
			w.announce(stub.EventSpec{Status: stub.Inquiring, NotBefore: w.now.Add(time.Hour), Fields: c.fields})
			pages, err := pending(t.Context(), w.ecs, hangzhou)
			if err != nil || len(pages[0]) != 1 {
				t.Fatalf("got %v, %v\n%s", pages, err, w.log)
			}
			if !c.see(pages[0][0]) {
				t.Errorf("read as %+v", pages[0][0])
			}
		})
	}
}
