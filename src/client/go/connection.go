package anabranch

import (
	"sort"
	"time"
)

// connection chooses, watches and changes transports. It knows links only by what all of them have,
// and nothing of channels. For the loop alone.
//
// At any time at most one link is active and serves; others are candidates. One takes over when
// there is no active link, when that one fell silent, when it replaces one of its kind, or, a
// WebSocket beside a serving stream, when it has answered for five seconds and caught up. The old
// link is closed after the new one serves, never before.
type connection struct {
	listener
	kinds      []Transport
	tokens     *tokenSource
	state      State
	active     link
	candidates map[Transport]link
	untried    []Transport
	timers     *timers
	silence    *silenceWatch
	waiters    []func(error)
	remembered Transport
	attempts   int
	probes     int
	retryAfter time.Duration
	suspect    bool
}

func newConnection(l listener, loop *queue, kinds []Transport, tokens *tokenSource) *connection {
	c := &connection{
		listener: l, kinds: kinds, tokens: tokens, state: Connecting,
		candidates: map[Transport]link{}, timers: newTimers(loop),
	}
	c.silence = &silenceWatch{timers: c.timers, onSilent: c.suspectActive}
	return c
}

func (c *connection) start() {
	if c.state != Closed {
		c.seek(c.remembered)
	}
}

// close closes for good; err says why, when it was not the caller's wish.
func (c *connection) close(err *Error) {
	if c.state == Closed {
		return
	}
	c.timers.close()
	c.dropCandidates(func(link) bool { return true })
	c.dropActive()
	c.setState(Closed)
	reason := err
	if reason == nil {
		reason = errClosed()
	}
	c.wake(reason)
	c.connectionClosed(err)
}

// whenOpen tells when a link serves, or that there will be none any more.
func (c *connection) whenOpen(then func(error)) {
	switch c.state {
	case Open:
		then(nil)
	case Closed:
		then(errClosed())
	default:
		c.waiters = append(c.waiters, then)
	}
}

func (c *connection) wake(err error) {
	waiters := c.waiters
	c.waiters = nil
	for _, then := range waiters {
		then(err)
	}
}

// sync: the set of subscriptions has changed.
func (c *connection) sync() {
	if c.active != nil {
		c.active.sync()
	}
	for _, l := range c.candidateList() {
		l.sync()
	}
}

// reopen opens another link of the same kind, which takes over.
func (c *connection) reopen(l link) {
	if l == c.active {
		c.try(l.base().kind)
	}
}

// ---- finding a link

// seek opens the link that comes first at once, the next when that fails or takes too long.
func (c *connection) seek(first Transport) {
	c.retryAfter = 0
	if c.active == nil {
		c.setState(Connecting)
	}
	c.untried = append([]Transport(nil), c.kinds...)
	sort.SliceStable(c.untried, func(i, j int) bool { return c.untried[i] == first && c.untried[j] != first })
	c.tryNext()
	// Nobody waits for a slow WebSocket. A slow stream may be one that a proxy holds back.
	if len(c.untried) > 0 {
		wait := answerWithin
		if c.untried[0] == SSE {
			wait = headStart
		}
		c.timers.after("head start", wait, func() { c.tryNext() })
	}
}

func (c *connection) tryNext() bool {
	c.timers.cancel("head start")
	if len(c.untried) == 0 {
		return false
	}
	kind := c.untried[0]
	c.untried = c.untried[1:]
	c.try(kind)
	return true
}

func (c *connection) try(kind Transport) {
	if c.candidates[kind] == nil && c.state != Closed {
		l := c.createLink(kind)
		c.candidates[kind] = l
		l.base().open()
	}
}

func (c *connection) isCandidate(l link) bool { return c.candidates[l.base().kind] == l }

func (c *connection) rank(l link) int {
	for i, kind := range c.kinds {
		if kind == l.base().kind {
			return i
		}
	}
	return len(c.kinds)
}

func (c *connection) ready(l link) {
	switch {
	case !c.isCandidate(l):
	case c.active == nil || c.suspect || c.active.base().kind == l.base().kind:
		c.serve(l)
	case c.rank(l) < c.rank(c.active):
		// A better link has to answer for a while before it carries anything.
		c.timers.after("trial", steady-answerWithin, func() { c.askCandidate(l) })
	default:
		c.dropCandidate(l)
	}
}

func (c *connection) askCandidate(l link) {
	askedAt := time.Now()
	l.ping()
	c.timers.after("trial", answerWithin, func() {
		if l.base().heardAt().Before(askedAt) {
			l.base().fail(silent(l))
			return
		}
		// From the first answer on it reads from the cursors, until it has caught up.
		l.join()
		if c.isCandidate(l) {
			c.askCandidate(l)
		}
	})
}

func (c *connection) caughtUp(l link) {
	if c.isCandidate(l) && l.base().isReady {
		c.serve(l)
	}
}

