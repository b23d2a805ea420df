package ecs

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"

	"ecs-migrate/internal/migration"
)

// provider is a credentials provider of the test's own.
type provider func() (*credentials.Credentials, error)

func (p provider) GetCredentials() (*credentials.Credentials, error) { return p() }
func (provider) GetProviderName() string                             { return "test" }

func chainOf(p provider) (c *chain, built *int) {
	c, built = newChain(""), new(int)
	c.build = func() credentials.CredentialsProvider {
		*built++
		return p
	}
	return c, built
}

func TestASearchInVainRestsAndThenBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		searches := 0
		var answer func() (*credentials.Credentials, error)
		c, built := chainOf(func() (*credentials.Credentials, error) {
			searches++
			return answer()
		})
		ask := func() (keys, migration.CloudErrorKind) {
			t.Helper()
			k, err := c.keys(t.Context(), "r")
			if f, ok := errors.AsType[*failure](err); ok {
				return k, f.Kind
			}
			if err != nil {
				t.Fatal(err)
			}
			return k, ""
		}
		answer = func() (*credentials.Credentials, error) { return nil, errors.New("none") }
		for range 3 {
			if _, kind := ask(); kind != migration.CloudUntrusted {
				t.Errorf("without credentials: %q", kind)
			}
		}
		if searches != 1 {
			t.Errorf("searched %d times within %v, want once", searches, rest)
		}
		answer = func() (*credentials.Credentials, error) { panic("nil answer of the metadata service") }
		<-time.After(rest)
		if _, kind := ask(); kind != migration.CloudUntrusted {
			t.Errorf("a provider that panics: %q", kind)
		}
		answer = func() (*credentials.Credentials, error) {
			return &credentials.Credentials{AccessKeyId: "a", AccessKeySecret: "b", SecurityToken: "c"}, nil
		}
		<-time.After(rest)
		for range 2 {
			if k, kind := ask(); kind != "" || k != (keys{"a", "b", "c"}) {
				t.Errorf("got %v, %q", k, kind)
			}
		}
		if *built != 3 {
			t.Errorf("built %d providers, want a new one after each failure", *built)
		}
		// What was there once is likely to come back: nothing to set up.
		answer = func() (*credentials.Credentials, error) { return nil, errors.New("metadata service is restarting") }
		if _, kind := ask(); kind != migration.CloudFailing {
			t.Errorf("credentials that were there once: %q", kind)
		}
	})
}

func TestOneSearchAtATimeThatAContextNeedNotWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := 0
		c, _ := chainOf(func() (*credentials.Credentials, error) {
			busy++
			if busy > 1 {
				t.Error("two searches at once")
			}
			<-time.After(10 * time.Second)
			busy--
			return &credentials.Credentials{AccessKeyId: "a", AccessKeySecret: "b"}, nil
		})
		begun := time.Now()
		errs := make(chan error)
		for range 2 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := c.keys(ctx, "r")
				errs <- err
			}()
		}
		for range 2 {
			if err := <-errs; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		if d := time.Since(begun); d != time.Second {
			t.Errorf("waited %v, want a second", d)
		}
		if _, err := c.keys(t.Context(), "r"); err != nil {
			t.Error(err)
		}
	})
}
