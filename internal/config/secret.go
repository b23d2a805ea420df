package config

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// The environment variables of the two Slack tokens.
const (
	BotTokenVariable = "SLACK_BOT_TOKEN"
	AppTokenVariable = "SLACK_APP_TOKEN"
)

// environment stands in Fault.File for faults that are in no file.
const environment = "environment"

const hidden = "[secret]"

// A Secret prints as "[secret]" whatever prints it. Only Reveal gives it away.
type Secret string

// Reveal is the secret itself, for the one call that needs it.
func (s Secret) Reveal() string { return string(s) }

// String is "[secret]".
func (Secret) String() string { return hidden }

// GoString is "[secret]".
func (Secret) GoString() string { return hidden }

// Format prints "[secret]" for every verb; without it, %d would print the bytes.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText is "[secret]", and so is every JSON and YAML form of it.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue is "[secret]".
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// A tokenKind is what a Slack token's prefix says it is for.
type tokenKind struct {
	prefix string
	name   string
}

// tokenKinds are the prefixes that Slack's tokens have or once had
// (docs.slack.dev/authentication/tokens tells today's), the browser's own
// among them, which people copy by mistake.
func tokenKinds() []tokenKind {
	return []tokenKind{
		{"xoxb-", "a bot token"},
		{"xapp-", "an app-level token"},
		{"xoxp-", "a user token"},
		{"xoxe.", "a configuration or rotating token"},
		{"xoxe-", "a refresh token"},
		{"xoxa-", "a workspace token"},
		{"xoxr-", "a refresh token"},
		{"xoxs-", "a browser's session token"},
		{"xoxc-", "a browser's session token"},
		{"xoxd-", "a browser's cookie"},
		{"xwfp-", "a workflow token"},
	}
}

// wantedToken is one of the two tokens the bot cannot do without.
type wantedToken struct {
	variable string
	prefix   string
	where    string // where a person finds it
	other    wantedPrefix
}

// wantedPrefix is the other token's prefix and variable, to tell a swap.
type wantedPrefix struct{ prefix, variable string }

func botToken() wantedToken {
	return wantedToken{
		variable: BotTokenVariable, prefix: "xoxb-",
		where: `"Bot User OAuth Token" under "OAuth & Permissions" at api.slack.com/apps`,
		other: wantedPrefix{"xapp-", AppTokenVariable},
	}
}

func appToken() wantedToken {
	return wantedToken{
		variable: AppTokenVariable, prefix: "xapp-",
		where: `"App-Level Tokens" under "Basic Information" at api.slack.com/apps, scope connections:write`,
		other: wantedPrefix{"xoxb-", BotTokenVariable},
	}
}

// tokenBody is deliberately wide: Slack does not promise a format after the prefix.
var tokenBody = regexp.MustCompile(`^[A-Za-z0-9._-]{8,}$`)

// read judges one token. At most one of missing and faulty is set.
func (w wantedToken) read(getenv func(string) string) (token Secret, missing, faulty *Fault) {
	value := getenv(w.variable)
	remedy := fmt.Sprintf("Set it to the %s token from %s", w.prefix, w.where)
	fault := func(problem, remedy string) *Fault {
		return &Fault{File: environment, Field: w.variable, Problem: problem, Remedy: remedy}
	}
	if strings.TrimSpace(value) == "" {
		return "", fault("is not set", remedy), nil
	}
	if value != strings.TrimSpace(value) || strings.ContainsAny(value, "\"'`") {
		return "", nil, fault("has quotes or blanks around the token", "Set it to the bare token")
	}
	if body, ok := strings.CutPrefix(value, w.prefix); ok {
		if !tokenBody.MatchString(body) {
			return "", nil, fault("begins with "+w.prefix+" but is cut short or holds a character that no token has", remedy)
		}
		return Secret(value), nil, nil
	}
	if strings.HasPrefix(value, w.other.prefix) {
		return "", nil, fault("holds the "+w.other.prefix+" token, which belongs in "+w.other.variable, remedy)
	}
	if kind, ok := kindOf(value); ok {
		return "", nil, fault(fmt.Sprintf("holds %s (%s…), not the %s one", kind.name, kind.prefix, w.prefix), remedy)
	}
	return "", nil, fault("does not begin with "+w.prefix, remedy)
}

func kindOf(value string) (tokenKind, bool) {
	for _, kind := range tokenKinds() {
		if strings.HasPrefix(value, kind.prefix) {
			return kind, true
		}
	}
	return tokenKind{}, false
}

// accessKeyID is how the ids of Alibaba Cloud AccessKeys look: LTAI for
// lasting ones, STS. for temporary ones.
var accessKeyID = regexp.MustCompile(`(^|[^A-Za-z0-9])(LTAI[A-Za-z0-9]{10,}|STS\.[A-Za-z0-9]{10,})`)

// looksSecret tells whether text from the file seems to hold a token or key,
// and so must neither be accepted nor repeated.
func looksSecret(text string) bool {
	for _, kind := range tokenKinds() {
		if strings.Contains(text, kind.prefix) {
			return true
		}
	}
	return accessKeyID.MatchString(text)
}
