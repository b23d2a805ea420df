package ecs

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inFormat puts an answer in the format the request asked for: XML unless
// Format is JSON. Source: API reference, common parameters ("the default is
// XML"). Signature V3 has no Format parameter; its clients get JSON.
func inFormat(ans answer, req *request) answer {
	if req.v3 || strings.EqualFold(req.params["Format"], "JSON") {
		return ans
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(ans.body))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil {
		return ans // a page told to be no JSON is no XML either
	}
	root := req.action + "Response"
	if ans.code != "" {
		root = "Error"
	}
	var b strings.Builder
	b.WriteString(xml.Header)
	element(&b, root, tree)
	ans.body, ans.ctype = []byte(b.String()), "text/xml;charset=utf-8"
	return ans
}

// element writes a JSON value as XML: members become elements, and a list is
// its element repeated.
func element(b *strings.Builder, name string, value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			element(b, name, item)
		}
	case map[string]any:
		b.WriteString("<" + name + ">")
		for _, key := range slices.Sorted(maps.Keys(v)) {
			element(b, key, v[key])
		}
		b.WriteString("</" + name + ">")
	default:
		b.WriteString("<" + name + ">")
		xml.EscapeText(b, []byte(fmt.Sprint(v))) // a Builder takes everything
		b.WriteString("</" + name + ">")
	}
}
