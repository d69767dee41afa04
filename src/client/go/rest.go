package anabranch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// rest is the hub's REST interface, as far as a client needs it.
type rest struct {
	loop   *queue
	base   *url.URL
	http   *http.Client
	tokens *tokenSource
}

// request does what a frame of that type would do.
func (r *rest) request(op string, a args, done func(json.RawMessage, error)) {
	method, header, query := http.MethodPost, http.Header{}, url.Values{}
	var path string
	switch op {
	case "publish":
		path = "channels/" + url.PathEscape(a.text("channel")) + "/messages"
		header.Set("Idempotency-Key", a.text("dedup"))
		if event := a.text("event"); event != "" {
			query.Set("event", event)
		}
	case "call":
		path = "services/" + url.PathEscape(a.text("service"))
	default:
		method = http.MethodGet
		path = "channels/" + url.PathEscape(a.text("channel"))
		path += map[string]string{"history": "/messages", "presence": "/presence"}[op]
		for name, value := range a {
			if name != "channel" {
				query.Set(name, fmt.Sprint(value))
			}
		}
	}
	var body []byte
	if method == http.MethodPost {
		header.Set("Content-Type", "application/json")
		body = []byte("null")
		if data, given := a["data"].(json.RawMessage); given {
			body = data
		}
	}
	address := r.base.String() + "api/v1/" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r.send(method, address, header, body, done)
}

// send asks once more with a new token when the hub refuses the one there is.
func (r *rest) send(method, address string, header http.Header, body []byte, done func(json.RawMessage, error)) {
	r.tokens.get(func(token string, err error) {
		if err != nil {
			done(nil, err)
			return
		}
		authorize(header, token)
		go func() {
			answer, err := r.exchange(method, address, header.Clone(), body)
			r.loop.post(func() {
				if err == nil {
					r.tokens.accepted()
				} else if asError(err).Status == 401 && r.tokens.refused(token) {
					r.send(method, address, header, body, done)
					return
				}
				done(answer, err)
			})
		}()
	})
}

func (r *rest) exchange(method, address string, header http.Header, body []byte) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	response, err := r.http.Do(request)
	if err != nil {
		return nil, disconnected("no answer: %v", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return nil, problem(response)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, disconnected("no answer: %v", err)
	}
	return answer, nil
}

func authorize(header http.Header, token string) {
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
}

// problem reads RFC 9457, or whatever a proxy answered in the hub's place (code "http").
func problem(response *http.Response) *Error {
	var body struct {
		Code, Detail, Title string
		Channels            []string
	}
	status := response.StatusCode
	err := &Error{Status: status, Code: "http", Message: http.StatusText(status)}
	err.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	if json.NewDecoder(response.Body).Decode(&body) == nil && body.Code != "" {
		err.Code, err.Message, err.channels = body.Code, body.Detail, body.Channels
		if err.Message == "" {
			err.Message = body.Title
		}
	}
	return err
}

// retryAfter reads RFC 9110 §10.2.3: seconds or a date.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && time.Until(at) > 0 {
		return time.Until(at)
	}
	return 0
}
