package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/alecthomas/kong"

	"ecs-migrate/internal/config"
)

// The exit codes that main1 gives back.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

// A program is what the commands have of the world around them.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	log            *slog.Logger
}

// commands is the grammar of the command line.
type commands struct {
	LogLevel string `enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"Log this and what weighs more: ${enum} (default: ${default})."`

	Run         runCommand         `cmd:"" help:"Run the bot until SIGINT or SIGTERM."`
	CheckConfig checkConfigCommand `cmd:"" help:"Print what a configuration file means, or every fault in it."`
	Store       storeCommand       `cmd:"" help:"Check, back up, restore or compact the store of a bot that runs or does not."`
	Audit       auditCommand       `cmd:"" help:"Export who decided what and when."`
	Calendar    calendarCommand    `cmd:"" help:"Write the times ahead as a calendar file (.ics)."`
	Manifest    manifestCommand    `cmd:"" help:"Print the Slack app manifest to paste when creating the app."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

const description = `Announces pending Alibaba Cloud ECS migrations in Slack and lets people reserve
a time for each with a click.

Examples:
  ecs-migrate manifest                             what to paste at api.slack.com/apps
  ecs-migrate check-config --config config.yaml    is the file right, and what does it mean?
  ecs-migrate run --config config.yaml             run the bot
  ecs-migrate store backup -c config.yaml today.db
                                                   copy its store, while it runs or not
  ecs-migrate audit -c config.yaml --since 7d      who decided what and when
  ecs-migrate calendar -c config.yaml --out m.ics  the times ahead, for a calendar

Secrets never stand in the file. The bot reads them from the environment:
  SLACK_BOT_TOKEN    the bot token (xoxb-)
  SLACK_APP_TOKEN    the app-level token (xapp-), scope connections:write
  ALIBABA_CLOUD_...  the Alibaba Cloud SDK's own variables, where they are used

Exit codes: 0 done, 1 a fault that stderr explains, 2 a command line not understood.`

// main1 runs one command line and gives the exit code back.
func main1(args []string, p program) int {
	var cli commands
	helped := false
	parser, err := kong.New(&cli,
		kong.Name("ecs-migrate"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoAppDescFormat: true, WrapUpperBound: 90}),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { helped = true }),
	)
	if err != nil {
		return p.fail(fmt.Errorf("build the command line: %w", err))
	}
	parsed, err := parser.Parse(args)
	if helped { // --help printed all there is to say; parsing went on without need
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "ecs-migrate: %v\nRun \"ecs-migrate --help\" for the commands and flags.\n", err)
		return exitUsage
	}
	p.log = newLogger(p.stderr, level(cli.LogLevel))
	if err := parsed.Run(p); err != nil {
		return p.fail(err)
	}
	return exitOK
}

// fail tells a person what went wrong. Faults name the file themselves.
func (p program) fail(err error) int {
	if faults, ok := errors.AsType[config.Faults](err); ok {
		fmt.Fprintln(p.stderr, faults)
	} else {
		fmt.Fprintf(p.stderr, "ecs-migrate: %v\n", err)
	}
	return exitFault
}
