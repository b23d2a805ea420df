package ecs_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

// printed gives what do printed to the standard output and error.
func printed(t *testing.T, do func()) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "printed")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = f, f
	func() {
		defer func() { os.Stdout, os.Stderr = stdout, stderr }()
		do()
	}()
	f.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestNoSecretGetsOut fails every call in every way, and looks for all that
// requests were signed with in every error, in the log and in what was printed.
func TestNoSecretGetsOut(t *testing.T) {
	echo := fmt.Sprintf("key %s secret %s AccessKeyId=LTAIsomebodyElses1&Signature=abc%%2Bdef%%3D&SecurityToken=CAISx https://h/?AccessKeyId%%3DSTS.Nother123",
		stub.DefaultKeyID, url.QueryEscape(stub.DefaultKeySecret))
	for name, c := range map[string]struct {
		id, secret string
		skew       time.Duration
		endpoint   string
		fault      stub.Fault
	}{
		"refused":              {},
		"failing":              {fault: stub.Fault{Kind: stub.FaultFail, Message: echo}},
		"refused with an echo": {fault: stub.Fault{Kind: stub.FaultFail, Status: 400, Code: "Bad." + stub.DefaultKeyID, Message: echo}},
		"throttled":            {fault: stub.Fault{Kind: stub.FaultThrottle, Message: echo}},
		"down":                 {fault: stub.Fault{Kind: stub.FaultDown, Message: echo}},
		"hanging":              {fault: stub.Fault{Kind: stub.FaultHang}},
		"done, then hanging":   {fault: stub.Fault{Kind: stub.FaultHang, AfterWork: true}},
		"cut":                  {fault: stub.Fault{Kind: stub.FaultCut}},
		"truncated":            {fault: stub.Fault{Kind: stub.FaultTruncate}},
		"garbage":              {fault: stub.Fault{Kind: stub.FaultGarbage, Body: echo}},
		"hidden":               {fault: stub.Fault{Kind: stub.FaultHide}},
		"wrong secret":         {secret: "not-the-secret"},
		"unknown key":          {id: "LTAIunknownKey00001"},
		"clock off":            {skew: time.Hour},
		"nobody listens":       {endpoint: "http://127.0.0.1:1"},
		"no such host":         {endpoint: "https://ecs.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, role := range []string{"", roleARN} {
				w := newWorld(t, ecs.Options{})
				if c.id != "" {
					t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", c.id)
				}
				if c.secret != "" {
					t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", c.secret)
				}
				w.cloud.SetSkew(c.skew)
				id := w.announce(stub.EventSpec{})
				if c.fault.Kind != "" {
					fault := c.fault
					if role != "" {
						fault.Skip = 1 // the role is assumed
						// No secret is ever sent, least of all that of other keys.
						fault.Message = strings.ReplaceAll(fault.Message, url.QueryEscape(stub.DefaultKeySecret), "")
					}
					w.inject(fault)
				}
				cloud := w.client(ecs.Options{RoleARN: role, Endpoint: c.endpoint, Tries: 2, ReadTimeout: 100 * time.Millisecond})
				var errs []error
				out := printed(t, func() {
					_, err := pending(t.Context(), cloud, hangzhou)
					errs = append(errs, err)
					_, err = cloud.Events(t.Context(), hangzhou, []string{id})
					errs = append(errs, err)
					_, err = cloud.Instances(t.Context(), hangzhou, []string{web})
					errs = append(errs, err)
					errs = append(errs, cloud.Reschedule(t.Context(), hangzhou, id, web, w.now.Add(999*time.Hour)))
					errs = append(errs, cloud.Accept(t.Context(), hangzhou, id))
				})
				if errs[4] == nil {
					t.Error("the last call did not fail")
				}
				out += w.log.String()
				for _, err := range errs {
					out += fmt.Sprintf("%v\n%+v\n%#v\n", err, err, err)
					if e, ok := err.(*migration.CloudError); ok {
						out += fmt.Sprintf("%#v\n", *e)
					}
				}
				w.mu.Lock()
				secrets := []string{stub.DefaultKeyID, stub.DefaultKeySecret, "not-the-secret", "LTAIunknownKey00001", "LTAIsomebodyElses1", "abc%2Bdef", "CAISx", "STS.Nother123"}
				for _, q := range w.seen {
					secrets = append(secrets, q.Get("AccessKeyId"), q.Get("Signature"), q.Get("SignatureNonce"))
					if token := q.Get("SecurityToken"); token != "" {
						secrets = append(secrets, token)
					}
				}
				w.mu.Unlock()
				for _, secret := range secrets {
					for _, form := range []string{secret, url.QueryEscape(secret)} {
						if strings.Contains(out, form) {
							t.Fatalf("role %q: %q got out:\n%s", role, form, out)
						}
					}
				}
			}
		})
	}
}

func TestWhatToDoAboutCredentials(t *testing.T) {
	for code, want := range map[string]string{
		"Forbidden.RAM":                              "You may not. Allow ecs:AcceptInquiredSystemEvent to the RAM user or role.",
		"Forbidden":                                  "You may not. Allow ecs:AcceptInquiredSystemEvent to the RAM user or role.",
		"NoPermission":                               "You may not. Allow ecs:AcceptInquiredSystemEvent to the RAM user or role.",
		"InvalidTimeStamp.Expired":                   "this host's clock is off by more than the cloud accepts (15 minutes): set it by NTP",
		"InvalidTimeStamp.Format":                    "this host's clock is off by more than the cloud accepts (15 minutes): set it by NTP",
		"SignatureDoesNotMatch":                      "the AccessKey secret does not belong to the AccessKey id: check the credentials",
		"IncompleteSignature":                        "the AccessKey secret does not belong to the AccessKey id: check the credentials",
		"InvalidAccessKeyId.NotFound":                "the AccessKey does not exist or is disabled: check the credentials",
		"InvalidAccessKeyId.Inactive":                "the AccessKey does not exist or is disabled: check the credentials",
		"InvalidSecurityToken.Expired":               "the temporary credentials have expired or do not belong together: renew them",
		"InvalidSecurityToken.MismatchWithAccessKey": "the temporary credentials have expired or do not belong together: renew them",
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"RequestId":"R","Code":%q,"Message":"You may not."}`, code)
		})
		err := c.Accept(t.Context(), hangzhou, "e-1")
		kind := migration.CloudUntrusted
		if strings.Contains(want, "RAM user or role") {
			kind = migration.CloudNotAllowed
		}
		if e := cloudError(t, err); e.Kind != kind || e.Code != code || e.Message != want {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}
