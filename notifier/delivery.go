package notifier

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/slack-go/slack"
)

// DeliveryKind tells what to do about a message that was not delivered.
type DeliveryKind string

// The kinds.
const (
	Gone      DeliveryKind = "gone"       // the message or its thread is no longer there, or can no longer be changed
	Later     DeliveryKind = "later"      // nothing was done: try again, not before After
	NoChannel DeliveryKind = "no_channel" // the channel is unknown, archived, closed to the bot, or without it
	Rejected  DeliveryKind = "rejected"   // Slack does not take this message: a fault of ours, trying again changes nothing
	NoAuth    DeliveryKind = "no_auth"    // the token or its scopes do not do
	Unknown   DeliveryKind = "unknown"    // the message may or may not have been posted: look before posting again
)

// DeliveryError is a message that was not delivered, as far as is known.
type DeliveryError struct {
	Kind  DeliveryKind
	After time.Duration // of Later: the least time to wait; zero where Slack told none
	Code  string        // Slack's error code, or HTTP and the status; empty where it gave no answer

	method string
	cause  error // kept for errors.Is only
}

// Error is for logs.
func (e *DeliveryError) Error() string {
	s := fmt.Sprintf("%s: %s", e.method, e.Kind)
	if e.Code != "" {
		s += ": " + e.Code
	}
	if e.Kind == Later && e.After > 0 {
		s += fmt.Sprintf(" (after %s)", e.After)
	}
	return s
}

// Unwrap gives the cause, such as context.Canceled.
func (e *DeliveryError) Unwrap() error { return e.cause }

// failure reads what slack-go says of a failed call of a method. once tells
// that doing the call twice would be seen: then what may have happened is
// Unknown, else it is simply tried again.
func failure(method string, err error, once bool) *DeliveryError {
	e := &DeliveryError{method: method, cause: err, Kind: Later}
	if once {
		e.Kind = Unknown
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		e.Kind, e.After, e.Code = Later, limited.RetryAfter, "ratelimited"
		return e
	}
	if status, ok := errors.AsType[slack.StatusCodeError](err); ok {
		e.Code = fmt.Sprintf("HTTP %d", status.Code)
		switch {
		case status.Code == http.StatusTooManyRequests:
			e.Kind = Later // without a Retry-After that can be read
		case status.Code < 500 && status.Code != http.StatusRequestTimeout:
			// Slack refuses with 200 and a code of its own: this was a proxy, or
			// a wrong api_url, and nothing was done.
			e.Kind = Later
		}
		return e
	}
	if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		e.Code = answer.Err
		if kind := kindOfCode(answer.Err); kind != Unknown {
			e.Kind = kind
		}
		return e
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		e.Kind = Later // no connection: nothing was sent
	}
	return e
}

// kindOfCode sorts Slack's error codes. Unknown stands for those after which
// the work may have been done all the same. Sources:
// https://docs.slack.dev/reference/methods/chat.postMessage and
// https://docs.slack.dev/reference/methods/chat.update
func kindOfCode(code string) DeliveryKind {
	switch code {
	case "message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message",
		"restricted_action_thread_locked":
		return Gone
	case "channel_not_found", "not_in_channel", "is_archived", "is_inactive", "restricted_action",
		"restricted_action_read_only_channel", "restricted_action_thread_only_channel",
		"restricted_action_non_threadable_channel", "channel_type_not_supported", "method_not_supported_for_channel_type",
		"no_permission": // "Make sure your app is a member of the conversation"
		return NoChannel
	case "ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "message_limit_exceeded":
		return Later
	case "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "missing_scope",
		"not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied", "two_factor_setup_required",
		"enterprise_is_restricted", "team_access_not_granted", "user_is_restricted":
		return NoAuth
	case "internal_error", "fatal_error", "request_timeout":
		return Unknown
	}
	return Rejected
}
