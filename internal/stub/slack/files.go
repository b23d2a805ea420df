package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// File is something uploaded into a conversation.
type File struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Title   string `json:"title"`
	Size    int    `json:"size"`
	Content []byte `json:"content"`
}

// upload is a file on its way. In three steps: an address is asked for, the content is sent there, and the upload is
// completed into a conversation. Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal
type upload struct {
	File
	sent bool
}

// maxUpload bounds a file, so that a caller's mistake does not fill the memory; Slack's own bound is 1 GB.
const maxUpload = 16 << 20

// uploadURL gives an address to upload to. Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal
// (missing_argument, "typically only occurs when the length provided is 0").
func (s *Server) uploadURL(c *call) (map[string]any, *apiError) {
	name := c.args.str("filename")
	size, err := strconv.Atoi(c.args.str("length"))
	switch {
	case name == "", err != nil, size < 1:
		return nil, fail("missing_argument")
	case size > maxUpload:
		return nil, fail("file_upload_size_restricted")
	}
	id := newID("F")
	s.uploads[id] = &upload{File: File{ID: id, Name: name, Title: name, Size: size}}
	return map[string]any{"upload_url": s.URL() + "/upload/" + id, "file_id": id}, nil
}

// serveUpload takes a file's content, raw or as a form. That another length than announced is refused is not
// documented.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	rec := Call{Method: "upload", Token: tokenNone}
	s.answer(w, r, rec, func() (map[string]any, *apiError) {
		body := io.Reader(http.MaxBytesReader(w, r.Body, maxUpload+1<<20))
		if part, _, err := r.FormFile("file"); err == nil {
			defer part.Close()
			body = part
		}
		content, err := io.ReadAll(body)
		if err != nil {
			return nil, &apiError{code: "invalid_form_data", status: http.StatusBadRequest}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		u := s.uploads[r.PathValue("id")]
		switch {
		case u == nil || u.sent:
			return nil, &apiError{code: "not_found", status: http.StatusNotFound}
		case len(content) != u.Size:
			return nil, &apiError{code: fmt.Sprintf("%d bytes instead of %d", len(content), u.Size), status: http.StatusBadRequest}
		}
		u.Content, u.sent = content, true
		return map[string]any{}, nil
	})
}

// completeUpload shares uploaded files. Without a channel they stay private. Source:
// https://docs.slack.dev/reference/methods/files.completeUploadExternal; that a file whose content never came is
// file_not_found is not confirmed.
func (s *Server) completeUpload(c *call) (map[string]any, *apiError) {
	var wanted []struct{ ID, Title string }
	if json.Unmarshal([]byte(c.args.str("files")), &wanted) != nil || len(wanted) == 0 {
		return nil, fail("invalid_arguments")
	}
	var files []File
	for _, f := range wanted {
		u := s.uploads[f.ID]
		if u == nil || !u.sent {
			return nil, fail("file_not_found")
		}
		if f.Title != "" {
			u.Title = f.Title
		}
		files = append(files, u.File)
	}
	if id := c.args.str("channel_id"); id != "" {
		ch, err := s.place(id)
		if err != nil {
			return nil, err
		}
		thread, err := s.threadOf(ch.ID, c.args.str("thread_ts"))
		if err != nil {
			return nil, err
		}
		m := &Message{Channel: ch.ID, ThreadTS: thread, User: BotUserID, BotID: BotID, Files: files}
		s.store(m, content{text: c.args.str("initial_comment")}, c.method)
	}
	told := make([]map[string]any, len(files))
	for i, f := range files {
		delete(s.uploads, f.ID)
		told[i] = map[string]any{"id": f.ID, "title": f.Title}
	}
	return map[string]any{"files": told}, nil
}
