package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"ecs-migrate/bot"
	"ecs-migrate/internal/clock"
)

// The states of the bot's process, as the page shows them.
const (
	botStarting = "starting"
	botRunning  = "running"
	botStopping = "stopping"
	botStopped  = "stopped"
)

// A process is the bot in a process of its own, which may be killed and started
// again.
type process struct {
	clock   *clock.Movable
	log     *logTail
	changed func() // told after each change of what status gives

	acting sync.Mutex // one of start, stop and kill at a time

	mu     sync.Mutex
	now    processStatus
	pulse  bot.Pulse
	news   chan struct{} // closed and replaced at each pulse and change of state
	stdin  io.WriteCloser
	child  *exec.Cmd
	ended  chan struct{} // closed once child is gone
	wanted bool          // false: its end was asked for
}

// processStatus is what is known of the bot's process.
type processStatus struct {
	State string    `json:"state"`
	Since time.Time `json:"since"` // on the world's clock
	PID   int       `json:"pid,omitempty"`
	Error string    `json:"error,omitempty"` // why it ended, where nobody had asked it to
}

func newProcess(c *clock.Movable, log *logTail, changed func()) *process {
	return &process{
		clock: c, log: log, changed: changed, news: make(chan struct{}),
		now: processStatus{State: botStopped, Since: c.Now()},
	}
}

// status is how the process is, and what the bot was last at; news closes at
// the next change of either.
func (p *process) status() (now processStatus, last bot.Pulse, news <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now, p.pulse, p.news
}

// set changes the state. Callers hold mu.
func (p *process) set(state string) {
	p.now.State, p.now.Since = state, p.clock.Now()
	p.tell()
}

// tell wakes who waits for news. Callers hold mu.
func (p *process) tell() {
	close(p.news)
	p.news = make(chan struct{})
	p.changed()
}

// start runs the bot and waits until ready says that people can reach it.
func (p *process) start(ctx context.Context, command *exec.Cmd, ready func() bool) error {
	p.acting.Lock()
	defer p.acting.Unlock()
	if now, _, _ := p.status(); now.State != botStopped {
		return fmt.Errorf("the bot is %s", now.State)
	}
	if err := p.launch(command); err != nil {
		return err
	}
	limited, cancel := context.WithTimeoutCause(ctx, connectWithin, fmt.Errorf("the bot did not connect to Slack within %s", connectWithin))
	defer cancel()
	for {
		now, last, news := p.status()
		switch {
		case now.State == botStopped:
			return errors.New(now.Error)
		case !last.Polled.IsZero() && ready():
			p.mu.Lock()
			p.set(botRunning)
			p.mu.Unlock()
			return nil
		}
		select {
		case <-news:
		case <-time.After(glance):
		case <-limited.Done():
			p.end(true)
			return context.Cause(limited)
		}
	}
}

// launch starts the process and follows it.
func (p *process) launch(command *exec.Cmd) error {
	in, err := command.StdinPipe()
	if err != nil {
		return fmt.Errorf("start the bot: %w", err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the bot: %w", err)
	}
	command.Stderr = p.log
	if err := command.Start(); err != nil {
		return fmt.Errorf("start the bot: %w", err)
	}
	p.mu.Lock()
	p.child, p.stdin, p.ended, p.wanted = command, in, make(chan struct{}), true
	p.pulse = bot.Pulse{}
	p.now.PID, p.now.Error = command.Process.Pid, ""
	p.set(botStarting)
	err = give(in, order{Ahead: p.clock.Ahead()})
	p.mu.Unlock()
	go p.follow(command, out)
	return err // where the process is gone already, follow tells why
}

// follow reads what the bot is at until it is gone.
func (p *process) follow(command *exec.Cmd, out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var now bot.Pulse
		if err := json.Unmarshal(lines.Bytes(), &now); err != nil {
			continue // no pulse: whatever printed it, the page is not about it
		}
		p.mu.Lock()
		p.pulse = now
		p.tell()
		p.mu.Unlock()
	}
	err := command.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted {
		p.now.Error = p.log.lastWords()
		if p.now.Error == "" {
			p.now.Error = fmt.Sprintf("the bot ended: %v", orElse(err, errors.New("nobody had asked it to")))
		}
	}
	p.now.PID, p.pulse, p.child, p.stdin = 0, bot.Pulse{}, nil, nil
	close(p.ended)
	p.set(botStopped)
}

// stop lets the bot drain and waits for its end; kill does not let it do
// anything. Each is done where the bot does not run.
func (p *process) stop() { p.acting.Lock(); defer p.acting.Unlock(); p.end(false) }
func (p *process) kill() { p.acting.Lock(); defer p.acting.Unlock(); p.end(true) }

// end ends the process. Callers hold acting.
func (p *process) end(hard bool) {
	p.mu.Lock()
	if p.child == nil {
		p.mu.Unlock()
		return
	}
	p.wanted = false
	ended := p.ended
	if hard {
		_ = p.child.Process.Kill() // fails where it is gone already
	} else {
		_ = give(p.stdin, order{Stop: true}) // likewise
		p.set(botStopping)
	}
	p.mu.Unlock()
	select {
	case <-ended:
		return
	case <-time.After(stopWithin):
	}
	p.mu.Lock()
	if p.child != nil {
		_ = p.child.Process.Kill()
	}
	p.mu.Unlock()
	<-ended
}

// stopWithin is how long the bot may take to end; it promises 15 s.
const stopWithin = 20 * time.Second

// glance is how often something is looked at that tells nothing by itself.
const glance = 50 * time.Millisecond

// moved tells the bot that the clock was moved.
func (p *process) moved() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stdin != nil {
		_ = give(p.stdin, order{Ahead: p.clock.Ahead()}) // a bot that is gone needs no clock
	}
}

// botProgram is the command line of a bot's process: this very program.
func botProgram(configPath string, env []string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	command := exec.Command(self, "bot", "--config", configPath)
	command.Env = env
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "ALIBABA_CLOUD_") && !strings.HasPrefix(name, "SLACK_") {
			command.Env = append(command.Env, v)
		}
	}
	return command, nil
}
