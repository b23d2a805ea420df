// Package ecs asks Alibaba Cloud: which system events wait, what an instance
// is, and to move or authorise an event. It is the only room that imports
// alibaba-cloud-sdk-go, and it uses only that SDK's core: signing, endpoints and
// credentials. No signed URL, key or token leaves it, in an error or a log.
//
// A tour: [Client.Pending], [Client.Events], [Client.Instances], [Client.Disks]
// and [Client.Snapshots] read; [Client.Reschedule] and [Client.Accept] change. All of them are calls
// (call.go), tried again where that is safe (judge.go says when), each try one
// exchange with the SDK (exchange.go). keys.go and role.go hand out what calls
// are signed with; wire.go reads values however the cloud spells them.
//
// Errors are [migration.CloudError]s, but for a context that ended before
// anything could be told: then they are its error, wrapped.
package ecs

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"ecs-migrate/internal/clock"
)

// Options say how a Client asks. Only Account is needed.
type Options struct {
	// Account is our name for the account; it stands in every Key.
	Account string
	// Endpoint is https://host[:port] for every call, AssumeRole included; http
	// only on a loopback address. Empty: the region's own public endpoint.
	Endpoint string
	// Profile names a profile of the Alibaba Cloud CLI or of the SDK's
	// credentials file. Empty: the SDK's default chain.
	Profile string
	// RoleARN is a RAM role to assume with those credentials. Empty: none.
	RoleARN string

	ConnectTimeout time.Duration // zero is 5 s
	ReadTimeout    time.Duration // from the request to the answer's head; zero is 10 s
	Concurrency    int           // calls under way at once; zero is 16

	// Tries bounds the tries of one call, RetryWait is about how long the first
	// repetition waits (each next one twice that, up to ten times), and RetryTime
	// is when no further one begins. Zero is 5, 500 ms and 45 s.
	Tries     int
	RetryWait time.Duration
	RetryTime time.Duration

	Clock clock.Clock  // tells Event.ReadAt; nil is the machine's
	Log   *slog.Logger // nil is none
	// Seen is told of each exchange with the cloud when it has ended, repetitions
	// included; nil is nobody. It is called from many goroutines.
	Seen func(Exchange)
}

// Exchange is one request and what became of it.
type Exchange struct {
	Account, Region string
	Action          string // RAM action, such as ecs:DescribeInstances
	// Outcome is ok, throttled, or a migration.CloudErrorKind.
	Outcome string
	Took    time.Duration // waiting for a turn not included
}

// Client asks for one account, in any of its regions. Its methods may be called
// side by side.
type Client struct {
	account  string
	endpoint endpoint
	http     *http.Transport
	timeout  time.Duration // of one exchange, from dialling to the body's end
	slots    chan struct{}
	retry    retry
	keys     source
	clock    clock.Clock
	log      *slog.Logger
	seen     func(Exchange)
	told     told

	mu    sync.Mutex
	brake pace             // of the whole account
	paces map[string]*pace // by region
}

// New makes a client and asks nobody yet. Its error is a sentence for the
// person who configured it.
func New(o Options) (*Client, error) {
	if o.Account == "" {
		return nil, errors.New("the account has no name")
	}
	at, err := parseEndpoint(o.Endpoint)
	if err != nil {
		return nil, err
	}
	// The SDK prints every signed URL then, and cannot be told not to.
	if slices.Contains(strings.Split(os.Getenv("DEBUG"), ","), "sdk") {
		return nil, errors.New("DEBUG=sdk makes the Alibaba Cloud SDK print signed requests: unset it")
	}
	connect, read := cmp.Or(o.ConnectTimeout, 5*time.Second), cmp.Or(o.ReadTimeout, 10*time.Second)
	slots := cmp.Or(o.Concurrency, 16)
	tries := cmp.Or(o.Tries, 5)
	if connect < 0 || read < 0 || slots < 0 || tries < 0 || o.RetryWait < 0 || o.RetryTime < 0 {
		return nil, fmt.Errorf("account %q: a limit is negative", o.Account)
	}
	c := &Client{
		account: o.Account, endpoint: at, timeout: connect + read, slots: make(chan struct{}, slots),
		http: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: connect}).DialContext,
			TLSHandshakeTimeout:   connect,
			ResponseHeaderTimeout: read,
			MaxIdleConnsPerHost:   slots,
			IdleConnTimeout:       90 * time.Second,
		},
		retry: retry{tries: uint(tries), wait: cmp.Or(o.RetryWait, 500*time.Millisecond), total: cmp.Or(o.RetryTime, 45*time.Second)},
		clock: o.Clock, log: o.Log, seen: o.Seen, paces: map[string]*pace{},
	}
	if c.clock == nil {
		c.clock = clock.Real{}
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.seen == nil {
		c.seen = func(Exchange) {}
	}
	c.keys = newChain(o.Profile)
	if o.RoleARN != "" {
		c.keys = newRole(o.RoleARN, c.keys, c.ask)
	}
	return c, nil
}
