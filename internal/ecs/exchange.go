package ecs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

// maxAnswer bounds an answer: a page of 100 instances has some 300 kB.
const maxAnswer = 16 << 20

// reply is how one exchange went.
type reply struct {
	status    int // HTTP; zero: no answer
	body      []byte
	host      string
	signature string // of the request, to be kept out of every text
	begun     bool   // the request was made; else the SDK refused to make it
	sent      bool   // it may have reached the cloud
	err       error  // there is no whole answer; may hold the signed URL
}

// roundTrip is a function as an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// exchange sends one signed request. The SDK's client writes to its own fields
// while it works and knows no context, so each exchange has a client of its own;
// connections are shared below it, where the context holds too.
func (c *Client) exchange(ctx context.Context, call call, k keys) reply {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var got reply
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	wire := roundTrip(func(r *http.Request) (*http.Response, error) {
		got.begun, got.host, got.signature = true, r.URL.Host, r.URL.Query().Get("Signature")
		resp, err := c.http.RoundTrip(r.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		// The SDK sees a success: it panics over an error body whose Code is no
		// string, and would follow a redirect with the signed request.
		got.status, resp.StatusCode = resp.StatusCode, http.StatusOK
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
		return resp, nil
	})
	got.body, got.err = c.process(wire, call, k)
	got.sent = sent.Load()
	return got
}

// process lets the SDK sign the request, send it by wire and read the answer.
func (c *Client) process(wire http.RoundTripper, call call, k keys) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			// Its value is left out: it may hold the request.
			body, err = nil, errors.New("the SDK panicked")
		}
	}()
	config := sdk.NewConfig().WithScheme("HTTPS").WithUserAgent("ecs-migrate").WithMaxRetryTime(0)
	config.Transport = wire
	client, err := sdk.NewClientWithOptions(call.region, config, credentials.NewStaticSTSCredentialsProvider(k.id, k.secret, k.token))
	if err != nil {
		return nil, fmt.Errorf("make the SDK's client: %w", err)
	}
	// The SDK's table of endpoints knows 19 regions and sends all others to
	// Hangzhou; its rule fits every region of the list of January 2026 (help
	// page api-ecs-2014-05-26-endpoint). Sts keeps its one endpoint.
	client.EndpointType = "regional"
	client.SetCloseTrace(true)

	r := requests.NewCommonRequest()
	// Not GET: net/http sends that again by itself where a connection breaks.
	r.Method = requests.POST
	r.Scheme, r.Domain = c.endpoint.scheme, c.endpoint.host
	r.Product, r.Version, r.ApiName, r.RegionId = call.product, call.version, call.action, call.region
	r.SetReadTimeout(c.timeout + time.Second) // the context ends it first
	maps.Copy(r.QueryParams, call.params)
	r.QueryParams["RegionId"] = call.region
	resp, err := client.ProcessCommonRequest(r)
	if err != nil {
		return nil, err
	}
	return resp.GetHttpContentBytes(), nil
}
