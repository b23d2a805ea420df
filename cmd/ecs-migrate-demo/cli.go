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
	stdin          io.Reader
	stdout, stderr io.Writer
	colour         bool // stdout understands a terminal's colours
}

// commands is the grammar of the command line.
type commands struct {
	Page  pageCommand  `cmd:"" default:"withargs" help:"Serve a page with a workspace, a cloud and the bot between them (the default)."`
	Stubs stubsCommand `cmd:"" help:"Run the Slack and the Alibaba Cloud alone, for a bot or a client of your own."`
	Bot   botCommand   `cmd:"" hidden:"" help:"The page's bot, in a process of its own."`
}

const description = `The real ecs-migrate bot between a Slack and an Alibaba Cloud that live on this
machine: nothing outside it is called and no account is needed.

Examples:
  ecs-migrate-demo                  a page at http://127.0.0.1:8080 to click through
  ecs-migrate-demo --state demo     the same, going on where it was left
  ecs-migrate-demo --script         a short story in the terminal instead
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
