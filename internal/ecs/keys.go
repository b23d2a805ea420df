package ecs

import (
	"context"
	"errors"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"

	"ecs-migrate/internal/migration"
)

// keys are what a call is signed with.
type keys struct {
	id, secret string
	token      string // of a session, else empty
}

// source hands out keys, to several callers at once.
type source interface {
	// keys are good at this moment; region is where they are needed. Its error is
	// a *failure, or the context's.
	keys(ctx context.Context, region string) (keys, error)
	// renew says that the cloud accepts k no more; it is true where the next keys
	// will be others.
	renew(ctx context.Context, k keys) bool
}

// chain is the SDK's own search for credentials. Its providers are not safe
// for use side by side, know no context, and may panic over a bad answer of the
// metadata service, so they run one at a time behind turn.
type chain struct {
	build func() credentials.CredentialsProvider
	turn  chan struct{} // a lock that a context can stop waiting for

	provider credentials.CredentialsProvider // nil: to be built
	found    bool                            // there were keys once
	resting  time.Time                       // until then the search is not repeated
}

// rest is how long a search in vain is not repeated: it may take seconds, and
// every region would wait for its own.
const rest = 5 * time.Second

// newChain searches where the SDK does: environment, OIDC, the CLI's profile,
// the credentials file, the ECS instance's RAM role, a credentials URI. With a
// profile's name it searches only the CLI's profiles and the credentials file.
// Source: sdk/auth/credentials/default_credentials_provider.go, v1.63.107.
func newChain(profile string) *chain {
	build := func() credentials.CredentialsProvider { return credentials.NewDefaultCredentialsProvider() }
	if profile != "" {
		build = func() credentials.CredentialsProvider {
			return &named{
				cli:  credentials.NewCLIProfileCredentialsProviderBuilder().WithProfileName(profile).Build(),
				file: credentials.NewProfileCredentialsProviderBuilder().WithProfileName(profile).Build(),
			}
		}
	}
	return &chain{build: build, turn: make(chan struct{}, 1)}
}

func (s *chain) keys(ctx context.Context, region string) (keys, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return keys{}, ctx.Err()
	}
	type result struct {
		keys keys
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-s.turn }()
		k, err := s.search(region)
		done <- result{k, err}
	}()
	select {
	case r := <-done:
		return r.keys, r.err
	case <-ctx.Done():
		return keys{}, ctx.Err() // the search ends by its own timeouts
	}
}

// search runs in turn.
func (s *chain) search(region string) (keys, error) {
	if time.Now().Before(s.resting) {
		return keys{}, s.failure(region)
	}
	if s.provider == nil {
		s.provider = s.build()
	}
	got, err := provide(s.provider)
	if err != nil || got == nil || got.AccessKeyId == "" || got.AccessKeySecret == "" {
		// Built anew next time: the default chain clings to the last provider
		// that it tried, also after all of them failed.
		s.provider, s.resting = nil, time.Now().Add(rest)
		return keys{}, s.failure(region)
	}
	s.found = true
	return keys{id: got.AccessKeyId, secret: got.AccessKeySecret, token: got.SecurityToken}, nil
}

// provide asks the provider; a panic of its is an error.
func provide(p credentials.CredentialsProvider) (c *credentials.Credentials, err error) {
	defer func() {
		if recover() != nil {
			c, err = nil, errors.New("the SDK's credentials provider panicked")
		}
	}()
	return p.GetCredentials()
}

// failure leaves the SDK's own text out: it may quote a whole file of keys.
func (s *chain) failure(region string) *failure {
	e := &migration.CloudError{Kind: migration.CloudUntrusted, Action: "credentials", Region: region,
		Message: "no credentials were found: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, a profile, or a RAM role of this host"}
	if s.found {
		e.Kind, e.Message = migration.CloudFailing, "the credentials could not be renewed"
	}
	return &failure{CloudError: e}
}

// renew is for providers to decide: they renew what they know to expire.
func (s *chain) renew(context.Context, keys) bool { return false }

// named looks a profile up in the CLI's configuration, then in the SDK's
// credentials file.
type named struct {
	cli, file credentials.CredentialsProvider
	used      credentials.CredentialsProvider // where it was found
}

// GetCredentials implements credentials.CredentialsProvider.
func (n *named) GetCredentials() (*credentials.Credentials, error) {
	if n.used != nil {
		return n.used.GetCredentials()
	}
	c, err := n.cli.GetCredentials()
	if err == nil {
		n.used = n.cli
		return c, nil
	}
	if c, err = n.file.GetCredentials(); err == nil {
		n.used = n.file
	}
	return c, err
}

// GetProviderName implements credentials.CredentialsProvider.
func (*named) GetProviderName() string { return "profile" }
