package anabranch

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const protocol = "anabranch.v1"

// carried is a subscription on a socket, and how much of its replay is still to come.
type carried struct {
	subscription *Subscription
	conflate     time.Duration
	head         string
	left         int
}

func (c *carried) isBehind() bool { return c.head == "" || c.left > 0 }

type pending struct {
	answered func(frame, json.RawMessage)
	failed   func(*Error)
}

// socket is one WebSocket: a subscribe frame for each subscription, requests and answers by ref.
// None of its subscriptions overlap: a frame does not tell by which of them it came, and one's
// replay must not run ahead of another's.
type socket struct {
	wireState
	link     *webSocketLink
	cancel   context.CancelFunc
	opened   bool
	timer    *time.Timer
	outgoing *queue
	conn     *websocket.Conn
	unsent   [][]byte
	ref      int
	pending  map[int]pending
	carried  []*carried
}

func newSocket(l *webSocketLink) *socket {
	ctx, cancel := context.WithCancel(context.Background())
	s := &socket{link: l, cancel: cancel, pending: map[int]pending{}, outgoing: newQueue()}
	s.heardAt = time.Now()
	s.timer = l.deadline(s, &s.opened)
	address := *l.url
	address.Scheme = strings.Replace(address.Scheme, "http", "ws", 1)
	address.Path += "ws"
	address.RawQuery = url.Values{"client": {l.client}}.Encode()
	protocols := []string{protocol}
	if l.token != "" {
		protocols = append(protocols, "bearer."+l.token)
	}
	go s.run(ctx, address.String(), protocols)
	return s
}

// run has a goroutine of its own, as it waits for the network.
func (s *socket) run(ctx context.Context, address string, protocols []string) {
	dialer := websocket.Dialer{Subprotocols: protocols}
	conn, response, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		refused := disconnected("websocket: %v", err)
		if errors.Is(err, websocket.ErrBadHandshake) && response != nil {
			refused = problem(response)
		}
		s.link.loop.post(func() { s.down(refused) })
		return
	}
	defer conn.Close()
	s.link.loop.post(func() { s.open(conn) })
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			ending := disconnected("websocket: %v", err)
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				ending = closing(closed.Code, closed.Text, 0)
			}
			s.link.loop.post(func() { s.down(ending) })
			return
		}
		s.link.loop.post(func() { s.heard(text) })
	}
}

func (s *socket) open(conn *websocket.Conn) {
	if s.closed {
		conn.Close()
		return
	}
	s.opened, s.conn = true, conn
	for _, text := range s.unsent {
		s.write(text)
	}
	s.unsent = nil
}

func (s *socket) down(err *Error) {
	if !s.closed {
		s.link.fail(err)
	}
}

func (s *socket) close() {
	if s.closed {
		return
	}
	s.closed = true
	s.timer.Stop()
	s.cancel()
	s.outgoing.close()
	if s.conn != nil {
		s.goodbye()
	}
	left := s.pending
	s.pending = map[int]pending{}
	for _, p := range left {
		p.failed(disconnected("the WebSocket was closed"))
	}
}

// goodbye closes beside all else: a connection that lies still would be waited for.
func (s *socket) goodbye() {
	conn := s.conn
	go func() {
		text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		// Told or not, the connection ends.
		_ = conn.WriteControl(websocket.CloseMessage, text, time.Now().Add(time.Second))
		conn.Close()
	}()
}

// ---- what is said

func (s *socket) send(a args) {
	text, err := json.Marshal(a)
	switch {
	case err != nil:
		s.link.report(err)
	case s.conn == nil:
		s.unsent = append(s.unsent, text)
	default:
		s.write(text)
	}
}

func (s *socket) write(text []byte) {
	conn := s.conn
	s.outgoing.post(func() {
		if err := conn.WriteMessage(websocket.TextMessage, text); err != nil {
			s.link.loop.post(func() { s.down(disconnected("websocket: %v", err)) })
		}
	})
}

// ping: any frame that follows is an answer.
func (s *socket) ping() {
	s.ref++
	s.send(args{"type": "ping", "ref": s.ref})
}

