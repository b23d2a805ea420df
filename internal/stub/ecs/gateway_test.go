package ecs

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What the gateway refuses before a service sees a call. The sources stand
// beside each rule in gateway.go.
func TestGatewayRefusals(t *testing.T) {
	s, _ := start(t, Options{})
	now := time.Now().UTC()
	for name, c := range map[string]struct {
		change params // an empty value removes
		status int
		code   string
	}{
		"no action":        {params{"Action": ""}, 400, "MissingAction"},
		"no version":       {params{"Version": ""}, 400, "MissingVersion"},
		"no key":           {params{"AccessKeyId": ""}, 400, "MissingAccessKeyId"},
		"no timestamp":     {params{"Timestamp": ""}, 400, "MissingTimestamp"},
		"no nonce":         {params{"SignatureNonce": ""}, 400, "MissingSignatureNonce"},
		"version":          {params{"Version": "2014-05-27"}, 400, "InvalidVersion"},
		"action":           {params{"Action": "DescribeNothing"}, 404, "InvalidAction.NotFound"},
		"other product":    {params{"Action": "AssumeRole"}, 404, "InvalidAction.NotFound"},
		"signature method": {params{"SignatureMethod": "HMAC-MD5"}, 400, "InvalidParameter"},
		"signing version":  {params{"SignatureVersion": "2.0"}, 400, "InvalidParameter"},
		"time form":        {params{"Timestamp": "2024-05-01 00:00:00"}, 400, "InvalidTimeStamp.Format"},
		"time zone":        {params{"Timestamp": "2024-05-01T00:00:00+08:00"}, 400, "InvalidTimeStamp.Format"},
		"too old":          {params{"Timestamp": now.Add(-16 * time.Minute).Format(timeForm)}, 400, "InvalidTimeStamp.Expired"},
		"too new":          {params{"Timestamp": now.Add(16 * time.Minute).Format(timeForm)}, 400, "InvalidTimeStamp.Expired"},
		"unknown key":      {params{"AccessKeyId": "LTAInobody"}, 404, "InvalidAccessKeyId.NotFound"},
		"token for a key":  {params{"SecurityToken": "x"}, 400, "InvalidSecurityToken.MismatchWithAccessKey"},
		"region":           {params{"Action": "DescribeInstances", "RegionId": "cn-nowhere"}, 404, "InvalidRegionId.NotFound"},
		"no region":        {params{"Action": "DescribeInstances", "RegionId": ""}, 400, "MissingRegionId"},
	} {
		t.Run(name, func(t *testing.T) {
			v := sign(common(c.change), "GET")
			if v.Get("Signature") == "" {
				v.Set("Signature", "of no method known")
			}
			status, body, raw := get(t, s, v)
			if status != c.status || body["Code"] != c.code {
				t.Fatalf("%d %s, want %d %s", status, raw, c.status, c.code)
			}
			for _, member := range []string{"RequestId", "HostId", "Message", "Recommend"} {
				if body[member] == "" || body[member] == nil {
					t.Errorf("no %s in %s", member, raw)
				}
			}
		})
	}
}

func TestSignatureMissing(t *testing.T) {
	s, _ := start(t, Options{})
	if status, body, _ := get(t, s, common(nil)); status != 400 || body["Code"] != "MissingSignature" {
		t.Error(status, body)
	}
}

// Source: seen, dromara/SMS4J issue 34: the message tells the string that the
// server signed, and in it the key's id.
func TestSignatureDoesNotMatch(t *testing.T) {
	s, _ := start(t, Options{})
	v := sign(common(nil), "GET")
	v.Set("Extra", "not signed")
	status, body, _ := get(t, s, v)
	message, _ := body["Message"].(string)
	if status != 400 || body["Code"] != "SignatureDoesNotMatch" ||
		!strings.Contains(message, "server string to sign is:GET&%2F&AccessKeyId%3D"+DefaultKeyID) {
		t.Error(status, body)
	}
}

// Source: seen, acmesh-official/acme.sh issue 1639.
func TestNonceReuse(t *testing.T) {
	s, _ := start(t, Options{})
	v := sign(common(nil), "GET")
	if status, _, raw := get(t, s, v); status != 200 {
		t.Fatal(status, raw)
	}
	if status, body, _ := get(t, s, v); status != 400 || body["Code"] != "SignatureNonceUsed" {
		t.Error(status, body)
	}
}

func TestNoncesAreForgotten(t *testing.T) {
	n := nonces{seen: map[string]time.Time{}}
	at := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	if !n.use("a", at) || n.use("a", at.Add(30*time.Minute)) || !n.use("a", at.Add(31*time.Minute)) {
		t.Error("a nonce counts for as long as a replay could pass")
	}
	if !n.use("b", at.Add(2*time.Hour)) || len(n.seen) != 1 || len(n.queue) != 1 {
		t.Errorf("kept %v", n.seen)
	}
}

