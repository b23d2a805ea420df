package main

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

type manifestCommand struct{}

// Help is shown by "ecs-migrate manifest --help".
func (manifestCommand) Help() string {
	return `Paste the output at api.slack.com/apps: Create New App, From a manifest, YAML.`
}

// Run prints the manifest as YAML, with the next steps as comments.
func (manifestCommand) Run(p program) error {
	var b bytes.Buffer
	b.WriteString(manifestSteps)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(appManifest()); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	_, err := p.stdout.Write(b.Bytes())
	return err
}

const manifestSteps = `# The Slack app manifest of ecs-migrate.
#
# 1. At https://api.slack.com/apps choose "Create New App", "From a manifest",
#    your workspace, "YAML", and paste all of this.
# 2. "Install App": install it. Set SLACK_BOT_TOKEN to the
#    "Bot User OAuth Token" (xoxb-).
# 3. "Basic Information", "App-Level Tokens": generate a token with the scope
#    connections:write. Set SLACK_APP_TOKEN to it (xapp-).
# 4. In Slack, /invite @ecs-migrate to every channel that the routes name.
#
`

// A manifest holds the parts of Slack's app manifest that the bot needs
// (docs.slack.dev/reference/app-manifest), in the order they are printed.
type manifest struct {
	Display  manifestDisplay  `yaml:"display_information"`
	Features manifestFeatures `yaml:"features"`
	OAuth    manifestOAuth    `yaml:"oauth_config"`
	Settings manifestSettings `yaml:"settings"`
}

type manifestDisplay struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
}

type manifestFeatures struct {
	AppHome struct {
		HomeTab          bool `yaml:"home_tab_enabled"`
		MessagesTab      bool `yaml:"messages_tab_enabled"`
		MessagesReadOnly bool `yaml:"messages_tab_read_only_enabled"`
	} `yaml:"app_home"`
	BotUser struct {
		DisplayName  string `yaml:"display_name"`
		AlwaysOnline bool   `yaml:"always_online"`
	} `yaml:"bot_user"`
	SlashCommands []manifestCommandEntry `yaml:"slash_commands"`
}

type manifestCommandEntry struct {
	Command      string `yaml:"command"`
	Description  string `yaml:"description"`
	UsageHint    string `yaml:"usage_hint"`
	ShouldEscape bool   `yaml:"should_escape"`
}

type manifestOAuth struct {
	Scopes struct {
		Bot []string `yaml:"bot"`
	} `yaml:"scopes"`
}

type manifestSettings struct {
	EventSubscriptions struct {
		BotEvents []string `yaml:"bot_events"`
	} `yaml:"event_subscriptions"`
	Interactivity struct {
		IsEnabled bool `yaml:"is_enabled"`
	} `yaml:"interactivity"`
	OrgDeploy     bool `yaml:"org_deploy_enabled"`
	SocketMode    bool `yaml:"socket_mode_enabled"`
	TokenRotation bool `yaml:"token_rotation_enabled"`
}

// botScopes are the least scopes the bot's calls need. Whoever adds a call to
// Slack adds its scope here, and the reason.
func botScopes() []string {
	return []string{
		"chat:write",       // cards, their updates and threads, ephemeral answers
		"commands",         // /ecs-migrate
		"channels:history", // find a card already posted to a public channel
		"groups:history",   // the same in a private one
		"users:read",       // a person's time zone and language
		"usergroups:read",  // who belongs to an owning user group
		"im:write",         // open a direct message to send a calendar file
		"files:write",      // the calendar file
	}
}

func appManifest() manifest {
	var m manifest
	m.Display.Name = "ecs-migrate"
	m.Display.Description = "Announces pending Alibaba Cloud ECS migrations and reserves a time for each."
	m.Features.AppHome.HomeTab = true
	// Direct messages arrive in the Messages tab. It is read-only since the bot
	// does not read messages, and a question nobody answers is worse than none.
	m.Features.AppHome.MessagesTab = true
	m.Features.AppHome.MessagesReadOnly = true
	m.Features.BotUser.DisplayName = "ecs-migrate"
	m.Features.BotUser.AlwaysOnline = false
	m.Features.SlashCommands = []manifestCommandEntry{{
		Command:     "/ecs-migrate",
		Description: "See pending ECS migrations and reserve a time for them",
		UsageHint:   "help | list | show | reserve | reschedule | checklist | ack | assign | snooze | facts | history | calendar | faq",
		// So that @somebody comes as a user id, which a name alone does not tell.
		ShouldEscape: true,
	}}
	m.OAuth.Scopes.Bot = botScopes()
	m.Settings.EventSubscriptions.BotEvents = []string{"app_home_opened"}
	m.Settings.Interactivity.IsEnabled = true
	m.Settings.SocketMode = true
	return m
}