// ask sends a request. The answer is handled before the next frame is looked at.
func (s *socket) ask(op string, a args, answered func(frame, json.RawMessage), failed func(*Error)) {
	s.ref++
	s.pending[s.ref] = pending{answered, failed}
	fields := args{"type": op, "ref": s.ref}
	for name, value := range a {
		fields[name] = value
	}
	s.send(fields)
}

// ---- subscriptions

func (s *socket) find(subscription *Subscription) *carried {
	for _, c := range s.carried {
		if c.subscription == subscription {
			return c
		}
	}
	return nil
}

func (s *socket) hasRoomFor(subscription *Subscription) bool {
	for _, c := range s.carried {
		if subscription.overlaps(c.subscription) {
			return false
		}
	}
	return true
}

// sync gives up what is not wanted any more, and follows changes of the rest.
func (s *socket) sync() {
	for _, c := range append([]*carried(nil), s.carried...) {
		a := args{"channel": c.subscription.channel}
		if !s.link.wants(c.subscription) {
			s.drop(c)
			s.ask("unsubscribe", a, ignore, s.report)
		} else if conflate := c.subscription.Conflate(); conflate != c.conflate {
			// Without a position the hub goes on where the subscription is.
			c.conflate = conflate
			a["conflate"] = conflate.Milliseconds()
			s.ask("subscribe", a, ignore, s.report)
		}
	}
}

func ignore(frame, json.RawMessage) {}

func (s *socket) drop(gone *carried) {
	for i, c := range s.carried {
		if c == gone {
			s.carried = append(s.carried[:i:i], s.carried[i+1:]...)
			return
		}
	}
}

func (s *socket) subscribe(subscription *Subscription) {
	c := &carried{subscription: subscription, conflate: subscription.Conflate()}
	s.carried = append(s.carried, c)
	a := args{"channel": subscription.channel, "conflate": c.conflate.Milliseconds()}
	for name, value := range subscription.position() {
		a[name] = value
	}
	s.ask("subscribe", a, func(ok frame, _ json.RawMessage) {
		c.head, c.left = ok.Cursor, ok.Replayed
		subscription.begin(ok.Cursor, ok.Replayed)
		s.link.checkCaughtUp()
	}, func(err *Error) {
		if s.link.closed {
			return
		}
		if !s.link.refuses(err) {
			s.link.fail(err)
			return
		}
		s.drop(c)
		s.link.refuse(subscription, err)
		s.link.checkCaughtUp()
	})
}

func (s *socket) report(err *Error) {
	if !s.link.closed {
		s.link.linkContext.report(err)
	}
}

// ---- what is heard

func (s *socket) heard(text []byte) {
	if s.closed {
		return
	}
	s.link.hear(s)
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		s.report(&Error{Code: "bad_frame", Message: err.Error()})
		return
	}
	switch f.Type {
	case "ready":
		s.ready = true
		s.timer.Stop()
		s.link.welcome(f)
		s.link.checkReady()
	case "ok", "error":
		s.answer(f, text)
	case "message", "gap":
		s.hand(f)
	case "heartbeat":
		s.mark(f.Cursor)
	case "join", "leave":
		s.link.news(s.link, f)
	case "close":
		s.down(f.closing())
	}
}

func (s *socket) answer(f frame, text []byte) {
	p, asked := s.pending[f.Ref]
	delete(s.pending, f.Ref)
	switch {
	case f.Type == "ok" && asked:
		p.answered(f, text)
	case f.Type == "error" && asked:
		p.failed(refusal(f))
	case f.Type == "error":
		s.report(refusal(f))
	}
}

func (s *socket) hand(f frame) {
	for _, c := range append([]*carried(nil), s.carried...) {
		if c.subscription.matches(f.Channel) {
			c.subscription.take(f)
			if f.Type == "message" {
				c.left--
			}
		}
	}
	s.link.checkCaughtUp()
}

func (s *socket) mark(cursor string) {
	for _, c := range s.carried {
		if c.head == "" {
			continue
		}
		c.subscription.mark(cursor)
		if !isLater(c.head, cursor) {
			c.left = 0
		}
	}
	s.link.checkCaughtUp()
}
