package ecs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
)

func inject(t testing.TB, s *Server, f Fault) int {
	t.Helper()
	id, err := s.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Bad luck strikes the calls it names, as often as it was told.
func TestFaults(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	for name, tc := range map[string]struct {
		fault  Fault
		status int
		code   string
	}{
		"fail":          {Fault{Kind: FaultFail}, 500, "InternalError"},
		"fail as told":  {Fault{Kind: FaultFail, Status: 403, Code: "OperationConflict"}, 403, "OperationConflict"},
		"throttle":      {Fault{Kind: FaultThrottle}, 400, "Throttling.User"},
		"throttle, 429": {Fault{Kind: FaultThrottle, Status: 429, Code: "Throttling.Api"}, 429, "Throttling.Api"},
		"down":          {Fault{Kind: FaultDown}, 503, "ServiceUnavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.fault.Action, tc.fault.Region, tc.fault.Account, tc.fault.Times, tc.fault.Skip = "DescribeInstances", "cn-hangzhou", "prod", 2, 1
			inject(t, s, tc.fault)
			c.must("DescribeInstances", nil) // skipped
			c.must("DescribeDisks", nil)
			c.must("DescribeInstances", params{"RegionId": "cn-shanghai"})
			c.refused("DescribeInstances", nil, tc.status, tc.code)
			c.refused("DescribeInstances", nil, tc.status, tc.code)
			c.must("DescribeInstances", nil)
			if left := s.Faults(); len(left) != 0 {
				t.Errorf("worn out, but left: %v", left)
			}
		})
	}
	if _, err := s.Inject(Fault{Kind: "rain"}); err == nil {
		t.Error("an unknown kind")
	}
	id := inject(t, s, Fault{Kind: FaultDown})
	c.refused("DescribeRegions", nil, 503, "ServiceUnavailable")
	s.ClearFault(id)
	c.must("DescribeRegions", nil)
}

// A connection that breaks leaves the outcome unknown: the work may be done.
func TestFaultsBreakTheConnection(t *testing.T) {
	for name, tc := range map[string]struct {
		fault Fault
		done  bool
	}{
		"cut before":      {Fault{Kind: FaultCut}, false},
		"cut after":       {Fault{Kind: FaultCut, AfterWork: true}, true},
		"truncated":       {Fault{Kind: FaultTruncate, AfterWork: true}, true},
		"garbage":         {Fault{Kind: FaultGarbage, Body: "<html>"}, false},
		"refused, yet ok": {Fault{Kind: FaultFail, AfterWork: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := start(t, Options{})
			c := newClient(t, s)
			id := announce(t, s, EventSpec{})
			tc.fault.Action = "ModifySystemEventAttribute"
			inject(t, s, tc.fault)
			to := clock.Now().Add(time.Hour)
			req := params{"EventId": id, "InstanceId": "i-bp1web01classic0001", "NotBefore": stamp(to)}
			if tc.fault.Kind == FaultGarbage {
				status, _, body := get(t, s, sign(common(params{"Action": "ModifySystemEventAttribute", "Format": "XML"}), "GET"))
				if status != 200 || body != "<html>" {
					t.Errorf("%d %s", status, body)
				}
			} else if out, err := c.call("ModifySystemEventAttribute", req); err == nil {
				t.Errorf("answered %v", out)
			}
			if e, _ := s.Event(id); e.NotBefore.Equal(to) != tc.done {
				t.Errorf("%+v, done should be %v", e, tc.done)
			}
		})
	}
}

// A call that hangs is seen under way, and ends with the server.
func TestHang(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	id := announce(t, s, EventSpec{})
	inject(t, s, Fault{Kind: FaultHang, Action: "ModifySystemEventAttribute", AfterWork: true})
	ended := make(chan error, 1)
	go func() {
		_, err := c.call("ModifySystemEventAttribute", params{
			"EventId": id, "InstanceId": "i-bp1web01classic0001", "NotBefore": stamp(clock.Now().Add(time.Hour)),
		})
		ended <- err
	}()
	modify := func(c Call) bool { return c.Action == "ModifySystemEventAttribute" }
	if _, err := s.WaitStarted(t.Context(), modify); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("answered")
	}
	if call, err := s.WaitCall(t.Context(), modify); err != nil || call.Status != 0 || call.Fault != "hang" {
		t.Errorf("%+v, %v", call, err)
	}
}

