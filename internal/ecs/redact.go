package ecs

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxText bounds, in characters, what is kept of the cloud's words.
const maxText = 500

const redacted = "***"

var (
	// Parameters of a signed request, also in an encoded URL.
	signedParam = regexp.MustCompile(`(?i)(AccessKeyId|AccessKeySecret|Signature|SignatureNonce|SecurityToken)("?\s*[=:]\s*"?|%3D|%253D)[^&\s"]+`)
	// Ids of AccessKeys: LTAI… of a user, STS.… of a session.
	keyID = regexp.MustCompile(`\b(LTAI|STS\.|TMP\.)[A-Za-z0-9]{6,}`)
)

// scrub takes out of the cloud's words what a request was signed with, however
// it is encoded there.
func scrub(s string, k keys, signature string) string {
	for _, secret := range []string{k.id, k.secret, k.token, signature} {
		if secret == "" {
			continue
		}
		once := url.QueryEscape(secret)
		for _, form := range []string{secret, once, url.QueryEscape(once)} {
			s = strings.ReplaceAll(s, form, redacted)
		}
	}
	s = signedParam.ReplaceAllString(s, "$1$2"+redacted)
	s = keyID.ReplaceAllString(s, redacted)
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return s
}
