package anabranch

import "encoding/json"

// webSocketLink has one socket, and more only for subscriptions that overlap with others.
type webSocketLink struct {
	linkBase
	sockets []*socket
	joined  bool
}

func (l *webSocketLink) pingable() bool  { return true }
func (l *webSocketLink) pipelines() bool { return true }
func (l *webSocketLink) connect()        { l.openSocket() }

func (l *webSocketLink) openSocket() *socket {
	s := newSocket(l)
	l.sockets = append(l.sockets, s)
	l.wires = append(l.wires, s)
	return s
}

func (l *webSocketLink) join() {
	if !l.joined {
		l.joined = true
		l.sync()
	}
	l.checkCaughtUp()
}

func (l *webSocketLink) sync() {
	if !l.isReady || !l.joined || l.closed {
		return
	}
	for _, s := range l.sockets {
		s.sync()
	}
	for _, subscription := range *l.subscriptions {
		if !l.carries(subscription) {
			l.socketFor(subscription).subscribe(subscription)
		}
	}
	for _, s := range append([]*socket(nil), l.sockets[1:]...) {
		if len(s.carried) == 0 {
			l.closeSocket(s)
		}
	}
}

func (l *webSocketLink) carries(subscription *Subscription) bool {
	for _, s := range l.sockets {
		if s.find(subscription) != nil {
			return true
		}
	}
	return false
}

func (l *webSocketLink) socketFor(subscription *Subscription) *socket {
	for _, s := range l.sockets {
		if s.hasRoomFor(subscription) {
			return s
		}
	}
	return l.openSocket()
}

func (l *webSocketLink) closeSocket(gone *socket) {
	gone.close()
	l.remove(gone)
	for i, s := range l.sockets {
		if s == gone {
			l.sockets = append(l.sockets[:i:i], l.sockets[i+1:]...)
			return
		}
	}
}

// checkCaughtUp: all that was in the log when the subscriptions were answered is here.
func (l *webSocketLink) checkCaughtUp() {
	if !l.joined {
		return
	}
	for _, s := range l.sockets {
		for _, c := range s.carried {
			if c.isBehind() {
				return
			}
		}
	}
	l.events.caughtUp(l)
}

func (l *webSocketLink) ping() {
	for _, s := range l.sockets {
		s.ping()
	}
}

func (l *webSocketLink) request(op string, a args, done func(json.RawMessage, error)) {
	answered := func(_ frame, text json.RawMessage) { done(text, nil) }
	l.sockets[0].ask(op, a, answered, func(err *Error) { done(nil, err) })
}

func (l *webSocketLink) authenticate(token string) {
	l.token = token
	for _, s := range l.sockets {
		answered := func(ok frame, _ json.RawMessage) { l.setExpires(ok.Expires) }
		s.ask("auth", args{"token": token}, answered, s.report)
	}
}
