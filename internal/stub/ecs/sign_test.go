package ecs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The public page on signature V1 has this request and this signature for
// AccessKeyId testid with secret testsecret.
func TestSignV1KnownAnswer(t *testing.T) {
	text := stringToSignV1("GET", map[string]string{
		"Timestamp": "2016-02-23T12:46:24Z", "Format": "XML", "AccessKeyId": "testid", "Action": "DescribeRegions",
		"SignatureMethod": "HMAC-SHA1", "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
		"Version": "2014-05-26", "SignatureVersion": "1.0", "Signature": "not signed itself",
	})
	if got, ok := signV1("HMAC-SHA1", text, "testsecret"); !ok || got != "OLeaidS1JvxuMvnyHOwuJ+uX5qY=" {
		t.Errorf("signature %s of %s", got, text)
	}
}

// The public page on signature V3 has this request and this signature.
func TestSignV3KnownAnswer(t *testing.T) {
	const want = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
	r := httptest.NewRequest("POST", "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai", nil)
	r.Host = "ecs.cn-shanghai.aliyuncs.com"
	empty := sha256.Sum256(nil)
	for name, value := range map[string]string{
		"x-acs-action": "RunInstances", "x-acs-version": "2014-05-26", "x-acs-date": "2023-10-26T10:22:32Z",
		"x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d", "x-acs-content-sha256": hex.EncodeToString(empty[:]),
	} {
		r.Header.Set(name, value)
	}
	req, err := parseRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	canonical := canonicalV3(req, []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"})
	if got := signV3(stringToSignV3(canonical), "YourAccessKeySecret"); got != want {
		t.Errorf("signature %s of %s", got, canonical)
	}
}

func TestPercentEncode(t *testing.T) {
	if got := percentEncode("a b*~-_.+/%中"); got != "a%20b%2A~-_.%2B%2F%25%E4%B8%AD" {
		t.Error(got)
	}
}

// requestV3 is a signed V3 request; spoil may break it before it is sent.
func requestV3(t *testing.T, s *Server, form string, spoil func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequest("POST", s.URL()+"/?RegionId=cn-hangzhou&Note=a%20b", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(form))
	r.Header = http.Header{}
	for name, value := range map[string]string{
		"x-acs-action": "DescribeInstances", "x-acs-version": versionECS, "x-acs-date": time.Now().UTC().Format(timeForm),
		"x-acs-signature-nonce": newID("n"), "x-acs-content-sha256": hex.EncodeToString(sum[:]),
		"content-type": "application/x-www-form-urlencoded",
	} {
		r.Header.Set(name, value)
	}
	signed := []string{"content-type", "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
	req, err := parseRequest(&http.Request{
		Method: r.Method, URL: r.URL, Host: r.URL.Host, Header: r.Header, Body: io.NopCloser(strings.NewReader(form)),
	})
	if err != nil {
		t.Fatal(err)
	}
	signature := signV3(stringToSignV3(canonicalV3(req, signed)), DefaultKeySecret)
	r.Header.Set("Authorization", v3Algorithm+" Credential="+DefaultKeyID+",SignedHeaders="+strings.Join(signed, ";")+",Signature="+signature)
	if spoil != nil {
		spoil(r)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// Signature V3 is checked whole: source, its public page.
func TestSignatureV3(t *testing.T) {
	s, _ := start(t, Options{})
	for name, c := range map[string]struct {
		spoil func(*http.Request)
		code  string
	}{
		"good":     {nil, ""},
		"body":     {func(r *http.Request) { r.Body = io.NopCloser(bytes.NewReader([]byte(`PageNumber=2`))) }, "SignatureDoesNotMatch"},
		"query":    {func(r *http.Request) { r.URL.RawQuery = "RegionId=cn-shanghai" }, "SignatureDoesNotMatch"},
		"header":   {func(r *http.Request) { r.Header.Set("x-acs-action", "DescribeRegions") }, "SignatureDoesNotMatch"},
		"unsigned": {func(r *http.Request) { r.Header.Set("x-acs-extra", "1") }, "IncompleteSignature"},
		"empty":    {func(r *http.Request) { r.Header.Set("Authorization", v3Algorithm+" Credential=a") }, "IncompleteSignature"},
		"key": {func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), DefaultKeyID, "LTAIunknown", 1))
		}, "InvalidAccessKeyId.NotFound"},
		"time":  {func(r *http.Request) { r.Header.Set("x-acs-date", "2020-01-01T00:00:00Z") }, "InvalidTimeStamp.Expired"},
		"nonce": {func(r *http.Request) { r.Header.Del("x-acs-signature-nonce") }, "MissingSignatureNonce"},
	} {
		t.Run(name, func(t *testing.T) {
			got, body := requestV3(t, s, "PageNumber=1", c.spoil)
			if c.code == "" && (got != 200 || !strings.Contains(body, "i-bp1web01classic0001")) {
				t.Errorf("%d %s", got, body)
			}
			if c.code != "" && !strings.Contains(body, `"Code":"`+c.code+`"`) {
				t.Errorf("%d %s, want %s", got, body, c.code)
			}
		})
	}
}
