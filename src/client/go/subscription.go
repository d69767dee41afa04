package anabranch

import (
	"strings"
	"sync"
	"time"
)

// Subscription is one reader's place in the log. Its cursor says "all up to here was handed on": a
// new link reads from there, so it does not matter which link a message came by, nor how often.
type Subscription struct {
	owner   owner
	channel string
	handler func(Message)
	first   args

	mu       sync.Mutex
	conflate time.Duration
	closed   bool
	cursor   string

	// The rest is for the loop alone.
	start string
	// Channel → id of the last message handed on; a pattern reads many channels.
	seen map[string]string
	// Channels whose last message was a conflated one: the next one's prev proves nothing.
	skipping map[string]bool
	// What waits while a hole is filled.
	repairing bool
	held      []frame
}

// owner is what a subscription needs of its hub.
type owner interface {
	count(of *int64)
	counters() *Stats
	tellGap(Gap)
	hand(func(Message), Message)
	report(error)
	changed(*Subscription)
	patientHistory(channel, after string, then func(Page, error))
}

func newSubscription(o owner, channel string, handler func(Message), options SubscribeOptions) *Subscription {
	s := &Subscription{
		owner: o, channel: channel, handler: handler, conflate: options.Conflate,
		first: args{}, seen: map[string]string{}, skipping: map[string]bool{},
	}
	if options.After != "" {
		s.first["after"] = options.After
	} else if options.Last > 0 {
		s.first["last"] = options.Last
	}
	if options.After != "earliest" {
		s.cursor, s.start = options.After, options.After
	}
	return s
}

// Channel is the channel, or the pattern.
func (s *Subscription) Channel() string { return s.channel }

// Cursor is empty until the hub has said where this began.
func (s *Subscription) Cursor() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursor
}

// Conflate is the time in which at most one message of each channel comes; 0 for all.
func (s *Subscription) Conflate() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conflate
}

// Closed tells whether it was closed, or refused by the hub.
func (s *Subscription) Closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Update changes Conflate while reading on; 0 asks for every message again.
func (s *Subscription) Update(conflate time.Duration) {
	s.mu.Lock()
	s.conflate = conflate
	s.mu.Unlock()
	s.owner.changed(s)
}

// Close ends it. A handler that is running may still be given what was handed on before.
func (s *Subscription) Close() {
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if !was {
		s.owner.changed(s)
	}
}

func (s *Subscription) moveTo(cursor string) {
	s.mu.Lock()
	s.cursor = cursor
	s.mu.Unlock()
}

// position is where to ask the hub to begin: at the cursor, before there is one as the caller said.
func (s *Subscription) position() args {
	if cursor := s.Cursor(); cursor != "" {
		return args{"after": cursor}
	}
	return s.first
}

func (s *Subscription) isLive() bool { return len(s.first) == 0 }

func (s *Subscription) isPattern() bool { return strings.HasSuffix(s.channel, "*") }

func (s *Subscription) matches(channel string) bool {
	if s.isPattern() {
		return strings.HasPrefix(channel, s.prefix())
	}
	return channel == s.channel
}

func (s *Subscription) prefix() string { return strings.TrimSuffix(s.channel, "*") }

// overlaps tells whether some message may be for both.
func (s *Subscription) overlaps(other *Subscription) bool {
	return s.matches(other.prefix()) || other.matches(s.prefix())
}

// begin: the hub began to read at head; so many messages of before it are still to come.
func (s *Subscription) begin(head string, replayed int) {
	if s.start == "" {
		s.start = head
	}
	if replayed == 0 || s.isLive() {
		s.mark(head)
	}
}

// beginStream: an event stream began, before the first message that it will send of any channel.
// For one channel this is where it began; of several, that asked for their last messages, it tells
// nothing, and of all that there is neither.
func (s *Subscription) beginStream(cursor string, alone bool) {
	_, last := s.first["last"]
	if s.isLive() || alone && last {
		s.begin(cursor, 0)
	}
}

// mark: the hub says that nothing up to cursor is still to come.
func (s *Subscription) mark(cursor string) {
	// While the first messages are on their way, the hub is not at the beginning yet.
	early := s.start != "" && epochOf(s.start) == epochOf(cursor) && isLater(s.start, cursor)
	if !s.repairing && !early && isLater(cursor, s.Cursor()) {
		s.moveTo(cursor)
	}
}

