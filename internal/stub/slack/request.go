package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxBody bounds a request; the real limit is not documented.
const maxBody = 4 << 20

// args are the arguments of one call, by name: strings from a form, any JSON value from a JSON body. Numbers are
// json.Number, so that a Unix time stays an integer.
type args map[string]any

// parseArgs reads the arguments of a request and the token among them, which it removes. The error is Slack's code.
//
// Forms (URL-encoded or multipart), JSON objects and query strings are read; any other content type is refused.
// Source: https://docs.slack.dev/apis/web-api/ and the error lists of the methods, such as
// https://docs.slack.dev/reference/methods/chat.update (invalid_post_type, missing_post_type, invalid_form_data).
// That broken JSON is answered invalid_json and a JSON non-object json_not_object is from the same list on older
// pages, not confirmed on today's.
func parseArgs(r *http.Request) (a args, token string, code string) {
	a = args{}
	fill := func(v url.Values) {
		for k := range v {
			a[k] = v.Get(k)
		}
	}
	fill(r.URL.Query())
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Method == http.MethodGet || r.Body == nil:
	case r.Header.Get("Content-Type") == "":
		if n, _ := io.Copy(io.Discard, io.LimitReader(r.Body, 1)); n > 0 {
			return nil, "", "missing_post_type"
		}
	case err != nil:
		return nil, "", "invalid_post_type"
	case kind == "application/json":
		if code := a.readJSON(r.Body); code != "" {
			return nil, "", code
		}
	case kind == "application/x-www-form-urlencoded":
		if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") && !strings.EqualFold(cs, "iso-8859-1") {
			return nil, "", "invalid_charset"
		}
		body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody))
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, "", "invalid_form_data"
		}
		fill(form)
	case kind == "multipart/form-data":
		if err := r.ParseMultipartForm(maxBody); err != nil {
			return nil, "", "invalid_form_data"
		}
		fill(r.MultipartForm.Value)
	default:
		return nil, "", "invalid_post_type"
	}
	token, _ = a["token"].(string)
	delete(a, "token")
	return a, token, ""
}

func (a args) readJSON(body io.Reader) string {
	raw, _ := io.ReadAll(io.LimitReader(body, maxBody))
	if len(strings.TrimSpace(string(raw))) == 0 {
		return ""
	}
	v, err := decode(raw)
	if err != nil {
		return "invalid_json"
	}
	m, ok := v.(map[string]any)
	if !ok {
		return "json_not_object"
	}
	for k, v := range m {
		a[k] = v
	}
	return ""
}

// decode reads one JSON value, numbers as json.Number.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("decode JSON: more after the value")
	}
	return v, nil
}

// str is a string argument; numbers and booleans of a JSON body count as their text.
func (a args) str(name string) string {
	switch v := a[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (a args) has(name string) bool { v, ok := a[name]; return ok && v != nil }

// yes is a boolean argument: true and 1.
func (a args) yes(name string) bool { s := a.str(name); return s == "true" || s == "1" }

// value is a structured argument: a JSON value, or a string that holds one.
func (a args) value(name string) (v any, ok bool) {
	s, isString := a[name].(string)
	if !isString {
		return a[name], true
	}
	v, err := decode([]byte(s))
	return v, err == nil
}

// recorded is a copy of the arguments for the record.
func (a args) recorded() map[string]any {
	out := make(map[string]any, len(a))
	for k, v := range a {
		out[k] = v
	}
	return out
}