// Latency and delays are waited, on whatever clock the process has.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Latency: 20 * time.Millisecond})
		begun := time.Now()
		if err := s.pause(t.Context(), s.latency+3*time.Second); err != nil || time.Since(begun) != 3020*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.pause(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("client left: %v", err)
		}
	})
	s, _ := start(t, Options{})
	c := newClient(t, s)
	s.SetLatency(time.Millisecond)
	inject(t, s, Fault{Kind: FaultDelay, Delay: time.Millisecond, Times: 1})
	inject(t, s, Fault{Kind: FaultFail, Times: 1})
	c.refused("DescribeRegions", nil, 500, "InternalError")
	if call := s.Calls()[0]; call.Fault != "delay+fail" || call.Duration < 2*time.Millisecond {
		t.Errorf("%+v", call)
	}
}

// Source: help center, DescribeInstances, for the empty list; Forbidden.RAM is
// seen.
func TestPermissions(t *testing.T) {
	accounts := DefaultAccounts()
	accounts[0].Keys[0].Allowed = []string{"ecs:Describe*", "ecs:ModifySystemEventAttribute"}
	s, _ := start(t, Options{Accounts: accounts})
	c := newClient(t, s)
	id := announce(t, s, EventSpec{})
	modify := params{"EventId": id, "InstanceId": "i-bp1web01classic0001", "NotBefore": "2024-05-02T00:00:00Z"}
	lists := map[string][]string{
		"DescribeInstances": {"Instances", "Instance"}, "DescribeDisks": {"Disks", "Disk"}, "DescribeSnapshots": {"Snapshots", "Snapshot"},
		"DescribeInstanceHistoryEvents": {"InstanceSystemEventSet", "InstanceSystemEventType"},
		"DescribeInstancesFullStatus":   {"InstanceFullStatusSet", "InstanceFullStatusType"},
	}
	c.must("ModifySystemEventAttribute", modify)
	c.refused("AcceptInquiredSystemEvent", params{"EventId": id}, 403, "Forbidden.RAM")
	for action, path := range lists {
		if err := s.Deny(DefaultKeyID, "ecs:"+action); err != nil {
			t.Fatal(err)
		}
		if got := list(t, c.must(action, params{"EventCycleStatus": Scheduled, "Status": ""}), path...); len(got) != 0 {
			t.Errorf("%s without permission: %v", action, got)
		}
	}
	if calls := s.Calls(); !calls[len(calls)-1].Denied {
		t.Errorf("not told: %+v", calls[len(calls)-1])
	}
	if err := s.Deny(DefaultKeyID, "ecs:ModifySystemEventAttribute", "ecs:DescribeRegions"); err != nil {
		t.Fatal(err)
	}
	c.refused("ModifySystemEventAttribute", modify, 403, "Forbidden.RAM")
	c.refused("DescribeRegions", nil, 403, "Forbidden.RAM")
	if err := s.Allow(DefaultKeyID, "ecs:ModifySystemEventAttribute", "ecs:DescribeInstances"); err != nil {
		t.Fatal(err)
	}
	c.must("ModifySystemEventAttribute", modify)
	if got := list(t, c.must("DescribeInstances", nil), "Instances", "Instance"); len(got) != 4 {
		t.Errorf("allowed again: %v", got)
	}
	inject(t, s, Fault{Kind: FaultHide, Action: "DescribeInstances"})
	if got := list(t, c.must("DescribeInstances", nil), "Instances", "Instance"); len(got) != 0 {
		t.Errorf("hidden: %v", got)
	}
	if err := s.Deny("LTAInobody", "ecs:DescribeInstances"); err == nil {
		t.Error("an unknown key")
	}
	used := s.RAMActions(DefaultKeyID)
	if !slices.Contains(used, "ecs:AcceptInquiredSystemEvent") || slices.Contains(used, "ecs:RebootInstance") || len(used) != 8 {
		t.Errorf("used: %v", used)
	}
}

