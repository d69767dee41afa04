package anabranch

import (
	"context"
	"encoding/json"
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

// Publish publishes data as JSON and returns the message's id when the log has it. When ctx ends
// first, it may still be published.
func (h *Hub) Publish(ctx context.Context, channel string, data any, options PublishOptions) (string, error) {
	return h.Begin(channel, data, options).Wait(ctx)
}

// Publishing is a publish under way.
type Publishing struct {
	results <-chan result
}

// Begin is Publish without the wait: messages are published in the order of the calls.
func (h *Hub) Begin(channel string, data any, options PublishOptions) Publishing {
	body, err := json.Marshal(data)
	if err != nil {
		return Publishing{failed(err)}
	}
	if options.Dedup == "" {
		options.Dedup = randomID()
	}
	a := args{"channel": channel, "data": json.RawMessage(body), "dedup": options.Dedup}
	if options.Event != "" {
		a["event"] = options.Event
	}
	return Publishing{h.send("publish", a, true)}
}

// Wait returns the message's id when the log has it; it may be called once.
func (p Publishing) Wait(ctx context.Context) (string, error) {
	var answer struct{ ID string }
	err := wait(ctx, p.results, &answer)
	return answer.ID, err
}

// History gives a page of a channel's past.
func (h *Hub) History(ctx context.Context, channel string, options HistoryOptions) (Page, error) {
	var page Page
	err := h.ask(ctx, "history", historyArgs(channel, options), true, &page)
	return withEvents(page), err
}

func historyArgs(channel string, options HistoryOptions) args {
	a := args{"channel": channel}
	if options.After != "" {
		a["after"] = options.After
	}
	if options.Before != "" {
		a["before"] = options.Before
	}
	if options.Limit != 0 {
		a["limit"] = options.Limit
	}
	return a
}

func withEvents(page Page) Page {
	for i := range page.Messages {
		if page.Messages[i].Event == "" {
			page.Messages[i].Event = "message"
		}
	}
	return page
}

// Presence tells who is on a channel.
func (h *Hub) Presence(ctx context.Context, channel string) (Presence, error) {
	var presence Presence
	err := h.ask(ctx, "presence", args{"channel": channel}, true, &presence)
	return presence, err
}

// Call asks a service behind the hub, and reads its JSON answer into answer. It is never repeated:
// nobody knows whether it ran twice.
func (h *Hub) Call(ctx context.Context, service string, data, answer any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var reply struct{ Data json.RawMessage }
	a := args{"service": service, "data": json.RawMessage(body)}
	if err := h.ask(ctx, "call", a, false, &reply); err != nil || answer == nil || reply.Data == nil {
		return err
	}
	return json.Unmarshal(reply.Data, answer)
}

// result is the answer to a request, or why there is none.
type result struct {
	text json.RawMessage
	err  error
}

func failed(err error) <-chan result {
	results := make(chan result, 1)
	results <- result{err: err}
	return results
}

// ask waits for the answer to a request, which it reads into answer.
func (h *Hub) ask(ctx context.Context, op string, a args, repeat bool, answer any) error {
	return wait(ctx, h.send(op, a, repeat), answer)
}

func (h *Hub) send(op string, a args, repeat bool) <-chan result {
	results := make(chan result, 1)
	done := func(text json.RawMessage, err error) { results <- result{text, err} }
	h.loop.post(func() { h.outbox.add(&entry{op: op, args: a, repeat: repeat, done: done}) })
	return results
}

func wait(ctx context.Context, results <-chan result, answer any) error {
	select {
	case got := <-results:
		if got.err != nil {
			return got.err
		}
		return json.Unmarshal(got.text, answer)
	case <-ctx.Done():
		return ctx.Err()
	}
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

// ---- tokens and holes

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

// patientHistory fills a hole: it waits for a connection, and asks again where that may help.
func (h *Hub) patientHistory(channel, after string, then func(Page, error)) {
	h.historyAttempt(channel, after, 0, then)
}

func (h *Hub) historyAttempt(channel, after string, attempt int, then func(Page, error)) {
	h.connection.whenOpen(func(err error) {
		if err != nil {
			then(Page{}, err)
			return
		}
		a := historyArgs(channel, HistoryOptions{After: after, Limit: 1000})
		h.outbox.add(&entry{op: "history", args: a, repeat: true, done: func(text json.RawMessage, err error) {
			var page Page
			if err == nil {
				err = json.Unmarshal(text, &page)
			}
			if err == nil {
				then(withEvents(page), nil)
				return
			}
			failure := asError(err)
			passing := failure.Status == 0 || failure.Status == 429 || failure.Status >= 500
			if attempt == 4 || !passing {
				then(page, failure)
				return
			}
			time.AfterFunc(failure.RetryAfter+reconnect.wait(attempt), func() {
				h.loop.post(func() { h.historyAttempt(channel, after, attempt+1, then) })
			})
		}})
	})
}
