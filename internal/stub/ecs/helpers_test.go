package ecs

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

// testClock is a clock that stands still until it is moved.
type testClock struct{ ns atomic.Int64 }

func newClock(at time.Time) *testClock {
	c := &testClock{}
	c.ns.Store(at.UnixNano())
	return c
}

func (c *testClock) Now() time.Time          { return time.Unix(0, c.ns.Load()).UTC() }
func (c *testClock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// start is a server whose events live on a clock that stands still at an odd
// time; signatures stay on the machine's, which the SDK signs with.
func start(t testing.TB, o Options) (*Server, *testClock) {
	t.Helper()
	clock := newClock(time.Date(2024, 5, 1, 8, 30, 0, 0, time.UTC))
	if o.Now == nil {
		o.Now = clock.Now
	}
	s := New(o)
	if err := s.Start(":0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, clock
}

// client is alibaba-cloud-sdk-go on the stub.
type client struct {
	t      testing.TB
	s      *Server
	sdk    *sdk.Client
	region string
}

func newClient(t testing.TB, s *Server) *client {
	return newClientAs(t, s, DefaultKeyID, DefaultKeySecret, "")
}

func newClientAs(t testing.TB, s *Server, id, secret, token string) *client {
	t.Helper()
	var cred any = credentials.NewAccessKeyCredential(id, secret)
	if token != "" {
		cred = credentials.NewStsTokenCredential(id, secret, token)
	}
	config := sdk.NewConfig().WithAutoRetry(false).WithTimeout(5 * time.Second)
	c, err := sdk.NewClientWithOptions("cn-hangzhou", config, cred)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Shutdown)
	return &client{t: t, s: s, sdk: c, region: "cn-hangzhou"}
}

// params are an action's parameters; "Method" and "Version" are taken out.
type params map[string]string

// call sends an action by the SDK and decodes its answer.
func (c *client) call(action string, p params) (map[string]any, error) {
	c.t.Helper()
	req := requests.NewCommonRequest()
	req.Scheme, req.Domain, req.ApiName = requests.HTTP, c.s.Addr(), action
	req.Product, req.Version, req.Method = "Ecs", versionECS, http.MethodPost
	req.QueryParams["RegionId"] = c.region
	for name, value := range p {
		switch name {
		case "Method":
			req.Method = value
		case "Version":
			req.Version = value
		default:
			if strings.HasPrefix(name, "form:") {
				req.FormParams[name[5:]] = value
			} else {
				req.QueryParams[name] = value
			}
		}
	}
	resp, err := c.sdk.ProcessCommonRequest(req)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(resp.GetHttpContentBytes(), &out); err != nil {
		c.t.Fatalf("%s: %v in %s", action, err, resp.GetHttpContentString())
	}
	return out, nil
}

// must is call without a refusal.
func (c *client) must(action string, p params) map[string]any {
	c.t.Helper()
	out, err := c.call(action, p)
	if err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
	return out
}

// refused asserts a refusal's status and code.
func (c *client) refused(action string, p params, status int, code string) {
	c.t.Helper()
	out, err := c.call(action, p)
	var server *sdkerrors.ServerError
	if !errors.As(err, &server) {
		c.t.Fatalf("%s %v: got %v, %v; want %d %s", action, p, out, err, status, code)
	}
	if server.HttpStatus() != status || server.ErrorCode() != code {
		c.t.Errorf("%s %v: got %d %s, want %d %s", action, p, server.HttpStatus(), server.ErrorCode(), status, code)
	}
}

// list digs the list out of an answer such as Instances.Instance.
func list(t testing.TB, answer map[string]any, path ...string) []map[string]any {
	t.Helper()
	var at any = answer
	for _, name := range path {
		members, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("no %v in %v", path, answer)
		}
		at = members[name]
	}
	items, ok := at.([]any)
	if !ok {
		t.Fatalf("no list %v in %v", path, answer)
	}
	out := make([]map[string]any, len(items))
	for i, item := range items {
		out[i], _ = item.(map[string]any)
	}
	return out
}

// events is the events of an answer.
func events(t testing.TB, answer map[string]any) []map[string]any {
	t.Helper()
	return list(t, answer, "InstanceSystemEventSet", "InstanceSystemEventType")
}

func status(e map[string]any) string {
	name, _ := e["EventCycleStatus"].(map[string]any)["Name"].(string)
	return name
}

// common are valid V1 parameters for a raw request; sign adds the signature.
func common(more params) url.Values {
	v := url.Values{}
	for name, value := range map[string]string{
		"Action": "DescribeRegions", "Version": versionECS, "Format": "JSON", "AccessKeyId": DefaultKeyID,
		"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": newID("n"),
		"Timestamp": time.Now().UTC().Format(timeForm), "RegionId": "cn-hangzhou",
	} {
		v.Set(name, value)
	}
	for name, value := range more {
		v.Set(name, value)
		if value == "" {
			v.Del(name)
		}
	}
	return v
}

func sign(v url.Values, method string) url.Values {
	flat := map[string]string{}
	for name := range maps.Keys(v) {
		flat[name] = v.Get(name)
	}
	signature, _ := signV1(v.Get("SignatureMethod"), stringToSignV1(method, flat), DefaultKeySecret)
	v.Set("Signature", signature)
	return v
}

// get sends a raw query.
func get(t testing.TB, s *Server, v url.Values) (int, map[string]any, string) {
	t.Helper()
	resp, err := http.Get(s.URL() + "/?" + v.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if json.Unmarshal(body, &out) != nil {
		out = nil // XML, or what a fault put there
	}
	return resp.StatusCode, out, string(body)
}

func readCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }
