"""Requests that outlive the connection they were made on."""

import asyncio
from typing import Any

from .errors import HubError
from .link import Link
from .timing import RECONNECT, full_jitter
from .values import Frame

# Requests kept while there is no connection.
KEPT = 100
# A publish that may have arrived is not sent again later than this (s): with a last request it
# stays within the two minutes for which a hub knows a repeat.
REPEAT_WITHIN = 90.0


class Entry:
    def __init__(self, op: str, args: Frame, repeat: bool) -> None:
        self.op = op
        self.args = args
        self.repeat = repeat
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.link: Link | None = None
        self.attempts = 0
        self.resting = False
        self.sent_at = 0.0


class Outbox:
    """What a broken link did not answer goes out again on the next, publishes in their order."""

    def __init__(self) -> None:
        self._link: Link | None = None
        self._entries: list[Entry] = []
        self._closed: HubError | None = None

    async def add(self, op: str, args: Frame, *, repeat: bool) -> Any:
        if self._closed:
            raise self._closed
        if not self._usable and len(self._entries) >= KEPT:
            raise HubError(503, 'queue_full', f'{KEPT} requests wait for a connection already')
        entry = Entry(op, args, repeat)
        self._entries.append(entry)
        self._pump()
        return await entry.answer

    def use(self, link: Link) -> None:
        """The link that takes requests from now on."""
        self._link = link
        self._pump()

    def close(self, error: HubError) -> None:
        self._closed = error
        for entry in self._entries:
            if not entry.answer.done():
                entry.answer.set_exception(error)
        self._entries.clear()

    @property
    def _usable(self) -> bool:
        return self._link is not None and not self._link.closed

    def _pump(self) -> None:
        link = self._link
        if link is None or link.closed:
            return
        may_publish = True
        for entry in list(self._entries):
            publish = entry.op == 'publish'
            if entry.link is None and not entry.resting and (may_publish or not publish):
                self._send(entry, link)
            # What has still to be answered elsewhere, or rests, must not be overtaken.
            if publish and (entry.link is not link or not link.pipelines):
                may_publish = False

    def _send(self, entry: Entry, link: Link) -> None:
        entry.link = link
        entry.attempts += 1
        entry.sent_at = entry.sent_at or asyncio.get_running_loop().time()
        link.request(entry.op, entry.args).add_done_callback(
            lambda answer: self._answered(entry, answer)
        )

    def _answered(self, entry: Entry, answer: 'asyncio.Future[Any]') -> None:
        if entry not in self._entries:
            answer.cancelled() or answer.exception()
            return
        error = answer.exception()
        if error is None:
            self._settle(entry, answer.result(), None)
        elif isinstance(error, HubError) and self._may_repeat(entry, error):
            self._repeat(entry, error)
        else:
            self._settle(entry, None, error)

    def _may_repeat(self, entry: Entry, error: HubError) -> bool:
        """A broken connection passes; a hub that is unavailable may, so it is asked three times."""
        passing = error.status == 0 or (error.status in (502, 503, 504) and entry.attempts < 3)
        return entry.repeat and passing

    def _repeat(self, entry: Entry, error: HubError) -> None:
        loop = asyncio.get_running_loop()
        if entry.op == 'publish' and loop.time() - entry.sent_at > REPEAT_WITHIN:
            text = f'no answer for {REPEAT_WITHIN:.0f} s: the message may have been published'
            self._settle(entry, None, HubError(0, 'unanswered', text))
            return
        abandoned = entry.link is not self._link or not self._usable
        entry.link = None
        if abandoned:
            self._pump()
            return
        entry.resting = True
        delay = error.retry_after + full_jitter(RECONNECT, entry.attempts - 1)
        loop.call_later(delay, self._rested, entry)

    def _rested(self, entry: Entry) -> None:
        entry.resting = False
        self._pump()

    def _settle(self, entry: Entry, answer: Any, error: BaseException | None) -> None:
        self._entries.remove(entry)
        # Who asked may have been cancelled.
        if not entry.answer.done():
            if error is None:
                entry.answer.set_result(answer)
            else:
                entry.answer.set_exception(error)
        self._pump()
