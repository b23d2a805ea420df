package notifier

import "testing"

// Golden is every golden message in every language, for tests from outside.
func Golden(t *testing.T) map[string]Message {
	all := map[string]Message{}
	for _, lang := range Langs {
		for name, msg := range rendered(t, lang) {
			all[string(lang)+"/"+name] = msg
		}
	}
	return all
}
