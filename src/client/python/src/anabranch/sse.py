"""Server-sent events downstream, REST upstream."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import aiohttp
from yarl import URL

from .errors import HubError, closing, disconnected
from .ids import earliest, epoch_of
from .link import Link, Wire, broken
from .rest import authorization, problem
from .subscription import Subscription
from .timing import OPEN_WITHIN
from .values import Frame

# So many streams of one link are gathered into fewer where that can be.
MOST_STREAMS = 4


class EventParser:
    """Events as the HTML standard reads them, and also those that only carry an id."""

    def __init__(self) -> None:
        self._rest = b''
        self._id = ''
        self._data: list[str] = []
        self._touched = False

    def push(self, chunk: bytes) -> Iterable[tuple[str, str]]:
        """Gives the events that `chunk` completes, as id and data."""
        # Whether a CR at the end ends a line, or a CRLF, only the next byte tells.
        text = self._rest + chunk
        whole = text[:-1] if text.endswith(b'\r') else text
        lines = whole.replace(b'\r\n', b'\n').replace(b'\r', b'\n').split(b'\n')
        self._rest = lines.pop() + text[len(whole) :]
        for line in lines:
            if line:
                self._line(line.decode('utf-8', 'replace'))
                continue
            if self._touched:
                yield self._id, '\n'.join(self._data)
            self._data, self._touched = [], False

    def _line(self, line: str) -> None:
        field, _, value = line.partition(':')
        value = value.removeprefix(' ')
        if field == 'data':
            self._data.append(value)
        elif field == 'id':
            self._id = value
        self._touched = self._touched or field in ('data', 'id')


class Stream(Wire):
    """One `GET /sse`: subscriptions of one `conflate` that begin at comparable positions."""

    def __init__(self, link: 'SseLink', subscriptions: list[Subscription]) -> None:
        super().__init__()
        self._link = link
        self._subscriptions = subscriptions
        self._conflate = subscriptions[0].conflate
        self._answered = False
        self._deadline = asyncio.get_running_loop().call_later(OPEN_WITHIN, self._late)
        self._task = asyncio.ensure_future(self._run())

    def _late(self) -> None:
        self._link.fail(self._link.late(self._answered))

    def close(self) -> None:
        self._deadline.cancel()
        self._task.cancel()

    def carries(self, subscription: Subscription) -> bool:
        return subscription.conflate == self._conflate and subscription in self._subscriptions

    @property
    def is_wanted(self) -> bool:
        wanted = self._link.context.subscriptions
        return any(each in wanted and self.carries(each) for each in self._subscriptions)

    def _url(self) -> URL:
        context = self._link.context
        query = [('channel', name) for name in dict.fromkeys(s.channel for s in self._subscriptions)]
        # The oldest of the cursors (repeats are removed), or what all of them asked for at first.
        cursors = [each.cursor for each in self._subscriptions if each.cursor]
        where = {'after': earliest(cursors)} if cursors else self._subscriptions[0].position
        query += [(name, str(value)) for name, value in where.items()]
        query += [('envelope', 'true'), ('client', context.client)]
        if self._conflate:
            query.append(('conflate', str(self._conflate)))
        return context.base / 'sse' % query

    async def _run(self) -> None:
        try:
            await self._read()
            self._down(disconnected('the SSE stream ended'))
        except HubError as e:
            self._down(e)
        except (aiohttp.ClientError, OSError) as e:
            self._down(broken(self._link, e))

    async def _read(self) -> None:
        link = self._link
        headers = {'Accept': 'text/event-stream', **authorization(link.token)}
        forever = aiohttp.ClientTimeout(total=None)
        async with link.context.http.get(self._url(), headers=headers, timeout=forever) as response:
            if response.status == 204:
                raise HubError(204, 'ended', 'the hub has ended this stream for good')
            if not response.ok:
                raise await problem(response)
            self._answered = True
            parser = EventParser()
            async for chunk in response.content.iter_any():
                link.hear(self)
                for id, data in parser.push(chunk):
                    self._take(id, data)

    def _down(self, error: HubError) -> None:
        self.close()
        self._link.stream_down(self, self._subscriptions, error)

    def _take(self, id: str, data: str) -> None:
        if not data:
            self._mark(id)
            return
        frame = json.loads(data)
        match frame['type']:
            case 'ready':
                self._welcome(frame)
            case 'message' | 'gap':
                for subscription in self._subscriptions:
                    if self.carries(subscription) and subscription.matches(frame['channel']):
                        subscription.take(frame)
            case 'join' | 'leave':
                self._link.context.presence_news(self._link, frame)
            case 'close':
                raise closing(frame['code'], frame.get('reason'), frame.get('retryAfter'))

    def _welcome(self, frame: Frame) -> None:
        self._deadline.cancel()
        self.is_ready = True
        channels = {subscription.channel for subscription in self._subscriptions}
        alone = len(channels) == 1 and not next(iter(channels)).endswith('*')
        for subscription in self._subscriptions:
            subscription.begin_stream(frame['cursor'], alone)
        self._link.welcome(frame)
        self._link.check_ready()

    def _mark(self, cursor: str) -> None:
        """An id without data is a heartbeat; before `ready` it says where the stream begins."""
        if self.is_ready:
            for subscription in self._subscriptions:
                if self.carries(subscription):
                    subscription.mark(cursor)


class SseLink(Link):
    """A request cannot be changed, so new subscriptions begin on a stream of their own."""

    kind = 'sse'
    pingable = False
    pipelines = False
    _connected = False

    def connect(self) -> None:
        self._connected = True
        self.sync()
        self.check_ready()

    def join(self) -> None:
        """Its subscriptions are in the requests already."""

    def sync(self) -> None:
        if not self._connected or self.closed:
            return
        for stream in self._streams:
            if not stream.is_wanted:
                self._remove(stream)
        wanted = self.context.subscriptions
        carried = [each for each in wanted if any(s.carries(each) for s in self._streams)]
        for group in _groups(each for each in wanted if each not in carried):
            self._wires.append(Stream(self, group))
        if len(self._wires) > MOST_STREAMS and len(self._wires) > len(_groups(wanted)) + 1:
            self.context.reopen(self)

    @property
    def _streams(self) -> list[Stream]:
        return [wire for wire in self._wires if isinstance(wire, Stream)]

    def _remove(self, stream: Stream) -> None:
        stream.close()
        self._wires.remove(stream)

    def request(self, op: str, args: Frame) -> 'asyncio.Future[Any]':
        return asyncio.ensure_future(self.context.rest.request(op, args))

    async def authenticate(self, token: str | None) -> None:
        """A stream's token cannot be changed either: another link takes over."""
        self.context.reopen(self)

    def stream_down(
        self, stream: Stream, subscriptions: list[Subscription], error: HubError
    ) -> None:
        if self.closed or stream not in self._wires:
            return
        if not self.refuses(error):
            self.fail(error)
            return
        self._wires.remove(stream)
        # Those that the hub names are refused; where it names none, each is asked for alone.
        named = [each for each in subscriptions if each.channel in error.channels]
        if not named and len(subscriptions) > 1:
            self._wires += [Stream(self, [each]) for each in subscriptions]
            return
        for subscription in named or subscriptions:
            self.context.refuse(subscription, error)
        self.sync()
        self.check_ready()


def _groups(subscriptions: Iterable[Subscription]) -> list[list[Subscription]]:
    """Together what one request can ask for."""
    groups: dict[tuple[int, str], list[Subscription]] = {}
    for each in subscriptions:
        where = epoch_of(each.cursor) if each.cursor else repr(each.position)
        groups.setdefault((each.conflate, where), []).append(each)
    return list(groups.values())
