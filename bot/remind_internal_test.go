package bot

import "testing"

func TestATagNamesASlackID(t *testing.T) {
	for tag, want := range map[string]string{
		"U0123ABCD": "U0123ABCD", " @U0123ABCD ": "U0123ABCD", "<@U0123ABCD>": "U0123ABCD", "<@U0123ABCD|li.lei>": "U0123ABCD",
		"S0123ABCD": "S0123ABCD", "<!subteam^S0123ABCD|@web>": "S0123ABCD", "<@UABCDEFGH>": "UABCDEFGH", "@UABCDEFGH": "UABCDEFGH",
		"SERVICEDESK": "", "WAREHOUSE": "", "SUPPORTTEAM": "", "U0123": "", "li.lei": "", "u0123abcd": "", "<!channel>": "",
	} {
		if got := (duties{}).owner(tag); got != want {
			t.Errorf("%q names %q, want %q", tag, got, want)
		}
	}
}
