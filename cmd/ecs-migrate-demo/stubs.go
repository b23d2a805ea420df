package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"ecs-migrate/internal/config"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

type stubsCommand struct {
	Slack string `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Where Slack listens (default: ${default}); port 0 takes a free one."`
	ECS   string `name:"ecs" default:"127.0.0.1:8091" placeholder:"ADDR" help:"Where Alibaba Cloud listens (default: ${default}); port 0 takes a free one."`
}

// Help is shown by "ecs-migrate-demo stubs --help".
func (stubsCommand) Help() string {
	return `Prints the servers' addresses, tokens and keys, and a configuration for ecs-migrate. ` +
		`They run until SIGINT or SIGTERM and keep what they know in memory only.

Whoever reaches them can act as anyone in them, so they listen on loopback addresses only.`
}

// Run serves until ctx ends.
func (c stubsCommand) Run(ctx context.Context, p program) error {
	if err := errors.Join(loopbackOnly("--slack", c.Slack), loopbackOnly("--ecs", c.ECS)); err != nil {
		return err
	}
	slack, cloud := slackstub.New(slackstub.Options{}), ecsstub.New(ecsstub.Options{})
	defer slack.Close() // both listeners end with the process anyway
	defer cloud.Close()
	if err := slack.Start(c.Slack); err != nil {
		return cannotListen("--slack", c.Slack, err)
	}
	if err := cloud.Start(c.ECS); err != nil {
		return cannotListen("--ecs", c.ECS, err)
	}
	if _, err := fmt.Fprint(p.stdout, howTo(slack, cloud)); err != nil {
		return fmt.Errorf("print the addresses: %w", err)
	}
	<-ctx.Done()
	_, err := fmt.Fprintln(p.stdout, "stopped")
	return err
}

// loopbackOnly refuses an address that others could reach.
func loopbackOnly(flag, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%s %s is no host:port: write it as in %s 127.0.0.1:8090", flag, address, flag)
	}
	if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%s %s is refused, because whoever reaches the stubs can act as anyone in them: "+
		"give a loopback address such as 127.0.0.1:8090, and forward a port to it where another machine needs it", flag, address)
}

func cannotListen(flag, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s %s is taken by another program: stop that one, or give another address with %s", flag, address, flag)
	}
	cause := err
	if op, ok := errors.AsType[*net.OpError](err); ok {
		cause = op.Err
	}
	return fmt.Errorf("cannot listen on %s %s: give another address with %s: %w", flag, address, flag, cause)
}

// howTo is what a person needs to use the servers, ready to paste.
func howTo(slack *slackstub.Server, cloud *ecsstub.Server) string {
	yaml := settings{slack: slack.APIURL(), cloud: cloud.URL(), store: "ecs-migrate-stubs.db", poll: 10 * time.Second, lang: englishLang}.yaml()
	return strings.NewReplacer(
		"{slack}", slack.URL(), "{api}", slack.APIURL(), "{bot}", slack.BotToken(), "{app}", slack.AppToken(),
		"{cloud}", cloud.URL(), "{key}", ecsstub.DefaultKeyID, "{secret}", ecsstub.DefaultKeySecret,
		"{account}", ecsstub.DefaultAccountID, "{botVar}", config.BotTokenVariable, "{appVar}", config.AppTokenVariable,
		"{web}", webChannel, "{yaml}", yaml, "{unset}", unset(),
	).Replace(howToText)
}

// unset takes away what this shell, and so probably the next one, has set and
// would spoil the keys.
func unset() string {
	if os.Getenv("ALIBABA_CLOUD_SECURITY_TOKEN") == "" {
		return ""
	}
	return "unset ALIBABA_CLOUD_SECURITY_TOKEN\n"
}

const howToText = `Slack          {slack}   Web API {api}
               bot token {bot}   app-level token {app}
Alibaba Cloud  {cloud}   account {account}
               AccessKey {key}   secret {secret}

The tokens and keys open nothing but these two servers.

Run the bot on them, from another terminal in the repository:

cat > config-stubs.yaml <<'EOF'
{yaml}EOF
{unset}export {botVar}={bot} {appVar}={app}
export ALIBABA_CLOUD_ACCESS_KEY_ID={key} ALIBABA_CLOUD_ACCESS_KEY_SECRET={secret}
go run ./cmd/ecs-migrate run --config config-stubs.yaml

Then let the cloud announce a migration, read the channel, and type a command:

curl --json '{"instance":"i-bp1web01classic0001","in":"48h"}' {cloud}/control/events
curl '{slack}/control/messages?channel={web}'
curl --json '{"user":"U0000000002","channel":"{web}","text":"/ecs-migrate list"}' {slack}/control/command

docs/stub-slack.md and docs/stub-ecs.md tell the rest. Stop with Ctrl-C.
`
