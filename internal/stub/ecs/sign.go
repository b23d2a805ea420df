package ecs

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
	"strings"
)

// v3Algorithm is signature V3's name in the Authorization header.
const v3Algorithm = "ACS3-HMAC-SHA256"

// percentEncode is RFC 3986's, as both signature versions ask for: letters,
// digits and -_.~ stay, a space is %20.
func percentEncode(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return b.String()
}

// stringToSignV1 is METHOD&%2F& and the encoded, sorted parameters, encoded
// once more. Source: signature V1.
func stringToSignV1(method string, params map[string]string) string {
	names := make([]string, 0, len(params))
	for name := range params {
		if name != "Signature" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = percentEncode(name) + "=" + percentEncode(params[name])
	}
	return method + "&%2F&" + percentEncode(strings.Join(pairs, "&"))
}

// signV1 is the Base64 HMAC of text; the key is the secret and an ampersand.
// ok is false for a method the service does not know. Source: signature V1.
func signV1(method, text, secret string) (signature string, ok bool) {
	var newHash func() hash.Hash
	switch method {
	case "HMAC-SHA1":
		newHash = sha1.New
	case "HMAC-SHA256":
		newHash = sha256.New
	default:
		return "", false
	}
	mac := hmac.New(newHash, []byte(secret+"&"))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), true
}

// v3Header is the parsed Authorization header of signature V3.
type v3Header struct {
	credential, signature string
	signed                []string
}

// parseV3 reads "ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…".
func parseV3(header string) (v3Header, bool) {
	rest, ok := strings.CutPrefix(header, v3Algorithm+" ")
	if !ok {
		return v3Header{}, false
	}
	var h v3Header
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			h.credential = value
		case "SignedHeaders":
			h.signed = strings.Split(value, ";")
		case "Signature":
			h.signature = value
		}
	}
	return h, h.credential != "" && h.signature != "" && len(h.signed) > 0
}

// canonicalV3 is the canonical request. Source: signature V3.
func canonicalV3(r *request, signed []string) string {
	sum := sha256.Sum256(r.body)
	var headers strings.Builder
	for _, name := range signed {
		value := strings.Join(r.http.Header.Values(name), ",")
		if name == "host" {
			value = r.host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	path := r.http.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return strings.Join([]string{
		r.http.Method, path, canonicalQuery(r.query), headers.String(),
		strings.Join(signed, ";"), hex.EncodeToString(sum[:]),
	}, "\n")
}

// canonicalQuery is the query sorted by name, encoded.
func canonicalQuery(query url.Values) string {
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	var pairs []string
	for _, name := range names {
		for _, value := range query[name] {
			pairs = append(pairs, percentEncode(name)+"="+percentEncode(value))
		}
	}
	return strings.Join(pairs, "&")
}

// stringToSignV3 is the algorithm and the canonical request's digest.
func stringToSignV3(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return v3Algorithm + "\n" + hex.EncodeToString(sum[:])
}

// signV3 is the hexadecimal HMAC-SHA256 of text under the secret itself.
func signV3(text, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// same compares two signatures without telling where they part.
func same(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
