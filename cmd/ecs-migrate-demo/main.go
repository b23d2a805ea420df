// Command ecs-migrate-demo shows the bot at work without any account: the real
// bot, with its own configuration and real sockets, between a stub Slack and a
// stub Alibaba Cloud on loopback addresses, all on one clock that is moved on
// so that days pass at once.
//
// A tour of the page, which is what it shows unless told otherwise: page.go is
// its command, playground.go the world behind it, with its people and instances
// in seed.go; serving.go is what the page talks to, and who may. acting.go does
// what is asked of the cloud and of the bot, moving.go moves the clock, telling.go
// and traffic.go tell how things are and what passed, keep.go keeps them between
// starts. The bot lives in a process of its own, which process.go runs and can
// kill; botcmd.go is that process. page/ is the page itself.
//
// A tour of the story in a terminal (--script): story.go is the story, a list of
// steps; scene.go acts and waits for it, stage.go shows it; draw.go, mrkdwn.go
// and text.go draw Slack's messages as text; world.go wires the servers and the
// bot. stubs.go runs the servers alone.
//
// It exits with 0 when it was stopped or the story was told, 1 when something is
// wrong that the words on stderr explain, and 2 when the command line was not
// understood.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // people's zones must be known on a machine that has no zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the process at once
	code := main1(ctx, os.Args[1:], program{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		colour: isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	})
	stop()
	os.Exit(code)
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