func (c *connection) serve(l link) {
	old := c.active
	c.timers.cancel("head start")
	c.forget(l)
	c.dropCandidates(func(other link) bool { return c.rank(other) >= c.rank(l) })
	c.active = l
	c.suspect = false
	l.join()
	if old != nil {
		old.base().close()
	}
	c.timers.after("steady", steady, func() { c.steady(l) })
	c.silence.watch(l)
	c.scheduleProbe()
	// Told last: a listener may close everything.
	c.serving(l)
	if old == nil || old.base().kind != l.base().kind {
		c.transportChanged(l.base().kind)
	}
	c.open()
}

func (c *connection) open() {
	c.setState(Open)
	c.wake(nil)
}

func (c *connection) steady(l link) {
	c.attempts = 0
	if c.rank(l) == 0 {
		c.probes = 0
	}
	c.tokens.accepted()
	c.remembered = l.base().kind
}

// scheduleProbe: while a lesser link serves, the best one is tried from time to time.
func (c *connection) scheduleProbe() {
	best := c.kinds[0]
	if c.active == nil || c.active.base().kind == best || c.candidates[best] != nil || c.timers.has("probe") {
		return
	}
	c.timers.after("probe", probe.wait(c.probes), func() {
		// Counted when it is made: a stream that is cut often must not put off the first attempt.
		c.probes++
		c.try(best)
	})
}

// ---- watching it

// suspectActive: the active link fell silent. It stays, but another is opened.
func (c *connection) suspectActive(l link) {
	if c.suspect {
		return
	}
	c.suspect = true
	// Told only where no other is ready at once: then nothing goes either way for a while.
	c.timers.after("silence", headStart, func() {
		if c.suspect {
			c.setState(Connecting)
		}
	})
	c.report(silent(l))
	if ready := c.readyCandidate(); ready != nil {
		c.serve(ready)
		return
	}
	var other Transport
	for _, kind := range c.kinds {
		if kind != l.base().kind {
			other = kind
		}
	}
	c.seek(other)
}

func (c *connection) heard(l link) {
	if l == c.active && c.suspect {
		c.suspect = false
		c.open()
	}
}

func silent(l link) *Error {
	return &Error{Code: "silent", Message: "nothing arrives over " + string(l.base().kind) + " any more"}
}

// ---- losing it

func (c *connection) down(l link, err *Error) {
	if l == c.active {
		c.activeDown(l, err)
	} else if c.isCandidate(l) {
		c.candidateDown(l, err)
	}
}

func (c *connection) activeDown(l link, err *Error) {
	c.dropActive()
	ready := c.readyCandidate()
	if ready == nil && c.endsHere(l, err) {
		c.close(err)
		return
	}
	c.report(err)
	switch {
	case ready != nil:
		c.serve(ready)
	case err.Status == 401:
		c.seek(l.base().kind)
	case err.Status == 0 && c.rank(l)+1 < len(c.kinds):
		c.seek(c.kinds[c.rank(l)+1])
	default:
		c.wait(err.RetryAfter)
	}
}

func (c *connection) candidateDown(l link, err *Error) {
	c.forget(l)
	if c.endsHere(l, err) {
		c.close(err)
		return
	}
	c.report(err)
	if err.RetryAfter > c.retryAfter {
		c.retryAfter = err.RetryAfter
	}
	switch {
	case err.Status == 401:
		c.try(l.base().kind)
	case c.active != nil && !c.suspect:
		c.scheduleProbe()
	case !c.tryNext() && len(c.candidates) == 0:
		c.dropActive()
		c.wait(c.retryAfter)
	}
}

// endsHere tells whether coming back would be refused again. A new token is worth one attempt.
func (c *connection) endsHere(l link, err *Error) bool {
	if err.Status == 401 {
		return !c.tokens.refused(l.base().token)
	}
	return err.isFinal()
}

func (c *connection) wait(retryAfter time.Duration) {
	c.dropCandidates(func(link) bool { return true })
	c.setState(Waiting)
	delay := retryAfter + reconnect.wait(c.attempts)
	c.attempts++
	c.timers.after("wait", delay, func() { c.seek(c.remembered) })
}

// ---- small change

// candidateList gives them best first, and stays as it is while they change.
func (c *connection) candidateList() []link {
	var list []link
	for _, kind := range c.kinds {
		if l := c.candidates[kind]; l != nil {
			list = append(list, l)
		}
	}
	return list
}

func (c *connection) readyCandidate() link {
	for _, l := range c.candidateList() {
		if l.base().isReady {
			return l
		}
	}
	return nil
}

func (c *connection) dropCandidates(condition func(link) bool) {
	for _, l := range c.candidateList() {
		if condition(l) {
			c.dropCandidate(l)
		}
	}
}

func (c *connection) dropCandidate(l link) {
	c.forget(l)
	l.base().close()
}

func (c *connection) forget(l link) {
	delete(c.candidates, l.base().kind)
	if c.rank(l) == 0 {
		c.timers.cancel("trial")
	}
}

func (c *connection) dropActive() {
	l := c.active
	if l == nil {
		return
	}
	c.active = nil
	c.suspect = false
	c.silence.stop()
	c.timers.cancel("steady")
	c.timers.cancel("probe")
	l.base().close()
	c.transportChanged("")
}

func (c *connection) setState(state State) {
	if state != c.state && c.state != Closed {
		c.state = state
		c.stateChanged(state)
	}
}
