package slack_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	slackstub "ecs-migrate/internal/stub/slack"
)

// Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal
func TestAFileIsUploadedInThreeSteps(t *testing.T) {
	s := start(t, slackstub.Options{})
	api := slack.New(s.BotToken(), slack.OptionAPIURL(s.APIURL()))
	dm, _, _, err := api.OpenConversationContext(t.Context(), &slack.OpenConversationParameters{Users: []string{mary}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = api.UploadFileContext(t.Context(), slack.UploadFileParameters{
		Reader: strings.NewReader("BEGIN"), FileSize: 5, Filename: "a.ics", Title: "A", Channel: dm.ID, InitialComment: "here",
	}); err != nil {
		t.Fatal(err)
	}
	all := s.Messages(dm.ID)
	if len(all) != 1 || all[0].Text != "here" || len(all[0].Files) != 1 {
		t.Fatalf("messages %+v", all)
	}
	if f := all[0].Files[0]; f.Name != "a.ics" || f.Title != "A" || string(f.Content) != "BEGIN" {
		t.Errorf("file %+v", f)
	}
}

func TestUploadsThatCannotBeAreRefused(t *testing.T) {
	s := start(t, slackstub.Options{})
	for name, length := range map[string]string{"no length": "0", "no number": "many"} {
		if a := call(t, s, "files.getUploadURLExternal", map[string]any{"filename": "a", "length": length}); a.code() != "missing_argument" {
			t.Errorf("%s: %v", name, a.body)
		}
	}
	begun := must(t, s, "files.getUploadURLExternal", map[string]any{"filename": "a", "length": "5"})
	id, url := begun["file_id"].(string), begun["upload_url"].(string)
	complete := func(id, channel string) answer {
		return call(t, s, "files.completeUploadExternal", map[string]any{"files": `[{"id":"` + id + `"}]`, "channel_id": channel})
	}
	if a := complete(id, ops); a.code() != "file_not_found" {
		t.Errorf("completed before it was sent: %v", a.body)
	}
	send := func(content string) int {
		r, err := http.Post(url, "application/octet-stream", strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		_, _ = io.Copy(io.Discard, r.Body)
		return r.StatusCode
	}
	if code := send("more than announced"); code != http.StatusBadRequest {
		t.Errorf("another length is answered %d", code)
	}
	if code := send("12345"); code != http.StatusOK {
		t.Errorf("the upload is answered %d", code)
	}
	if a := complete(id, random); a.code() != "not_in_channel" {
		t.Errorf("completed into a channel without the bot: %v", a.body)
	}
	if a := complete("F404", ops); a.code() != "file_not_found" {
		t.Errorf("an unknown file: %v", a.body)
	}
	if a := complete(id, ops); a.code() != "" {
		t.Errorf("refused: %v", a.body)
	}
	if a := complete(id, ops); a.code() != "file_not_found" {
		t.Errorf("completed twice: %v", a.body)
	}
}
