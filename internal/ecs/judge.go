package ecs

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"ecs-migrate/internal/migration"
)

// failure is a try that failed.
type failure struct {
	*migration.CloudError
	again      bool // nothing was done, and another try may succeed
	throttled  bool // the whole account must slow down
	overloaded bool // the whole region must slow down
	stale      bool // the keys were not accepted and may be renewed
}

// outcome is the failure in one word.
func (f *failure) outcome() string {
	switch {
	case f == nil:
		return "ok"
	case f.throttled:
		return "throttled"
	}
	return string(f.Kind)
}

// judge tells what a reply means; nil is a success.
func judge(c call, r reply) *failure {
	f := &failure{CloudError: &migration.CloudError{Action: c.ram(), Region: c.region}}
	if r.err != nil {
		f.Message = broken(r)
		_, tooLong := errors.AsType[*http.MaxBytesError](r.err)
		switch {
		case c.change && r.sent:
			f.Kind = migration.CloudUnknown
		case tooLong:
			f.Kind = migration.CloudMalformed
		default:
			f.Kind, f.again = migration.CloudFailing, r.begun && !c.change
		}
		return f
	}
	if r.status >= 200 && r.status < 300 {
		if isObject(r.body) {
			return nil
		}
		f.Kind, f.Message = migration.CloudMalformed, "the answer is no JSON object"
		if c.change {
			f.Kind = migration.CloudUnknown
		}
		return f
	}
	f.Code, f.Message = readRefusal(r.body)
	f.refused(c, r.status)
	return f
}

// refused tells what an answer that is no success means.
func (f *failure) refused(c call, status int) {
	switch {
	case strings.HasPrefix(f.Code, "Throttling"), status == http.StatusTooManyRequests:
		f.Kind, f.again, f.throttled = migration.CloudFailing, true, true
	case f.Code == "ServiceUnavailable":
		f.Kind, f.again, f.overloaded = migration.CloudFailing, true, true
	case status >= 500, f.Code == "SignatureNonceUsed": // the latter: this request came twice
		f.Kind, f.again = migration.CloudFailing, !c.change
		if c.change {
			f.Kind = migration.CloudUnknown
		}
		if f.Code == "" {
			f.Message = fmt.Sprintf("HTTP %d without the cloud's own error", status)
		}
	case f.Code == "":
		// Not the cloud, but something in between: it did not get through.
		f.Kind, f.Message = migration.CloudMalformed, fmt.Sprintf("HTTP %d without the cloud's own error", status)
	default:
		f.denied(c)
	}
}

// denied tells a missing permission or bad credentials from a refusal.
// Source of the codes: help page 42775 (common client errors), Forbidden.RAM
// as seen in public issues of ECS clients.
func (f *failure) denied(c call) {
	f.Kind = migration.CloudUntrusted
	family, _, _ := strings.Cut(f.Code, ".")
	switch {
	case family == "InvalidTimeStamp":
		f.Message = "this host's clock is off by more than the cloud accepts (15 minutes): set it by NTP"
	case family == "SignatureDoesNotMatch", family == "IncompleteSignature":
		// The cloud's own words hold the string to sign.
		f.Message = "the AccessKey secret does not belong to the AccessKey id: check the credentials"
	case family == "InvalidAccessKeyId":
		f.Message = "the AccessKey does not exist or is disabled: check the credentials"
	case family == "InvalidSecurityToken", family == "MissingSecurityToken":
		f.stale = true
		f.Message = "the temporary credentials have expired or do not belong together: renew them"
	case f.Code == "Forbidden", f.Code == "Forbidden.RAM", f.Code == "Forbidden.NotSupportRAM", family == "NoPermission":
		f.Kind = migration.CloudNotAllowed
		f.Message = strings.TrimSpace(f.Message + " Allow " + c.ram() + " to the RAM user or role.")
	default:
		f.Kind = migration.CloudRefused
	}
}

// How much of a refusal is kept and logged, in bytes.
const (
	maxCode    = 200
	maxMessage = 2000
)

// readRefusal reads the body of an error; an empty code is no error of the
// cloud's own.
func readRefusal(body []byte) (code, message string) {
	var wire struct{ Code, Message text }
	if json.Unmarshal(body, &wire) != nil {
		return "", ""
	}
	return migration.Brief(string(wire.Code), maxCode), migration.Brief(string(wire.Message), maxMessage)
}

// broken says in our own words why there is no answer: those of net/http hold
// the signed URL.
func broken(r reply) string {
	var network net.Error
	_, dns := errors.AsType[*net.DNSError](r.err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](r.err)
	_, tooLong := errors.AsType[*http.MaxBytesError](r.err)
	switch {
	case !r.begun:
		return "the request could not be made: check the region and the endpoint"
	case dns:
		return "no address is known for " + r.host
	case errors.Is(r.err, syscall.ECONNREFUSED):
		return r.host + " refused the connection"
	case certificate:
		return "the certificate of " + r.host + " is not trusted"
	case errors.Is(r.err, http.ErrSchemeMismatch):
		return r.host + " does not speak TLS"
	case tooLong:
		return "the answer is too long"
	case errors.Is(r.err, context.DeadlineExceeded), errors.As(r.err, &network) && network.Timeout():
		return "no answer from " + r.host + " in time"
	case !r.sent:
		return "no connection to " + r.host
	}
	return "the connection to " + r.host + " broke before the answer was whole"
}
