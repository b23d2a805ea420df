package slack

import (
	"encoding/json"
	"regexp"
	"unicode/utf8"
)

// content is what a call says a message should hold.
type content struct {
	text        string
	blocks      []map[string]any
	attachments []map[string]any
	metadata    *Metadata
}

// Limits of a message's text, in characters.
const (
	maxPostText   = 40_000
	maxUpdateText = 4_000
	maxBlockText  = 12_000
	maxMetadata   = 16 << 10
)

// readContent checks text, blocks, attachments and metadata of a call.
//
//   - Neither text nor blocks nor attachments: no_text. Source: https://docs.slack.dev/reference/methods/chat.postMessage
//   - Text over 40,000 characters is cut there, not refused: same page, "Truncating content". Kept as a violation.
//   - Blocks that are no JSON array: invalid_blocks_format; that break a rule: invalid_blocks with reasons. Same page.
//   - Texts of all blocks together over about 12,000 characters: msg_blocks_too_long. The error is on the same page;
//     the figure is what maintainers say in https://github.com/slackapi/bolt-js/issues/2509, undocumented.
//   - Over 100 attachments: too_many_attachments. Same page.
//   - metadata without event_type or event_payload: invalid_metadata_format, over 16 KiB: metadata_too_large. The
//     errors are on the same page; the size is not confirmed.
func (s *Server) readContent(a args) (content, *apiError) {
	c := content{text: a.str("text")}
	if a.has("blocks") {
		v, _ := a.value("blocks")
		if v == "" {
			v = []any{}
		}
		list, ok := v.([]any)
		if !ok {
			return c, fail("invalid_blocks_format")
		}
		blocks, reasons := checkBlocks(list, onMessage)
		if len(reasons) > 0 {
			return c, invalid("invalid_blocks", reasons)
		}
		if textLength(list) > maxBlockText {
			return c, fail("msg_blocks_too_long")
		}
		c.blocks = blocks
	}
	if a.has("attachments") {
		v, isJSON := a.value("attachments")
		list, ok := objects(v)
		if a["attachments"] != "" && (!isJSON || !ok) {
			return c, fail("invalid_attachments")
		}
		if len(list) > 100 {
			return c, fail("too_many_attachments")
		}
		c.attachments = list
	}
	if a.has("metadata") && a["metadata"] != "" {
		m, err := readMetadata(a)
		if err != nil {
			return c, err
		}
		c.metadata = m
	}
	return c, nil
}

func objects(v any) ([]map[string]any, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, v == "" || v == nil
	}
	out := make([]map[string]any, 0, len(list))
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, false
		}
		out = append(out, m)
	}
	return out, true
}

var eventType = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// readMetadata reads the metadata argument; an empty object gives an empty Metadata, which removes.
func readMetadata(a args) (*Metadata, *apiError) {
	v, _ := a.value("metadata")
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fail("invalid_metadata_format")
	}
	if len(m) == 0 {
		return &Metadata{}, nil
	}
	kind, _ := m["event_type"].(string)
	payload, ok := m["event_payload"].(map[string]any)
	if !ok || !eventType.MatchString(kind) {
		return nil, fail("invalid_metadata_format")
	}
	if raw, _ := json.Marshal(m); len(raw) > maxMetadata {
		return nil, fail("metadata_too_large")
	}
	return &Metadata{kind, payload}, nil
}

// textLength sums the characters of every text in blocks.
func textLength(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += textLength(e)
		}
	case map[string]any:
		for k, e := range v {
			if t, ok := e.(string); ok && k == "text" {
				n += utf8.RuneCountInString(t)
			} else {
				n += textLength(e)
			}
		}
	}
	return n
}
