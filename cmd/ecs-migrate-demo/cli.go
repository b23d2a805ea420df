package main

import (
	"context"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// The exit codes that main1 gives back.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

// A program is what the commands have of the world around them.
type program struct {
	stdout, stderr io.Writer
	colour         bool // stdout understands a terminal's colours
}

// commands is the grammar of the command line.
type commands struct {
	Story storyCommand `cmd:"" default:"withargs" help:"Play a migration from its announcement to its end, then exit (the default)."`
	Stubs stubsCommand `cmd:"" help:"Run the Slack and the Alibaba Cloud alone, for a bot or a client of your own."`
}

const description = `The real ecs-migrate bot between a Slack and an Alibaba Cloud that live on this
machine: nothing outside it is called and no account is needed.

Examples:
  ecs-migrate-demo                  watch a migration being reserved, moved and run
  ecs-migrate-demo --lang zh-CN     the same in Chinese
  ecs-migrate-demo --verbose        with the bot's own log on stderr
  ecs-migrate-demo stubs            only the two servers, to point something at

Exit codes: 0 done, 1 a fault that stderr explains, 2 a command line not understood.`

// main1 runs one command line until it is done or ctx ends, and gives the exit
// code back.
func main1(ctx context.Context, args []string, p program) int {
	var cli commands
	helped := false
	parser, err := kong.New(&cli,
		kong.Name("ecs-migrate-demo"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoAppDescFormat: true, WrapUpperBound: 90}),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return p.fail(fmt.Errorf("build the command line: %w", err))
	}
	parsed, err := parser.Parse(args)
	if helped { // --help printed all there is to say; parsing went on without need
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "ecs-migrate-demo: %v\nRun \"ecs-migrate-demo --help\" for the commands and flags.\n", err)
		return exitUsage
	}
	if err := parsed.Run(p); err != nil {
		return p.fail(err)
	}
	return exitOK
}

// fail tells a person what went wrong.
func (p program) fail(err error) int {
	fmt.Fprintf(p.stderr, "ecs-migrate-demo: %v\n", err)
	return exitFault
}
