//go:build browser

package main

import "testing"

const homeTab = `[data-part="home"] `

// The Home tab is the acting person's own: who comes to it sees theirs, also
// where nobody opened it and only the page's reader became another person.
func TestBrowserHomeFollowsThePerson(t *testing.T) {
	s := serve(t, playgroundOptions{})
	b := browse(t, s, englishLang)
	b.act(olivia)
	b.click(place("home"))
	b.sees(homeTab+"[data-view]", "web-01", "Show")
	b.act(lin)
	b.sees(homeTab+"[data-view]", "web-01", "显示") // in his language
}