// take takes a message or gap frame from any link.
func (s *Subscription) take(f frame) {
	switch {
	case s.Closed():
	case s.repairing:
		s.held = append(s.held, f)
	case f.Type == "gap":
		s.takeGap(f)
	default:
		s.takeMessage(f)
	}
}

func (s *Subscription) takeMessage(f frame) {
	m := f.message()
	at := s.at(m.Channel)
	switch {
	case s.isRepeat(m, at):
		s.owner.count(&s.owner.counters().Repeats)
	case at != "" && epochOf(at) != epochOf(m.ID):
		s.raise(Gap{m.Channel, at, m.Prev, "reset"})
		s.deliver(m)
	case s.isHole(m, at):
		s.repairing, s.held = true, []frame{f}
		s.repair(m)
	default:
		s.deliver(m)
	}
}

func (s *Subscription) takeGap(f frame) {
	at := s.at(f.Channel)
	// Read from an older cursor than this reader's own: what is missing there was seen here.
	if at != "" && f.Resumed != "" && !isLater(f.Resumed, at) {
		return
	}
	s.raise(Gap{f.Channel, f.After, f.Resumed, f.Reason})
	if f.Channel == s.channel && s.isPattern() {
		// Of a whole pattern: where its channels go on, only their next messages tell.
		s.seen, s.start = map[string]string{}, ""
		return
	}
	s.seen[f.Channel] = f.Resumed
}

func (s *Subscription) at(channel string) string {
	if last, seen := s.seen[channel]; seen {
		return last
	}
	return s.start
}

func (s *Subscription) isRepeat(m Message, at string) bool {
	if at == "" || isLater(m.ID, at) {
		return false
	}
	// The messages that `last` and `earliest` ask for are older than the start.
	_, seen := s.seen[m.Channel]
	return s.isLive() || seen
}

func (s *Subscription) isHole(m Message, at string) bool {
	proves := s.Conflate() == 0 && !s.skipping[m.Channel]
	return at != "" && m.Prev != "" && proves && isLater(m.Prev, at)
}

func (s *Subscription) deliver(m Message) {
	if s.Closed() {
		return
	}
	s.seen[m.Channel] = m.ID
	if s.Conflate() > 0 {
		s.skipping[m.Channel] = true
	} else {
		delete(s.skipping, m.Channel)
	}
	if isLater(m.ID, s.Cursor()) {
		s.moveTo(m.ID)
	}
	s.owner.count(&s.owner.counters().Messages)
	s.owner.hand(s.handler, m)
}

// repair hands on what lies before m, then m and what came since.
func (s *Subscription) repair(m Message) {
	at := s.at(m.Channel)
	if s.Closed() || at == "" || !isLater(m.Prev, at) {
		s.repaired(m)
		return
	}
	s.owner.patientHistory(m.Channel, at, func(page Page, err error) {
		if err != nil {
			s.owner.report(err)
			s.raiseBefore(m, "unavailable")
			s.repaired(m)
			return
		}
		for _, missing := range page.Messages {
			s.fill(missing, m)
		}
		if page.More && len(page.Messages) > 0 {
			s.repair(m)
		} else {
			s.repaired(m)
		}
	})
}

func (s *Subscription) repaired(m Message) {
	s.raiseBefore(m, "expired")
	held := s.held
	s.repairing, s.held = false, nil
	for _, f := range held {
		s.take(f)
	}
}

func (s *Subscription) fill(missing, upTo Message) {
	if isLater(missing.ID, s.at(missing.Channel)) && isLater(upTo.ID, missing.ID) {
		s.raiseBefore(missing, "expired")
		s.owner.count(&s.owner.counters().Repaired)
		s.deliver(missing)
	}
}

func (s *Subscription) raiseBefore(m Message, reason string) {
	at := s.at(m.Channel)
	if at != "" && m.Prev != "" && isLater(m.Prev, at) {
		s.raise(Gap{m.Channel, at, m.Prev, reason})
		s.seen[m.Channel] = m.Prev
	}
}

func (s *Subscription) raise(gap Gap) {
	if !s.Closed() {
		s.owner.count(&s.owner.counters().Gaps)
		s.owner.tellGap(gap)
	}
}
