package anabranch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// link is one transport, open or being opened. It reads from cursors and judges nothing. For the
// loop alone, as all below.
type link interface {
	base() *linkBase
	// pingable tells whether it can be asked for a sign of life.
	pingable() bool
	// pipelines tells whether requests keep their order without waiting for each other's answers.
	pipelines() bool
	connect()
	// join starts to carry the subscriptions; caughtUp is told when nothing is missing.
	join()
	// sync makes the wires carry what they should: each open subscription, and nothing else.
	sync()
	ping()
	request(op string, a args, done func(json.RawMessage, error))
	authenticate(token string)
}

// wire is one connection of a link: a socket or a stream, with subscriptions of its own.
type wire interface {
	state() *wireState
	close()
}

type wireState struct {
	heardAt time.Time
	ready   bool
	closed  bool
}

func (w *wireState) state() *wireState { return w }

// linkEvents is what a link tells the connection.
type linkEvents interface {
	ready(link)
	caughtUp(link)
	heard(link)
	down(link, *Error)
}

// linkContext is what a link needs of its hub.
type linkContext struct {
	loop          *queue
	url           *url.URL
	client        string
	http          *http.Client
	tokens        *tokenSource
	rest          *rest
	subscriptions *[]*Subscription

	news    func(link, frame)
	expires func(link)
	refuse  func(*Subscription, *Error)
	report  func(error)
	reopen  func(link)
}

// linkBase is what all links have.
type linkBase struct {
	*linkContext
	self      link
	kind      Transport
	events    linkEvents
	token     string
	isReady   bool
	closed    bool
	heartbeat time.Duration
	expiresAt int64
	wires     []wire
	born      time.Time
}

func newLinkBase(context *linkContext, events linkEvents, kind Transport) linkBase {
	return linkBase{linkContext: context, events: events, kind: kind, heartbeat: never, born: time.Now()}
}

func (l *linkBase) base() *linkBase { return l }

func (l *linkBase) open() {
	l.tokens.get(func(token string, err error) {
		switch {
		case l.closed:
		case err != nil:
			l.fail(asError(err))
		default:
			l.token = token
			l.self.connect()
		}
	})
}

func (l *linkBase) close() {
	l.closed = true
	for _, w := range l.wires {
		w.close()
	}
}

// fail ends this link by a failure, and tells it once.
func (l *linkBase) fail(err *Error) {
	if !l.closed {
		l.close()
		l.events.down(l.self, err)
	}
}

// heardAt is when the most silent of its wires was heard last.
func (l *linkBase) heardAt() time.Time {
	first := l.born
	for i, w := range l.wires {
		if at := w.state().heardAt; i == 0 || at.Before(first) {
			first = at
		}
	}
	return first
}

// refuses tells whether a subscription is refused, and not the connection. A visitor has no token
// to renew, so 401 concerns what was asked for.
func (l *linkBase) refuses(err *Error) bool {
	visitor := l.token == "" && !l.tokens.renewable()
	return err.isRefusal() || visitor && err.Status == 401 && err.closeCode == 0
}

func (l *linkBase) hear(w wire) {
	w.state().heardAt = time.Now()
	l.events.heard(l.self)
}

// welcome takes what a ready frame says about the connection.
func (l *linkBase) welcome(f frame) {
	l.heartbeat = never
	if f.Heartbeat > 0 {
		l.heartbeat = time.Duration(f.Heartbeat) * time.Millisecond
	}
	l.setExpires(f.Expires)
}

func (l *linkBase) setExpires(at int64) {
	l.expiresAt = at
	l.expires(l.self)
}

func (l *linkBase) checkReady() {
	if l.isReady || l.closed {
		return
	}
	for _, w := range l.wires {
		if !w.state().ready {
			return
		}
	}
	l.isReady = true
	l.events.ready(l.self)
}

func (l *linkBase) remove(gone wire) {
	for i, w := range l.wires {
		if w == gone {
			l.wires = append(l.wires[:i:i], l.wires[i+1:]...)
			return
		}
	}
}

// deadline fails the link when a wire is not ready in time.
func (l *linkBase) deadline(w wire, answered *bool) *time.Timer {
	return time.AfterFunc(openWithin, func() {
		l.loop.post(func() {
			if state := w.state(); state.ready || state.closed {
				return
			}
			if *answered {
				l.fail(&Error{Code: "buffered", Message: fmt.Sprintf("%s opened, but nothing arrives", l.kind)})
			} else {
				l.fail(&Error{Code: "timeout", Message: fmt.Sprintf("%s did not open in %v", l.kind, openWithin)})
			}
		})
	})
}

func (l *linkBase) wants(s *Subscription) bool {
	for _, wanted := range *l.subscriptions {
		if wanted == s {
			return true
		}
	}
	return false
}

// listener is what a connection tells its hub.
type listener interface {
	createLink(kind Transport) link
	stateChanged(State)
	transportChanged(Transport)
	serving(link)
	report(error)
	connectionClosed(*Error)
}
