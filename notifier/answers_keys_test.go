package notifier

// answersEndings are the possible ends of the keys with a changing end in
// answers*.go and forms*.go, by literal prefix; see catalogue.go.
func answersEndings() map[string][]string { return map[string][]string{} }
