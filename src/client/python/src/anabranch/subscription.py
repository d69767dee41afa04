"""One reader's place in the log."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from .errors import HubError
from .ids import epoch_of, is_later, seq_of
from .values import Frame, Gap, Message, Page

Handler = Callable[[Message], object]


class Stats:
    """Messages handed on, repeats removed, missing ones fetched, gaps told."""

    def __init__(self) -> None:
        self.messages = 0
        self.repeats = 0
        self.repaired = 0
        self.gaps = 0


class Owner(Protocol):
    """What a subscription needs of its hub."""

    stats: Stats

    def tell_gap(self, gap: Gap) -> None: ...
    def report(self, error: BaseException) -> None: ...
    def changed(self, subscription: 'Subscription') -> None: ...
    def spawn(self, work: Awaitable[Any]) -> None: ...
    async def patient_history(self, channel: str, after: str) -> Page: ...


class Subscription:
    """Hands on each message once and in order.

    `cursor` says "all up to here was handed on": a new link reads from there, so it does not
    matter which link a message came by, nor how often. It is None before the hub has said where
    this began.
    """

    def __init__(
        self,
        owner: Owner,
        channel: str,
        handler: Handler,
        last: int | None,
        after: str | None,
        conflate: int,
    ) -> None:
        self.channel = channel
        self.conflate = conflate
        self.closed = False
        self.cursor = after if after != 'earliest' else None
        self._owner = owner
        self._handler = handler
        self._first: Frame = {'after': after} if after else {'last': last} if last else {}
        self._start = self.cursor
        # Channel → id of the last message handed on; a pattern reads many channels.
        self._seen: dict[str, str | None] = {}
        # Channels whose last message was a conflated one: the next one's `prev` proves nothing.
        self._skipping: set[str] = set()
        # What waits while a hole is filled; None when none is.
        self._held: list[Frame] | None = None

    def update(self, *, conflate: int) -> None:
        """Changes `conflate` (ms) while reading on; 0 asks for every message again."""
        self.conflate = conflate
        self._owner.changed(self)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._owner.changed(self)

    @property
    def position(self) -> Frame:
        """Where to ask the hub to begin: at the cursor, before there is one as the caller said."""
        return {'after': self.cursor} if self.cursor else self._first

    @property
    def is_live(self) -> bool:
        return not self._first

    def matches(self, channel: str) -> bool:
        if self.channel.endswith('*'):
            return channel.startswith(self.channel[:-1])
        return channel == self.channel

    def overlaps(self, other: 'Subscription') -> bool:
        """Whether some message may be for both."""
        mine, others = self.channel.rstrip('*'), other.channel.rstrip('*')
        return self.matches(others) or other.matches(mine)

    def begin(self, head: str, replayed: int) -> None:
        """The hub began to read at `head`; `replayed` messages of before it are still to come."""
        self._start = self._start or head
        if replayed == 0 or self.is_live:
            self.mark(head)

    def begin_stream(self, cursor: str, alone: bool) -> None:
        """An event stream began, before the first message that it will send of any channel.

        For one channel this is where it began; of several, that asked for their last messages, it
        tells nothing, and of all that there is neither.
        """
        if self.is_live or (alone and 'last' in self._first):
            self.begin(cursor, 0)

    def mark(self, cursor: str) -> None:
        """The hub says that nothing up to `cursor` is still to come."""
        if self._held is None and is_later(cursor, self.cursor) and not self._is_before(cursor):
            self.cursor = cursor

    def _is_before(self, cursor: str) -> bool:
        """While the first messages are on their way, the hub is not at the beginning yet."""
        start = self._start
        same = start is not None and epoch_of(start) == epoch_of(cursor)
        return same and start is not None and seq_of(cursor) < seq_of(start)

    def take(self, frame: Frame) -> None:
        """Takes a `message` or `gap` frame from any link."""
        if self.closed:
            return
        if self._held is not None:
            self._held.append(frame)
        elif frame['type'] == 'gap':
            self._take_gap(frame)
        else:
            self._take_message(frame)

    def _take_message(self, frame: Frame) -> None:
        channel, id, at = frame['channel'], frame['id'], self._at(frame['channel'])
        if self._is_repeat(channel, id, at):
            self._owner.stats.repeats += 1
        elif at and epoch_of(at) != epoch_of(id):
            self._raise(Gap(channel, at, frame.get('prev'), 'reset'))
            self._deliver(frame)
        elif self._is_hole(frame, at):
            self._held = [frame]
            self._owner.spawn(self._repair(frame))
        else:
            self._deliver(frame)

    def _take_gap(self, frame: Frame) -> None:
        channel, resumed, at = frame['channel'], frame.get('resumed'), self._at(frame['channel'])
        # Read from an older cursor than this reader's own: what is missing there was seen here.
        if at and resumed and not is_later(resumed, at):
            return
        self._raise(Gap(channel, frame.get('after'), resumed, frame['reason']))
        if channel == self.channel and channel.endswith('*'):
            # Of a whole pattern: where its channels go on, only their next messages tell.
            self._seen.clear()
            self._start = None
        else:
            self._seen[channel] = resumed

    def _at(self, channel: str) -> str | None:
        return self._seen.get(channel, self._start)

    def _is_repeat(self, channel: str, id: str, at: str | None) -> bool:
        if at is None or is_later(id, at):
            return False
        # The messages that `last` and `earliest` ask for are older than the start.
        return self.is_live or channel in self._seen

    def _is_hole(self, frame: Frame, at: str | None) -> bool:
        prev = frame.get('prev')
        proves = not self.conflate and frame['channel'] not in self._skipping
        return bool(at and prev and proves and is_later(prev, at))

    def _deliver(self, frame: Frame) -> None:
        if self.closed:
            return
        channel, id = frame['channel'], frame['id']
        self._seen[channel] = id
        if self.conflate:
            self._skipping.add(channel)
        else:
            self._skipping.discard(channel)
        if is_later(id, self.cursor):
            self.cursor = id
        self._owner.stats.messages += 1
        try:
            result = self._handler(Message.of(frame))
            if inspect.isawaitable(result):
                self._owner.spawn(result)
        except Exception as e:
            self._owner.report(e)

    async def _repair(self, frame: Frame) -> None:
        """Hands on what lies before `frame`, then `frame` and what came since."""
        try:
            await self._fetch_up_to(frame)
        except HubError as e:
            self._owner.report(e)
            self._raise_before(frame['channel'], frame['prev'], 'unavailable')
        self._raise_before(frame['channel'], frame['prev'], 'expired')
        held, self._held = self._held or [], None
        for each in held:
            self.take(each)

    async def _fetch_up_to(self, frame: Frame) -> None:
        channel, more = frame['channel'], True
        while more and not self.closed:
            at = self._at(channel)
            if at is None or not is_later(frame['prev'], at):
                return
            page = await self._owner.patient_history(channel, at)
            for message in page.messages:
                at = self._at(channel)
                if not is_later(message.id, at) or not is_later(frame['id'], message.id):
                    continue
                self._raise_before(channel, message.prev, 'expired')
                self._owner.stats.repaired += 1
                self._deliver(vars(message))
            more = page.more and bool(page.messages)

    def _raise_before(self, channel: str, prev: str | None, reason: str) -> None:
        at = self._at(channel)
        if at and prev and is_later(prev, at):
            self._raise(Gap(channel, at, prev, reason))
            self._seen[channel] = prev

    def _raise(self, gap: Gap) -> None:
        if not self.closed:
            self._owner.stats.gaps += 1
            self._owner.tell_gap(gap)
