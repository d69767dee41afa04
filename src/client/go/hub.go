package anabranch

import (
	"log"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const longestConflation = time.Minute

var channelGrammar = regexp.MustCompile(`^[A-Za-z0-9._\-:/@~]{0,254}[A-Za-z0-9._\-:/@~*]$`)

// Hub is made by Connect. Its methods may be called from any goroutine.
type Hub struct {
	loop          *queue
	handing       *queue
	link          linkContext
	connection    *connection
	outbox        outbox
	subscriptions []*Subscription
	syncing       bool
	renewal       *time.Timer
	stats         Stats

	mu        sync.Mutex
	state     State
	transport Transport
	on        listeners
}

type listeners struct {
	state     []func(State)
	transport []func(Transport)
	gap       []func(Gap)
	news      []func(News)
	err       []func(error)
}

// Connect opens a connection to the hub at address, http: or https:, and keeps it open. It returns
// at once; an error says that address or options break the grammar.
func Connect(address string, options Options) (*Hub, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || !strings.HasPrefix(base.Scheme, "http") {
		return nil, badValue("address", address, "http://host:port or https://host")
	}
	base.RawQuery, base.Fragment = "", ""
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	var kinds []Transport
	for _, kind := range []Transport{WebSocket, SSE} {
		if len(options.Transports) == 0 || contains(options.Transports, kind) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) == 0 {
		return nil, badValue("transports", options.Transports, "some of websocket, sse")
	}
	h := &Hub{loop: newQueue(), handing: newQueue(), state: Connecting}
	h.outbox.loop = h.loop
	h.link = h.context(base, options)
	h.connection = newConnection(h, h.loop, kinds, h.link.tokens)
	h.loop.post(h.connection.start)
	return h, nil
}

func contains(kinds []Transport, kind Transport) bool {
	for _, each := range kinds {
		if each == kind {
			return true
		}
	}
	return false
}

func (h *Hub) context(base *url.URL, options Options) linkContext {
	client := options.Client
	if client == "" {
		client = randomID()
	}
	tokens := &tokenSource{loop: h.loop, fixed: options.Token, supplier: options.TokenFunc}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	requests := &http.Client{Transport: transport}
	return linkContext{
		loop: h.loop, url: base, client: client, http: requests, tokens: tokens,
		rest:          &rest{loop: h.loop, base: base, http: requests, tokens: tokens},
		subscriptions: &h.subscriptions,
		news:          h.tellNews,
		expires:       h.expires,
		refuse:        h.refuse,
		report:        h.report,
		reopen:        func(l link) { h.connection.reopen(l) },
	}
}

// State of the connection.
func (h *Hub) State() State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// Transport that serves; empty while there is none.
func (h *Hub) Transport() Transport {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.transport
}

// Stats since Connect.
func (h *Hub) Stats() Stats {
	return Stats{
		Messages: atomic.LoadInt64(&h.stats.Messages),
		Repeats:  atomic.LoadInt64(&h.stats.Repeats),
		Repaired: atomic.LoadInt64(&h.stats.Repaired),
		Gaps:     atomic.LoadInt64(&h.stats.Gaps),
	}
}

// Subscribe hands each message of a channel or pattern to handler, once and in order, until Close.
func (h *Hub) Subscribe(channel string, handler func(Message), options SubscribeOptions) (*Subscription, error) {
	after, conflate := options.After, options.Conflate
	switch {
	case h.State() == Closed:
		return nil, errClosed()
	case !channelGrammar.MatchString(channel):
		return nil, badValue("channel", channel, "1 to 255 characters, at most one * at the end")
	case after != "" && after != "earliest" && !idGrammar.MatchString(after):
		return nil, badValue("after", after, "a message id, or earliest")
	case options.Last < 0:
		return nil, badValue("last", options.Last, "a number of messages")
	case conflate < 0 || conflate > longestConflation:
		return nil, badValue("conflate", conflate, "0 to 1 minute")
	}
	s := newSubscription(h, channel, handler, options)
	h.changed(s)
	return s, nil
}

// OnState, as the others below, is to be called before anything happens that it should be told.
func (h *Hub) OnState(listener func(State)) {
	h.listen(func(on *listeners) { on.state = append(on.state, listener) })
}

// OnTransport is told which transport serves; empty for none.
func (h *Hub) OnTransport(listener func(Transport)) {
	h.listen(func(on *listeners) { on.transport = append(on.transport, listener) })
}

// OnGap is told what cannot be had, once for each subscription that misses it.
func (h *Hub) OnGap(listener func(Gap)) {
	h.listen(func(on *listeners) { on.gap = append(on.gap, listener) })
}

// OnNews is told who comes and who leaves, where presence is kept and may be seen.
func (h *Hub) OnNews(listener func(News)) {
	h.listen(func(on *listeners) { on.news = append(on.news, listener) })
}

// OnError is told what no call returns; mostly an *Error. Without a listener it is logged.
func (h *Hub) OnError(listener func(error)) {
	h.listen(func(on *listeners) { on.err = append(on.err, listener) })
}

func (h *Hub) listen(add func(*listeners)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	add(&h.on)
}

// Close ends the connection for good; what was not answered is refused. It returns when that is done.
func (h *Hub) Close() {
	done := make(chan struct{})
	h.loop.post(func() {
		h.connection.close(nil)
		close(done)
	})
	<-done
}

// ---- for subscriptions, links and the connection

func (h *Hub) counters() *Stats { return &h.stats }

func (h *Hub) count(of *int64) { atomic.AddInt64(of, 1) }

func (h *Hub) hand(handler func(Message), m Message) {
	h.handing.post(func() { handler(m) })
}

func (h *Hub) changed(s *Subscription) {
	h.loop.post(func() {
		h.forget(s)
		if !s.Closed() {
			h.subscriptions = append(h.subscriptions, s)
		}
		h.syncLater()
	})
}

func (h *Hub) forget(s *Subscription) {
	for i, each := range h.subscriptions {
		if each == s {
			h.subscriptions = append(h.subscriptions[:i:i], h.subscriptions[i+1:]...)
			return
		}
	}
}

// syncLater: many calls in one go make one change on the wire.
func (h *Hub) syncLater() {
	if !h.syncing {
		h.syncing = true
		h.loop.post(func() {
			h.syncing = false
			h.connection.sync()
		})
	}
}

func (h *Hub) createLink(kind Transport) link {
	base := newLinkBase(&h.link, h.connection, kind)
	if kind == WebSocket {
		l := &webSocketLink{linkBase: base}
		l.self = l
		return l
	}
	l := &sseLink{linkBase: base}
	l.self = l
	return l
}

func (h *Hub) refuse(s *Subscription, err *Error) {
	// At once: what is subscribed to is looked at again before the next turn.
	h.forget(s)
	s.Close()
	refused := *err
	refused.Channel = s.channel
	h.report(&refused)
}

func (h *Hub) tellNews(l link, f frame) {
	if l == h.connection.active {
		news := News{f.Type, f.Channel, Member{User: f.User, Session: f.Session}}
		h.tell(func(on listeners) {
			for _, listener := range on.news {
				listener(news)
			}
		})
	}
}

func (h *Hub) tellGap(gap Gap) {
	h.tell(func(on listeners) {
		for _, listener := range on.gap {
			listener(gap)
		}
	})
}

func (h *Hub) stateChanged(state State) {
	h.mu.Lock()
	h.state = state
	h.mu.Unlock()
	h.tell(func(on listeners) {
		for _, listener := range on.state {
			listener(state)
		}
	})
}

func (h *Hub) transportChanged(transport Transport) {
	h.mu.Lock()
	h.transport = transport
	h.mu.Unlock()
	h.tell(func(on listeners) {
		for _, listener := range on.transport {
			listener(transport)
		}
	})
}

func (h *Hub) report(err error) {
	h.tell(func(on listeners) {
		if len(on.err) == 0 {
			log.Printf("anabranch: %v", err)
		}
		for _, listener := range on.err {
			listener(err)
		}
	})
}

// tell calls listeners among the messages, in the order in which all that happened.
func (h *Hub) tell(call func(listeners)) {
	h.handing.post(func() {
		h.mu.Lock()
		on := h.on
		h.mu.Unlock()
		call(on)
	})
}

func (h *Hub) connectionClosed(err *Error) {
	if h.renewal != nil {
		h.renewal.Stop()
	}
	for _, s := range append([]*Subscription(nil), h.subscriptions...) {
		s.Close()
	}
	reason := err
	if err == nil {
		reason = errClosed()
	} else {
		h.report(err)
	}
	h.outbox.close(reason)
	h.link.http.CloseIdleConnections()
}

// ---- tokens

func (h *Hub) serving(l link) {
	h.outbox.use(l)
	h.expires(l)
}

func (h *Hub) expires(l link) {
	if l == h.connection.active {
		h.renewBefore(l.base().expiresAt)
	}
}

func (h *Hub) renewBefore(expiresAt int64) {
	if h.renewal != nil {
		h.renewal.Stop()
	}
	if expiresAt == 0 || !h.link.tokens.renewable() {
		return
	}
	left := time.Until(time.UnixMilli(expiresAt))
	early := left / 2
	if early > renewBefore {
		early = renewBefore
	}
	delay := left - early
	if delay < reconnect.first {
		delay = reconnect.first
	}
	h.renewal = time.AfterFunc(delay, func() { h.loop.post(func() { h.renew(expiresAt) }) })
}

func (h *Hub) renew(expiresAt int64) {
	if h.connection.state == Closed {
		return
	}
	h.link.tokens.renew(func(token string, err error) {
		if err != nil {
			h.report(err)
			h.renewBefore(expiresAt)
		} else if h.connection.active != nil {
			h.connection.active.authenticate(token)
		}
	})
}