// Source: signature V1 names GET and POST, parameters in the query or a form.
func TestWaysToCall(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	c.must("DescribeInstances", params{"Method": "GET"})
	c.must("DescribeInstances", params{"Method": "POST", "form:InstanceName": "web*"})

	v := sign(common(params{"SignatureMethod": "HMAC-SHA256"}), "POST")
	resp, err := http.PostForm(s.URL()+"/", v)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("HMAC-SHA256 in a form: %d", resp.StatusCode)
	}

	r, err := http.NewRequest(http.MethodPut, s.URL()+"/?"+v.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", resp.StatusCode)
	}
}

// Source: API reference, common parameters: XML unless JSON is asked for.
func TestFormatXML(t *testing.T) {
	s, _ := start(t, Options{})
	_, _, body := get(t, s, sign(common(params{"Format": ""}), "GET"))
	if !strings.Contains(body, "<DescribeRegionsResponse>") || !strings.Contains(body, "<RegionId>cn-shanghai</RegionId>") {
		t.Error(body)
	}
	_, _, body = get(t, s, common(params{"Format": "XML"}))
	if !strings.Contains(body, "<Error><Code>MissingSignature</Code>") {
		t.Error(body)
	}
	_, _, body = get(t, s, sign(common(params{"Format": "", "Action": "DescribeInstances"}), "GET"))
	if !strings.Contains(body, "batch &lt;nightly&gt; &amp; reports") {
		t.Error("not escaped:", body)
	}
}

func TestServerClockSkew(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	s.SetSkew(20 * time.Minute)
	c.refused("DescribeRegions", nil, 400, "InvalidTimeStamp.Expired")
	s.SetSkew(-20 * time.Minute)
	c.refused("DescribeRegions", nil, 400, "InvalidTimeStamp.Expired")
	s.SetSkew(14 * time.Minute)
	c.must("DescribeRegions", nil)
}

func TestDisabledKey(t *testing.T) {
	accounts := DefaultAccounts()
	accounts[0].Keys[0].Disabled = true
	s, _ := start(t, Options{Accounts: accounts})
	newClient(t, s).refused("DescribeRegions", nil, 403, "InvalidAccessKeyId.Inactive")
}

// Two accounts see their own only, and know of each other's regions.
func TestAccountsApart(t *testing.T) {
	accounts := append(DefaultAccounts(), Account{
		ID: "6543210987654321", Name: "test", Regions: []string{"cn-beijing"}, Keys: []Key{{ID: "LTAIother000000001", Secret: "other"}},
		Instances: []Instance{{ID: "i-2ze0001", Region: "cn-beijing"}},
	})
	s, _ := start(t, Options{Accounts: accounts})
	other := newClientAs(t, s, "LTAIother000000001", "other", "")
	if got := list(t, other.must("DescribeInstances", nil), "Instances", "Instance"); len(got) != 0 {
		t.Errorf("of another account: %v", got)
	}
	other.region = "cn-beijing"
	if got := list(t, other.must("DescribeInstances", nil), "Instances", "Instance"); len(got) != 1 {
		t.Errorf("own: %v", got)
	}
	id, err := s.Announce(EventSpec{Account: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	other.region = "cn-hangzhou"
	other.refused("ModifySystemEventAttribute", params{
		"EventId": id, "InstanceId": "i-bp1web01classic0001", "NotBefore": "2024-05-02T00:00:00Z",
	}, 404, "InvalidEventId.NotFound")
}

func FuzzRequest(f *testing.F) {
	f.Add("GET", sign(common(nil), "GET").Encode(), "", "")
	f.Add("POST", "Action=A", "EventId.1=e&EventId.02=f&EventId.-1=g", "")
	f.Add("POST", "", "%zz", v3Algorithm+" Credential=a,SignedHeaders=host;x-acs-date,Signature=b")
	s := New(Options{})
	f.Fuzz(func(t *testing.T, method, query, form, authorization string) {
		r := &http.Request{
			Method: method, URL: &url.URL{Path: "/", RawQuery: query}, Host: "stub", Header: http.Header{},
			Body: http.NoBody,
		}
		if form != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Body = readCloser(form)
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
			r.Header.Set("x-acs-date", time.Now().UTC().Format(timeForm))
			r.Header.Set("x-acs-signature-nonce", query)
			r.Header.Set("x-acs-action", "DescribeRegions")
			r.Header.Set("x-acs-version", versionECS)
		}
		req, refusal := readRequest(r)
		if refusal != nil {
			return
		}
		for _, name := range []string{"EventId", "Tag", ""} {
			if n := len(req.list(name)); n > len(req.params) {
				t.Fatalf("list %q of %d out of %d parameters", name, n, len(req.params))
			}
		}
		_, _, _, refusal = s.admit(req, &Call{})
		known := req.params["Signature"] != "" && strings.Contains(query+form, DefaultKeyID) || strings.Contains(authorization, DefaultKeyID)
		if refusal == nil && !known {
			t.Fatal("let in without a key")
		}
		entry := &Call{}
		entry.describe(req)
		for name := range entry.Params {
			if name == "Signature" || name == "AccessKeyId" || name == "SecurityToken" {
				t.Fatal("recorded", name)
			}
		}
	})
}
