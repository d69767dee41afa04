package anabranch

import "time"

// Options say how to connect. The zero value connects without a token, over whatever transport works.
type Options struct {
	// Token is a JWT that cannot be renewed: when it expires, the hub is closed.
	Token string
	// TokenFunc gives a JWT, on a goroutine of its own: asked for the first, before that expires,
	// and when the hub refuses it. It wins over Token.
	TokenFunc func() (string, error)
	// Transports that may be used; naming one pins it. Both when it is empty.
	Transports []Transport
	// Client is this client's id for presence, 8 to 64 of A-Za-z0-9_-. A random one when empty.
	Client string
}

// SubscribeOptions say where a subscription begins, and how much it wants. The zero value: all
// messages from now on.
type SubscribeOptions struct {
	// After is an id, or "earliest". It wins over Last.
	After string
	// Last messages of each channel, then live.
	Last int
	// Conflate: of each channel at most one message in that time, the newest.
	Conflate time.Duration
}

// PublishOptions name the event, and the value by which the hub knows a repeat.
type PublishOptions struct {
	Event string
	Dedup string
}

// HistoryOptions: forward from After, or the newest before Before; 100 messages when Limit is 0.
type HistoryOptions struct {
	After  string
	Before string
	Limit  int
}

// Stats count over all subscriptions together: messages handed on, repeats removed, missing ones
// fetched, gaps told.
type Stats struct {
	Messages int64
	Repeats  int64
	Repaired int64
	Gaps     int64
}
