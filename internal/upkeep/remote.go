package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"ecs-migrate/store"
)

// errNobody says that no bot answers at the socket.
var errNobody = errors.New("no bot answers there")

// remote is the keeper of a store that a running bot has open.
type remote struct {
	socket string
	http   *http.Client
}

func newRemote(path string) *remote {
	r := &remote{socket: SocketPath(path)}
	r.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		c, err := dial(r.socket)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNobody, err)
		}
		return c, nil
	}}}
	return r
}

// ask sends a request. The answer's body is the caller's to close.
func (r *remote) ask(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Response, error) {
	// Who listens is known by the socket; the name only fills the field.
	req, err := http.NewRequestWithContext(ctx, method, "http://bot"+path+"?"+query.Encode(), body)
	if err != nil {
		return nil, err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		if errors.Is(err, errNobody) || ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("the running bot broke off: see its log for what became of it: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var p problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p); err != nil || p.Error == "" {
		return nil, fmt.Errorf("the running bot answers %s: is it of another version?", resp.Status)
	}
	return nil, errors.New(p.Error)
}

// get sends a request and reads an answer in JSON.
func get[T any](ctx context.Context, r *remote, path string, query url.Values, body io.Reader) (out T, err error) {
	resp, err := r.ask(ctx, http.MethodPost, path, query, body)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("read the running bot's answer: %w", err)
	}
	return out, nil
}

func (r *remote) Check(ctx context.Context) (Checked, error) {
	return get[Checked](ctx, r, "/check", nil, nil)
}

func (r *remote) Compact(ctx context.Context) (Compacted, error) {
	return get[Compacted](ctx, r, "/compact", nil, nil)
}

func (r *remote) Restore(ctx context.Context, name string, from io.Reader) (Restored, error) {
	return get[Restored](ctx, r, "/restore", url.Values{"name": {name}}, from)
}

// Backup receives the copy and checks it once more: it came a way.
func (r *remote) Backup(ctx context.Context, path string) (_ store.Summary, err error) {
	resp, err := r.ask(ctx, http.MethodPost, "/backup", nil, nil)
	if err != nil {
		return store.Summary{}, err
	}
	defer resp.Body.Close()
	var told store.Summary
	if err := json.Unmarshal([]byte(resp.Header.Get(summaryHeader)), &told); err != nil {
		return store.Summary{}, fmt.Errorf("read the running bot's answer: %w", err)
	}
	into, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return store.Summary{}, err
	}
	_, err = io.Copy(into, resp.Body)
	if err = errors.Join(err, into.Sync(), into.Close()); err != nil {
		return store.Summary{}, errors.Join(err, os.Remove(path))
	}
	sum, err := store.Verify(ctx, path)
	if err == nil && sum != told {
		err = errors.New("what arrived is not what the running bot sent: try again")
	}
	if err != nil {
		return store.Summary{}, errors.Join(err, os.Remove(path))
	}
	return sum, nil
}

// Audit reads the trail as it comes.
func (r *remote) Audit(ctx context.Context, since, until time.Time, fn func(store.Audited) error) error {
	query := url.Values{}
	for name, at := range map[string]time.Time{"since": since, "until": until} {
		if !at.IsZero() {
			query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	resp, err := r.ask(ctx, http.MethodGet, "/audit", query, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	for d := json.NewDecoder(resp.Body); ; {
		var e store.Audited
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the audit trail from the running bot: %w", err)
		}
		if err := fn(e); err != nil {
			return err
		}
	}
}
