package anabranch

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// So many streams of one link are gathered into fewer where that can be.
const mostStreams = 4

// readEvents reads server-sent events as the HTML standard does, but for lines that end in CR alone,
// which the hub does not send; and it tells also those that only carry an id.
func readEvents(body io.Reader, onEvent func(id, data string)) error {
	reader := bufio.NewReader(body)
	var id string
	var data []string
	touched := false
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if touched {
				onEvent(id, strings.Join(data, "\n"))
			}
			data, touched = nil, false
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "data":
			data, touched = append(data, value), true
		case "id":
			id, touched = value, true
		}
	}
}

// stream is one GET /sse: subscriptions of one conflation that begin at comparable positions.
type stream struct {
	wireState
	link          *sseLink
	subscriptions []*Subscription
	conflate      time.Duration
	cancel        context.CancelFunc
	timer         *time.Timer
	answered      bool
}

func newStream(l *sseLink, subscriptions []*Subscription) *stream {
	ctx, cancel := context.WithCancel(context.Background())
	s := &stream{link: l, subscriptions: subscriptions, conflate: subscriptions[0].Conflate(), cancel: cancel}
	s.heardAt = time.Now()
	s.timer = l.deadline(s, &s.answered)
	header := http.Header{"Accept": {"text/event-stream"}}
	authorize(header, l.token)
	go s.run(ctx, s.address(), header)
	return s
}

func (s *stream) address() string {
	query := url.Values{"envelope": {"true"}, "client": {s.link.client}}
	var cursors []string
	named := map[string]bool{}
	for _, each := range s.subscriptions {
		if !named[each.channel] {
			query.Add("channel", each.channel)
		}
		named[each.channel] = true
		if cursor := each.Cursor(); cursor != "" {
			cursors = append(cursors, cursor)
		}
	}
	// The oldest of the cursors (repeats are removed), or what all of them asked for at first.
	where := s.subscriptions[0].position()
	if len(cursors) > 0 {
		where = args{"after": earliest(cursors)}
	}
	for name, value := range where {
		query.Set(name, fmt.Sprint(value))
	}
	if s.conflate > 0 {
		query.Set("conflate", strconv.FormatInt(s.conflate.Milliseconds(), 10))
	}
	return s.link.url.String() + "sse?" + query.Encode()
}

// run has a goroutine of its own, as it waits for the network.
func (s *stream) run(ctx context.Context, address string, header http.Header) {
	err := s.read(ctx, address, header)
	s.link.loop.post(func() { s.down(asError(err)) })
}

func (s *stream) read(ctx context.Context, address string, header http.Header) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header = header
	response, err := s.link.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNoContent {
		return &Error{Status: 204, Code: "ended", Message: "the hub has ended this stream for good"}
	}
	if response.StatusCode != http.StatusOK {
		return problem(response)
	}
	s.link.loop.post(func() { s.answered = true })
	err = readEvents(response.Body, func(id, data string) {
		s.link.loop.post(func() { s.heard(id, data) })
	})
	return disconnected("the SSE stream ended: %v", err)
}

func (s *stream) down(err *Error) {
	if !s.closed {
		s.close()
		s.link.streamDown(s, err)
	}
}

func (s *stream) close() {
	s.closed = true
	s.timer.Stop()
	s.cancel()
}

func (s *stream) carries(subscription *Subscription) bool {
	if subscription.Conflate() != s.conflate {
		return false
	}
	for _, each := range s.subscriptions {
		if each == subscription {
			return true
		}
	}
	return false
}

func (s *stream) isWanted() bool {
	for _, each := range s.subscriptions {
		if s.link.wants(each) && s.carries(each) {
			return true
		}
	}
	return false
}

func (s *stream) heard(id, data string) {
	if s.closed {
		return
	}
	s.link.hear(s)
	if data == "" {
		s.mark(id)
		return
	}
	var f frame
	if err := json.Unmarshal([]byte(data), &f); err != nil {
		s.link.report(&Error{Code: "bad_frame", Message: err.Error()})
		return
	}
	switch f.Type {
	case "ready":
		s.welcome(f)
	case "message", "gap":
		for _, each := range s.subscriptions {
			if s.carries(each) && each.matches(f.Channel) {
				each.take(f)
			}
		}
	case "join", "leave":
		s.link.news(s.link, f)
	case "close":
		s.down(f.closing())
	}
}

