package migration

import "time"

// HomeTab is what somebody looks at on the bot's Home tab, so that it can be
// brought up to date where they left it.
type HomeTab struct {
	User   string    `json:"user"` // Slack user id
	Filter string    `json:"filter"`
	Page   int       `json:"page"` // from 1
	Opened time.Time `json:"opened"`
}
