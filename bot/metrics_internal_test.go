package bot

import (
	"net/url"
	"testing"
)

func TestOnlySlacksMethodsHaveANameInTheMetrics(t *testing.T) {
	for address, want := range map[string]string{
		"https://slack.com/api/chat.postMessage":                          "chat.postMessage",
		"https://slack.com/api/usergroups.users.list":                     "usergroups.users.list",
		"https://slack.com/api/files.getUploadURLExternal?filename=a.ics": "files.getUploadURLExternal",
		"https://files.slack.com/upload/v1/ABQAAFNNmYxGqQ1h0y":            "other",
		"https://slack.com/api/upload/ABQAAFNNmYxGqQ1h0y":                 "other",
		"https://slack.com/api/ABQAAFNNmYxGqQ1h0y":                        "other",
		"https://slack.com/chat.postMessage":                              "other",
		"http://slack.com/api/chat.postMessage":                           "other",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := methodOf(u, "https://slack.com/api/"); got != want {
			t.Errorf("%s is counted as %s, want %s", address, got, want)
		}
	}
}
