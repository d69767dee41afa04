"""The state machine that chooses, watches and changes transports."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Protocol

from .errors import HubError, closed
from .link import Link
from .timing import (
    ANSWER_WITHIN,
    HEAD_START,
    LONGEST_TICK,
    PROBE,
    RECONNECT,
    STEADY,
    full_jitter,
)
from .tokens import TokenSource


class Listener(Protocol):
    """What a connection tells the hub object."""

    def state_changed(self, state: str) -> None: ...
    def transport_changed(self, transport: str | None) -> None: ...
    def serving(self, link: Link) -> None: ...
    def report(self, error: BaseException) -> None: ...
    def connection_closed(self, error: HubError | None) -> None: ...


class Connection:
    """Knows links only by what all of them have, and nothing of channels.

    At any time at most one link is `active` and serves; others are candidates. One takes over when
    there is no active link, when that one fell silent, when it replaces one of its kind, or, a
    WebSocket beside a serving stream, when it has answered for five seconds and caught up. The
    old link is closed after the new one serves, never before.
    """

    def __init__(
        self,
        kinds: list[str],
        create_link: Callable[[str, 'Connection'], Link],
        tokens: TokenSource,
        listener: Listener,
    ) -> None:
        self.state = 'connecting'
        self.active: Link | None = None
        self._kinds = kinds
        self._create_link = create_link
        self._tokens = tokens
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._candidates: dict[str, Link] = {}
        self._untried: list[str] = []
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._waiters: list[asyncio.Future[None]] = []
        self._remembered: str | None = None
        self._attempts = 0
        self._probes = 0
        self._retry_after = 0.0
        self._suspect = False

    def start(self) -> None:
        if self.state != 'closed':
            self._seek(self._remembered)

    def close(self, error: HubError | None = None) -> None:
        """Closes for good; `error` says why, when it was not the caller's wish."""
        if self.state == 'closed':
            return
        for name in list(self._timers):
            self._cancel(name)
        self._drop_candidates(lambda link: True)
        self._drop_active()
        self._set_state('closed')
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(error or closed())
        self._listener.connection_closed(error)

    async def when_open(self) -> None:
        """Returns when a link serves; fails when there will be none any more."""
        if self.state == 'closed':
            raise closed()
        if self.state != 'open':
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._waiters.append(waiter)
            await waiter

    def sync(self) -> None:
        """The set of subscriptions has changed."""
        for link in [self.active, *self._candidates.values()]:
            if link:
                link.sync()

    def reopen(self, link: Link) -> None:
        """Opens another link of the same kind, which takes over."""
        if link is self.active:
            self._try(link.kind)

    # ---- finding a link

    def _seek(self, first: str | None) -> None:
        """Opens the link that comes first at once, the next when that fails or takes too long."""
        self._retry_after = 0.0
        if self.active is None:
            self._set_state('connecting')
        self._untried = sorted(self._kinds, key=lambda kind: kind != first)
        self._try_next()
        # Nobody waits for a slow WebSocket. A slow stream may be one that a proxy holds back.
        if self._untried:
            head_start = HEAD_START if self._untried[0] == 'sse' else ANSWER_WITHIN
            self._after('head start', head_start, self._try_next)

    def _try_next(self) -> bool:
        self._cancel('head start')
        if not self._untried:
            return False
        self._try(self._untried.pop(0))
        return True

    def _try(self, kind: str) -> None:
        if kind in self._candidates or self.state == 'closed':
            return
        link = self._candidates[kind] = self._create_link(kind, self)
        task = asyncio.ensure_future(link.open())
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    def _is_candidate(self, link: Link) -> bool:
        return self._candidates.get(link.kind) is link

    def _rank(self, link: Link) -> int:
        return self._kinds.index(link.kind)

    def ready(self, link: Link) -> None:
        if not self._is_candidate(link):
            return
        active = self.active
        if active is None or self._suspect or active.kind == link.kind:
            self._serve(link)
        elif self._rank(link) < self._rank(active):
            # A better link has to answer for a while before it carries anything.
            self._after('trial', STEADY - ANSWER_WITHIN, lambda: self._ask_candidate(link))
        else:
            self._drop_candidate(link)

    def _ask_candidate(self, link: Link) -> None:
        asked_at = self._loop.time()
        link.ping()

        def check() -> None:
            if link.heard_at < asked_at:
                link.fail(silence(link))
                return
            # From the first answer on it reads from the cursors, until it has caught up.
            link.join()
            if self._is_candidate(link):
                self._ask_candidate(link)

        self._after('trial', ANSWER_WITHIN, check)

    def caught_up(self, link: Link) -> None:
        if self._is_candidate(link) and link.is_ready:
            self._serve(link)

    def _serve(self, link: Link) -> None:
        old = self.active
        self._cancel('head start')
        self._forget(link)
        self._drop_candidates(lambda other: self._rank(other) >= self._rank(link))
        self.active = link
        self._suspect = False
        link.join()
        if old:
            old.close()
        self._after('steady', STEADY, lambda: self._steady(link))
        self._watch(link)
        self._schedule_probe()
        # Told last: a listener may close everything.
        self._listener.serving(link)
        if old is None or old.kind != link.kind:
            self._listener.transport_changed(link.kind)
        self._open()

    def _open(self) -> None:
        self._set_state('open')
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _steady(self, link: Link) -> None:
        self._attempts = 0
        if self._rank(link) == 0:
            self._probes = 0
        self._tokens.accepted()
        self._remembered = link.kind

    def _schedule_probe(self) -> None:
        """While a lesser link serves, the best one is tried from time to time."""
        best = self._kinds[0]
        if self.active is None or self.active.kind == best or best in self._candidates:
            return
        if 'probe' not in self._timers:
            self._after('probe', full_jitter(PROBE, self._probes), self._probe)

    def _probe(self) -> None:
        # Counted when it is made: a stream that is cut often must not put off the first attempt.
        self._probes += 1
        self._try(self._kinds[0])

    # ---- watching it

    def _watch(self, link: Link) -> None:
        """Looks four times a heartbeat whether the active link still speaks."""

        def look() -> None:
            silent = self._loop.time() - link.heard_at
            if silent >= link.heartbeat and 'answer' not in self._timers:
                self._ask(link)
            self._watch(link)

        self._after('watch', min(link.heartbeat, LONGEST_TICK) / 4, look)

    def _ask(self, link: Link) -> None:
        """Asks for a sign of life; without one for two heartbeats it is suspected."""
        heard_at = link.heard_at
        if link.pingable:
            link.ping()
        left = heard_at + 2 * link.heartbeat - self._loop.time()

        def check() -> None:
            if link is self.active and link.heard_at <= heard_at:
                self._suspect_active(link)

        self._after('answer', max(ANSWER_WITHIN, left), check)

    def _suspect_active(self, link: Link) -> None:
        """The active link fell silent: it stays, but another is opened."""
        if self._suspect:
            return
        self._suspect = True
        # Told only where no other is ready at once: then nothing goes either way for a while.
        self._after('silence', HEAD_START, self._still_silent)
        self._listener.report(silence(link))
        ready = self._ready_candidate()
        if ready:
            self._serve(ready)
        else:
            self._seek(next((kind for kind in self._kinds if kind != link.kind), None))

    def _still_silent(self) -> None:
        if self._suspect:
            self._set_state('connecting')

    def heard(self, link: Link) -> None:
        if link is self.active and self._suspect:
            self._suspect = False
            self._open()

    # ---- losing it

    def down(self, link: Link, error: HubError) -> None:
        error.transport = error.transport or link.kind
        if link is self.active:
            self._active_down(link, error)
        elif self._is_candidate(link):
            self._candidate_down(link, error)

    def _active_down(self, link: Link, error: HubError) -> None:
        self._drop_active()
        ready = self._ready_candidate()
        if ready is None and self._ends_here(link, error):
            self.close(error)
            return
        self._listener.report(error)
        if ready:
            self._serve(ready)
            return
        below = self._kinds[self._rank(link) + 1 :]
        if error.status == 401:
            self._seek(link.kind)
        elif below and error.status == 0:
            self._seek(below[0])
        else:
            self._wait(error.retry_after)

    def _candidate_down(self, link: Link, error: HubError) -> None:
        self._forget(link)
        if self._ends_here(link, error):
            self.close(error)
            return
        self._listener.report(error)
        self._retry_after = max(self._retry_after, error.retry_after)
        if error.status == 401:
            self._try(link.kind)
        elif self.active and not self._suspect:
            self._schedule_probe()
        elif not self._try_next() and not self._candidates:
            self._drop_active()
            self._wait(self._retry_after)

    def _ends_here(self, link: Link, error: HubError) -> bool:
        """Whether coming back would be refused again. A new token is worth one attempt."""
        if error.status == 401:
            return not self._tokens.refused(link.token)
        return error.is_final

    def _wait(self, retry_after: float) -> None:
        self._drop_candidates(lambda link: True)
        self._set_state('waiting')
        delay = retry_after + full_jitter(RECONNECT, self._attempts)
        self._attempts += 1
        self._after('wait', delay, lambda: self._seek(self._remembered))

    # ---- small change

    def _ready_candidate(self) -> Link | None:
        return next((link for link in self._candidates.values() if link.is_ready), None)

    def _drop_candidates(self, condition: Callable[[Link], bool]) -> None:
        for link in [link for link in self._candidates.values() if condition(link)]:
            self._drop_candidate(link)

    def _drop_candidate(self, link: Link) -> None:
        self._forget(link)
        link.close()

    def _forget(self, link: Link) -> None:
        self._candidates.pop(link.kind, None)
        if self._rank(link) == 0:
            self._cancel('trial')

    def _drop_active(self) -> None:
        link, self.active = self.active, None
        if link is None:
            return
        self._suspect = False
        for name in ('watch', 'answer', 'steady', 'probe'):
            self._cancel(name)
        link.close()
        self._listener.transport_changed(None)

    def _set_state(self, state: str) -> None:
        if state != self.state and self.state != 'closed':
            self.state = state
            self._listener.state_changed(state)

    def _after(self, name: str, delay: float, action: Callable[[], object]) -> None:
        """One timer per name: a new one replaces the old."""
        self._cancel(name)
        # A listener may have closed everything in the middle of a change.
        if self.state == 'closed' or delay == inf:
            return

        def run() -> None:
            del self._timers[name]
            action()

        self._timers[name] = self._loop.call_later(delay, run)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer:
            timer.cancel()


def silence(link: Link) -> HubError:
    return HubError(0, 'silent', f'nothing arrives over {link.kind} any more')
