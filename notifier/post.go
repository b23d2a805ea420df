package notifier

import (
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// PostEvent is the event type of the metadata of messages that belong to no
// single migration.
const PostEvent = "ecs_migrate_post"

// PostMetadata is how a post is found again.
func PostMetadata(p migration.Post) *slack.SlackMetadata {
	return &slack.SlackMetadata{EventType: PostEvent, EventPayload: map[string]any{"post": p.ID, "generation": p.Generation}}
}

// IsOverview tells whether a message is a post that has cards in its thread.
func IsOverview(m slack.SlackMetadata) bool {
	id, _ := m.EventPayload["post"].(string)
	return m.EventType == PostEvent && strings.HasPrefix(id, string(migration.PostOverview)+"/")
}
