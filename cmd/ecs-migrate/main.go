// Command ecs-migrate is the bot's command line: flags in, exit code out.
//
// It exits with 0 when all went well, 1 when something is wrong that the words
// on stderr say how to put right, and 2 when the command line itself was not
// understood. A second SIGINT or SIGTERM ends it by that signal at once, which
// shells show as 130 or 143.
package main

import (
	"os"
	"time"
	_ "time/tzdata" // zones must be known in a container that has no zone files
)

func main() {
	os.Exit(main1(os.Args[1:], program{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		getenv: os.Getenv,
		now:    time.Now,
	}))
}
