package anabranch

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Error is a refusal by the hub, or a failure on the way there. Status is the HTTP status, over
// WebSocket too, and 0 where there was no answer; Code is a stable word. Channel is that of a
// subscription that was refused.
type Error struct {
	Status     int
	Code       string
	Message    string
	Channel    string
	RetryAfter time.Duration

	channels  []string
	closeCode int
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s (%d): %s", e.Code, e.Status, e.Message)
}

var closeNames = map[int]string{
	400: "bad_request",
	401: "unauthorized",
	403: "forbidden",
	409: "replaced",
	413: "too_large",
	503: "unavailable",
	504: "heartbeat_missed",
	508: "too_slow",
}

func disconnected(format string, values ...any) *Error {
	return &Error{Code: "disconnected", Message: fmt.Sprintf(format, values...)}
}

func errClosed() *Error {
	return &Error{Code: "closed", Message: "this hub was closed"}
}

func badValue(name string, value any, expected string) *Error {
	text := fmt.Sprintf("%s: %v (expected: %s)", name, value, expected)
	return &Error{Status: 400, Code: "bad_request", Message: text}
}

func asError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return disconnected("%v", err)
}

// refusal is that of an error frame.
func refusal(f frame) *Error {
	code := "http"
	if json.Unmarshal(f.Code, &code) != nil {
		code = "http"
	}
	return &Error{
		Status: f.Status, Code: code, Message: f.Text, channels: f.Channels,
		RetryAfter: time.Duration(f.RetryAfter) * time.Millisecond,
	}
}

// closing is a close frame or the end of a WebSocket. From 4000 on, the code less 4000 is the status.
func closing(code int, reason string, retryAfterMs int64) *Error {
	if code < 4000 {
		return disconnected("the connection was closed (%d)", code)
	}
	name, known := closeNames[code-4000]
	if !known {
		name = "closed"
	}
	wait := time.Duration(retryAfterMs) * time.Millisecond
	return &Error{Status: code - 4000, Code: name, Message: reason, RetryAfter: wait, closeCode: code}
}

// isFinal: close codes 4000 to 4499 and status 204 say not to come back.
func (e *Error) isFinal() bool {
	return e.Status == 204 || e.closeCode >= 4000 && e.closeCode < 4500
}

// isRefusal: refused by the hub itself for what was asked, so that asking again is no use.
func (e *Error) isRefusal() bool {
	passing := e.Status == 401 || e.Status == 408 || e.Status == 429
	return e.closeCode == 0 && e.Code != "http" && e.Status >= 400 && e.Status < 500 && !passing
}