// Source: API reference, AssumeRole; help page 42775 for the codes.
func TestAssumeRole(t *testing.T) {
	accounts := DefaultAccounts()
	accounts[0].Roles = append(accounts[0].Roles, Role{Name: "foreign", Trusted: []string{"1"}}, Role{Name: "external", ExternalID: "xx", Allowed: []string{"ecs:DescribeRegions"}})
	gateway := newClock(time.Now().Truncate(time.Second))
	s, _ := start(t, Options{Accounts: accounts, Gateway: gateway.Now})
	c := newClient(t, s)
	arn := accounts[0].ARN(DefaultRole)
	ask := func(change params) params {
		p := params{"Version": versionSTS, "RoleArn": arn, "RoleSessionName": "bot"}
		for name, value := range change {
			p[name] = value
		}
		return p
	}
	for name, tc := range map[string]struct {
		change params
		status int
		code   string
	}{
		"no arn":       {params{"RoleArn": ""}, 400, "MissingRoleArn"},
		"no session":   {params{"RoleSessionName": ""}, 400, "MissingRoleSessionName"},
		"arn":          {params{"RoleArn": "ecs-migrate"}, 400, "InvalidParameter.RoleArn"},
		"unknown role": {params{"RoleArn": arn + "2"}, 404, "EntityNotExist.Role"},
		"session name": {params{"RoleSessionName": "忍者"}, 400, "InvalidParameter.RoleSessionName"},
		"one letter":   {params{"RoleSessionName": "a"}, 400, "InvalidParameter.RoleSessionName"},
		"too short":    {params{"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"},
		"too long":     {params{"DurationSeconds": "3601"}, 400, "InvalidParameter.DurationSeconds"},
		"not trusted":  {params{"RoleArn": accounts[0].ARN("foreign")}, 403, "NoPermission"},
		"external id":  {params{"RoleArn": accounts[0].ARN("external")}, 403, "NoPermission"},
	} {
		t.Run(name, func(t *testing.T) { c.refused("AssumeRole", ask(tc.change), tc.status, tc.code) })
	}
	got := c.must("AssumeRole", ask(params{"DurationSeconds": "900"}))
	cred := got["Credentials"].(map[string]any)
	id, secret, token := cred["AccessKeyId"].(string), cred["AccessKeySecret"].(string), cred["SecurityToken"].(string)
	if !strings.HasPrefix(id, "STS.") || cred["Expiration"] != stamp(gateway.Now().Add(900*time.Second)) ||
		got["AssumedRoleUser"].(map[string]any)["Arn"] != arn+"/bot" {
		t.Errorf("%v", got)
	}
	session := newClientAs(t, s, id, secret, token)
	if got := list(t, session.must("DescribeInstances", nil), "Instances", "Instance"); len(got) != 4 {
		t.Errorf("with the role: %v", got)
	}
	newClientAs(t, s, id, secret, "").refused("DescribeInstances", nil, 400, "MissingSecurityToken")
	newClientAs(t, s, id, secret, token+"x").refused("DescribeInstances", nil, 400, "InvalidSecurityToken.MismatchWithAccessKey")
	if err := s.Deny(arn, "ecs:ModifySystemEventAttribute"); err != nil {
		t.Fatal(err)
	}
	session.refused("ModifySystemEventAttribute", nil, 403, "Forbidden.RAM")
	c.refused("ModifySystemEventAttribute", nil, 400, "MissingParameter")
	gateway.advance(10 * time.Minute)
	session.must("DescribeRegions", nil)
	gateway.advance(5 * time.Minute)
	session.refused("DescribeRegions", nil, 400, "InvalidSecurityToken.Expired")

	gateway.advance(-15 * time.Minute)
	got = c.must("AssumeRole", ask(params{"RoleArn": accounts[0].ARN("external"), "ExternalId": "xx"}))
	cred = got["Credentials"].(map[string]any)
	less := newClientAs(t, s, cred["AccessKeyId"].(string), cred["AccessKeySecret"].(string), cred["SecurityToken"].(string))
	less.must("DescribeRegions", nil)
	less.refused("AcceptInquiredSystemEvent", params{"EventId": "e"}, 403, "Forbidden.RAM")
}

func TestAssumeRoleNeedsPermission(t *testing.T) {
	accounts := DefaultAccounts()
	accounts[0].Keys[0].Allowed = []string{"ecs:*"}
	s, _ := start(t, Options{Accounts: accounts})
	newClient(t, s).refused("AssumeRole", params{"Version": versionSTS, "RoleArn": "acs:ram::1:role/a", "RoleSessionName": "ab"}, 403, "NoPermission")
}

// The SDK itself must find the refusals in the shape it knows.
func TestSDKReadsRefusals(t *testing.T) {
	s, _ := start(t, Options{})
	_, err := newClientAs(t, s, DefaultKeyID, "wrong", "").call("DescribeRegions", nil)
	var server *sdkerrors.ServerError
	if !errors.As(err, &server) {
		t.Fatalf("%T %v", err, err)
	}
	// The SDK compares the told string with its own: equal ones mean a wrong
	// secret, and it says so in the recommendation.
	if server.ErrorCode() != "SignatureDoesNotMatch" || !strings.Contains(server.Recommend(), "AccessKeySecret") {
		t.Errorf("%s: %s", server.ErrorCode(), server.Recommend())
	}
}
