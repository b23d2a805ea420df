package notifier_test

import (
	"maps"
	"testing"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/notifier"
)

// Slack takes every answer, form and Home tab.
func TestSlackTakesEveryGoldenAnswer(t *testing.T) {
	s, api := start(t, calm())
	answers, forms := notifier.GoldenAnswers(t), notifier.GoldenForms(t)
	maps.Copy(answers, notifier.LimitMessages(t))
	maps.Copy(forms, notifier.LimitForms(t))
	for name, msg := range answers {
		_, err := api.PostEphemeralContext(t.Context(), webOps, "U0000000001",
			slackgo.MsgOptionText(msg.Text, false), slackgo.MsgOptionBlocks(msg.Blocks...))
		if err != nil {
			t.Errorf("%s: %v", name, whyRefused(err, s))
		}
	}
	// A view is checked before its trigger is looked at.
	for name, view := range forms {
		_, err := api.OpenViewContext(t.Context(), "none", view)
		if err == nil || err.Error() != "invalid_trigger_id" {
			t.Errorf("%s: %v", name, whyRefused(err, s))
		}
	}
	homes := notifier.GoldenHomes(t)
	maps.Copy(homes, notifier.LimitHomes(t))
	for name, view := range homes {
		req := slackgo.PublishViewContextRequest{UserID: "U0000000001", View: view}
		if _, err := api.PublishViewContext(t.Context(), req); err != nil {
			t.Errorf("%s: %v", name, whyRefused(err, s))
		}
	}
}
