package notifier

import (
	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// FormEvent is the event type of the metadata of a line that tells somebody that
// their form did not come.
const FormEvent = "ecs_migration_form"

// FormMissing tells somebody in the thread of a migration's card that the form they
// asked for did not come. form tells one such click from another.
func FormMissing(m migration.Migration, by, form string, v View) Message {
	blocks, text := inBlocks(m, v), inText(m, v)
	payload := ids(m)
	payload["form"] = form
	return Message{
		Text:     clip(text.text("line.text", args{"name": text.name(maxTitled), "news": text.say("form.missing", args{"who": text.who(by)})}), maxSummary),
		Blocks:   []slack.Block{section(string(blocks.among(blocks.say("form.missing", args{"who": blocks.who(by)}))))},
		Metadata: &slack.SlackMetadata{EventType: FormEvent, EventPayload: payload},
	}
}
