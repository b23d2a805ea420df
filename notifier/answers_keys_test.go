package notifier

// answersEndings are the possible ends of the keys with a changing end in
// answers*.go and forms*.go, by literal prefix; see catalogue.go.
func answersEndings() map[string][]string {
	return map[string][]string{
		"weekday.": {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
		"rule.": {
			"past", "deadline", "closed", "started", "finished", "inquiring", "console_only", "not_asked", "cannot", "no_plan", "by_api",
			"snooze",
			"phase", "no_item", "reason", "not_run",
		},
		"role.":        {"viewer", "operator", "admin"},
		"when.":        {"unread", "no_hour", "hour", "which_date", "no_such", "zone", "no_zone"},
		"faq.link.":    {"clone", "hybrid", "eni", "moving", "upgrading"},
		"faq.":         {"clone", "hybrid", "eni", "moving", "upgrading"},
		"history.via.": {"button", "form", "command", "home", "console"},
		"home.filter.": {"all", "mine", "unreserved", "waiting"},
		"list.title.":  {"all", "mine", "unreserved", "waiting"},
		"list.empty.":  {"all", "mine", "unreserved", "waiting"},
		"form.title.":  {"choose", "reschedule", "declare", "checklist", "item", "ack"},
		"form.submit.": {"choose", "reschedule", "declare"},
		"form.label.":  {"choose", "declare"},
		"form.next.":   {"choose", "declare"},
		"choice.wish.": {"show", "facts", "keep", "reserve", "reschedule", "accept", "assign", "snooze", "checklist", "ack"},
		"choice.do.":   {"show", "facts", "keep", "reserve", "reschedule", "accept", "assign", "snooze", "checklist", "ack"},
	}
}
