package anabranch

import (
	"math"
	"math/rand"
	"time"
)

const (
	// A WebSocket that is not ready by then gets an SSE stream beside it.
	headStart = 300 * time.Millisecond
	// A link that has answered for so long is trusted.
	steady = 5 * time.Second
	// A link that is not ready by then has failed.
	openWithin = 10 * time.Second
	// A living hub answers a ping in this time.
	answerWithin = 2 * time.Second
	// A REST request without an answer by then is a broken connection.
	requestWithin = 30 * time.Second
	// A token is renewed so long before it expires, or at half its life when that is shorter.
	renewBefore = 30 * time.Second
	// How often the link is looked at, when the hub names no shorter heartbeat.
	longestTick = 20 * time.Second
	// A publish that may have arrived is not sent again later than this: with a last request it
	// stays within the two minutes for which a hub knows a repeat.
	repeatWithin = 90 * time.Second

	never = time.Duration(math.MaxInt64 / 4)
)

// backoff bounds waits between attempts: anything up to a bound that doubles with each of them.
type backoff struct{ first, most time.Duration }

var (
	reconnect = backoff{500 * time.Millisecond, 30 * time.Second}
	probe     = backoff{2 * time.Second, 2 * time.Minute}
)

// Seeded apart from the global generator, which Go 1.19 starts the same in every process. For the
// loops of all hubs, so guarded by the source below.
var jitter = newLockedRand()

func (b backoff) wait(attempt int) time.Duration {
	bound := b.most
	if attempt < 20 && b.first<<attempt < b.most {
		bound = b.first << attempt
	}
	return time.Duration(jitter.Int63n(int64(bound) + 1))
}

func newLockedRand() *lockedRand {
	return &lockedRand{rand: rand.New(rand.NewSource(time.Now().UnixNano()))}
}