func (s *stream) welcome(f frame) {
	s.timer.Stop()
	s.ready = true
	first := s.subscriptions[0]
	alone := !first.isPattern()
	for _, each := range s.subscriptions {
		alone = alone && each.channel == first.channel
	}
	for _, each := range s.subscriptions {
		each.beginStream(f.Cursor, alone)
	}
	s.link.welcome(f)
	s.link.checkReady()
}

// mark: an id without data is a heartbeat; before ready it says where the stream begins.
func (s *stream) mark(cursor string) {
	if !s.ready {
		return
	}
	for _, each := range s.subscriptions {
		if s.carries(each) {
			each.mark(cursor)
		}
	}
}

// sseLink is server-sent events downstream, REST upstream. A request cannot be changed, so new
// subscriptions begin on a stream of their own.
type sseLink struct {
	linkBase
	streams   []*stream
	connected bool
}

func (l *sseLink) pingable() bool  { return false }
func (l *sseLink) pipelines() bool { return false }
func (l *sseLink) ping()           {}

func (l *sseLink) connect() {
	l.connected = true
	l.sync()
	l.checkReady()
}

// join: its subscriptions are in the requests already.
func (l *sseLink) join() {}

func (l *sseLink) sync() {
	if !l.connected || l.closed {
		return
	}
	for _, s := range append([]*stream(nil), l.streams...) {
		if !s.isWanted() {
			s.close()
			l.removeStream(s)
		}
	}
	var missing []*Subscription
	for _, each := range *l.subscriptions {
		if !l.carries(each) {
			missing = append(missing, each)
		}
	}
	for _, group := range groups(missing) {
		l.openStream(group)
	}
	if len(l.streams) > mostStreams && len(l.streams) > len(groups(*l.subscriptions))+1 {
		l.reopen(l)
	}
}

func (l *sseLink) carries(subscription *Subscription) bool {
	for _, s := range l.streams {
		if s.carries(subscription) {
			return true
		}
	}
	return false
}

// groups puts together what one request can ask for.
func groups(subscriptions []*Subscription) [][]*Subscription {
	var found [][]*Subscription
	places := map[string]int{}
	for _, each := range subscriptions {
		where := epochOf(each.Cursor())
		if each.Cursor() == "" {
			where = fmt.Sprint(each.first)
		}
		key := fmt.Sprint(each.Conflate(), where)
		place, known := places[key]
		if !known {
			place = len(found)
			places[key] = place
			found = append(found, nil)
		}
		found[place] = append(found[place], each)
	}
	return found
}

func (l *sseLink) openStream(subscriptions []*Subscription) {
	s := newStream(l, subscriptions)
	l.streams = append(l.streams, s)
	l.wires = append(l.wires, s)
}

func (l *sseLink) removeStream(gone *stream) bool {
	for i, s := range l.streams {
		if s == gone {
			l.streams = append(l.streams[:i:i], l.streams[i+1:]...)
			l.remove(gone)
			return true
		}
	}
	return false
}

func (l *sseLink) request(op string, a args, done func(json.RawMessage, error)) {
	l.rest.request(op, a, done)
}

// authenticate: a stream's token cannot be changed either, so another link takes over.
func (l *sseLink) authenticate(string) { l.reopen(l) }

func (l *sseLink) streamDown(s *stream, err *Error) {
	if l.closed {
		return
	}
	if !l.refuses(err) {
		l.fail(err)
		return
	}
	l.removeStream(s)
	// Those that the hub names are refused; where it names none, each is asked for alone.
	var named []*Subscription
	for _, each := range s.subscriptions {
		for _, channel := range err.channels {
			if each.channel == channel {
				named = append(named, each)
			}
		}
	}
	if len(named) == 0 && len(s.subscriptions) > 1 {
		for _, each := range s.subscriptions {
			l.openStream([]*Subscription{each})
		}
		return
	}
	if len(named) == 0 {
		named = s.subscriptions
	}
	for _, each := range named {
		l.refuse(each, err)
	}
	l.sync()
	l.checkReady()
}
