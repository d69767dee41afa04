package anabranch

import "encoding/json"

// Message is one event on one channel. Time is in ms since 1970 UTC, by the hub's clock; Prev and
// User are empty where there is none, Event is "message" unless the publisher named it.
type Message struct {
	ID      string          `json:"id"`
	Prev    string          `json:"prev,omitempty"`
	Channel string          `json:"channel"`
	Event   string          `json:"event,omitempty"`
	Data    json.RawMessage `json:"data"`
	Time    int64           `json:"time"`
	User    string          `json:"user,omitempty"`
}

// Gap says that messages between two ids cannot be had. After and Resumed are empty where they are
// not known; Reason is "expired", "reset", "overflow" or "unavailable".
type Gap struct {
	Channel string `json:"channel"`
	After   string `json:"after,omitempty"`
	Resumed string `json:"resumed,omitempty"`
	Reason  string `json:"reason"`
}

// Page is a part of a channel's past, oldest first; Cursor is where the next one begins.
type Page struct {
	Messages []Message `json:"messages"`
	Cursor   string    `json:"cursor"`
	More     bool      `json:"more"`
}

// Member is one who is on a channel, since so many ms after 1970 UTC.
type Member struct {
	User    string `json:"user,omitempty"`
	Session string `json:"session"`
	Since   int64  `json:"since,omitempty"`
}

// Presence says who is on a channel; Users names the first 1000.
type Presence struct {
	Count int      `json:"count"`
	Users []Member `json:"users"`
}

// News is of a member who came to a channel ("join") or left it ("leave").
type News struct {
	Type    string
	Channel string
	Member  Member
}

// State of a connection.
type State string

const (
	// Connecting: a transport is being opened, and none serves.
	Connecting State = "connecting"
	// Open: one serves, also while another is opened beside it.
	Open State = "open"
	// Waiting: none serves; the next attempt comes by itself.
	Waiting State = "waiting"
	// Closed for good.
	Closed State = "closed"
)

// Transport that serves; empty while there is none.
type Transport string

const (
	WebSocket Transport = "websocket"
	SSE       Transport = "sse"
)

// frame is any frame of the hub: the fields of all of them.
type frame struct {
	Type string `json:"type"`
	Ref  int    `json:"ref"`
	Message
	After      string          `json:"after"`
	Resumed    string          `json:"resumed"`
	Reason     string          `json:"reason"`
	Cursor     string          `json:"cursor"`
	Replayed   int             `json:"replayed"`
	Heartbeat  int64           `json:"heartbeat"`
	Expires    int64           `json:"expires"`
	RetryAfter int64           `json:"retryAfter"`
	Status     int             `json:"status"`
	Code       json.RawMessage `json:"code"`
	Text       string          `json:"message"`
	Channels   []string        `json:"channels"`
	Session    string          `json:"session"`
}

func (f frame) message() Message {
	m := f.Message
	if m.Event == "" {
		m.Event = "message"
	}
	return m
}

func (f frame) closing() *Error {
	var code int
	if json.Unmarshal(f.Code, &code) != nil {
		code = 0
	}
	return closing(code, f.Reason, f.RetryAfter)
}

// args are the members of a frame that asks for something; those that are nil are left out.
type args map[string]any

func (a args) text(name string) string {
	text, _ := a[name].(string)
	return text
}
