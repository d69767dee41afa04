package anabranch

import (
	"encoding/json"
	"fmt"
	"time"
)

// Requests kept while there is no connection.
const keptRequests = 100

// entry is one request; its answer goes to done, once.
type entry struct {
	op       string
	args     args
	repeat   bool
	done     func(json.RawMessage, error)
	link     link
	attempts int
	resting  bool
	sentAt   time.Time
}

// outbox holds requests that outlive the connection they were made on: what a broken link did not
// answer goes out again on the next, publishes in the order in which they were made.
type outbox struct {
	loop    *queue
	link    link
	entries []*entry
	closed  *Error
}

func (o *outbox) add(e *entry) {
	switch {
	case o.closed != nil:
		e.done(nil, o.closed)
	case !o.usable() && len(o.entries) >= keptRequests:
		text := fmt.Sprintf("%d requests wait for a connection already", keptRequests)
		e.done(nil, &Error{Status: 503, Code: "queue_full", Message: text})
	default:
		o.entries = append(o.entries, e)
		o.pump()
	}
}

// use names the link that takes requests from now on.
func (o *outbox) use(l link) {
	o.link = l
	o.pump()
}

func (o *outbox) close(err *Error) {
	o.closed = err
	entries := o.entries
	o.entries = nil
	for _, e := range entries {
		e.done(nil, err)
	}
}

func (o *outbox) usable() bool { return o.link != nil && !o.link.base().closed }

func (o *outbox) pump() {
	if !o.usable() {
		return
	}
	mayPublish := true
	for _, e := range append([]*entry(nil), o.entries...) {
		publish := e.op == "publish"
		if e.link == nil && !e.resting && (mayPublish || !publish) {
			o.send(e)
		}
		// What has still to be answered elsewhere, or rests, must not be overtaken.
		if publish && (e.link != o.link || !o.link.pipelines()) {
			mayPublish = false
		}
	}
}

func (o *outbox) send(e *entry) {
	e.link = o.link
	e.attempts++
	if e.sentAt.IsZero() {
		e.sentAt = time.Now()
	}
	o.link.request(e.op, e.args, func(answer json.RawMessage, err error) {
		if err == nil {
			o.settle(e, answer, nil)
		} else {
			o.failed(e, asError(err))
		}
	})
}

func (o *outbox) failed(e *entry, err *Error) {
	switch {
	case !o.has(e):
	case !e.repeat || !isPassing(err, e.attempts):
		o.settle(e, nil, err)
	case e.op == "publish" && time.Since(e.sentAt) > repeatWithin:
		text := "no answer for 90 s: the message may have been published"
		o.settle(e, nil, &Error{Code: "unanswered", Message: text})
	default:
		abandoned := e.link != o.link || !o.usable()
		e.link = nil
		if abandoned {
			o.pump()
		} else {
			o.rest(e, err.RetryAfter)
		}
	}
}

// isPassing: a broken connection passes; a hub that is unavailable may, so it is asked three times.
func isPassing(err *Error, attempts int) bool {
	unavailable := err.Status == 502 || err.Status == 503 || err.Status == 504
	return err.Status == 0 || unavailable && attempts < 3
}

func (o *outbox) rest(e *entry, retryAfter time.Duration) {
	e.resting = true
	time.AfterFunc(retryAfter+reconnect.wait(e.attempts-1), func() {
		o.loop.post(func() {
			e.resting = false
			o.pump()
		})
	})
}

func (o *outbox) has(e *entry) bool {
	for _, other := range o.entries {
		if other == e {
			return true
		}
	}
	return false
}

func (o *outbox) settle(e *entry, answer json.RawMessage, err error) {
	for i, other := range o.entries {
		if other == e {
			o.entries = append(o.entries[:i:i], o.entries[i+1:]...)
			e.done(answer, err)
			o.pump()
			return
		}
	}
}
