"""What a program calls."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from yarl import URL

from .connection import Connection
from .errors import HubError, bad_value, closed
from .ids import ID
from .link import Link, check_transports
from .outbox import Outbox
from .rest import Rest
from .sse import SseLink
from .subscription import Handler, Stats, Subscription
from .timing import RECONNECT, RENEW_BEFORE, full_jitter
from .tokens import Token, TokenSource
from .values import Frame, Gap, Message, Page, Presence
from .websocket import WebSocketLink

CHANNEL = re.compile(r'[A-Za-z0-9._\-:/@~]{0,254}[A-Za-z0-9._\-:/@~*]')
EVENTS = ('state', 'transport', 'gap', 'join', 'leave', 'error')
LINKS: dict[str, type[Link]] = {'websocket': WebSocketLink, 'sse': SseLink}

log = logging.getLogger('anabranch')


def connect(
    url: str,
    *,
    token: Token = None,
    transports: list[str] | None = None,
    client: str | None = None,
) -> 'Hub':
    """Opens a connection to the hub at `url` and keeps it open, over whatever transport works.

    To be called in a running event loop, as all that follows. `token` is a JWT, or a function that
    gives one, at once or by awaiting it. `transports`: `['websocket']` or `['sse']` pins one.
    """
    return Hub(url, token, transports, client)


class Hub:
    """Made by `connect`. May be used as an asynchronous context, which closes it."""

    def __init__(
        self, url: str, token: Token, transports: list[str] | None, client: str | None
    ) -> None:
        kinds = check_transports(transports)
        base = URL(url).with_query(None).with_fragment(None)
        self.base = base if base.path.endswith('/') else base.with_path(base.path + '/')
        self.client = client or secrets.token_hex(12)
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self.tokens = TokenSource(token)
        self.rest = Rest(self.http, self.base, self.tokens)
        # In the order in which they were made.
        self.subscriptions: dict[Subscription, None] = {}
        self.stats = Stats()
        self._listeners: dict[str, list[Callable[[Any], object]]] = {name: [] for name in EVENTS}
        self._outbox = Outbox()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._renewal: asyncio.TimerHandle | None = None
        self._syncing = False
        self._loop = asyncio.get_running_loop()
        self._connection = Connection(kinds, self._create_link, self.tokens, self)
        # A program subscribes right after connecting: the first request then carries all of it.
        self._loop.call_soon(self._connection.start)

    @property
    def state(self) -> str:
        """`connecting`, `open`, `waiting` or `closed`."""
        return self._connection.state

    @property
    def transport(self) -> str | None:
        """`websocket`, `sse`, or None while there is none."""
        active = self._connection.active
        return active.kind if active else None

    def subscribe(
        self,
        channel: str,
        handler: Handler,
        *,
        last: int | None = None,
        after: str | None = None,
        conflate: int = 0,
    ) -> Subscription:
        """Hands each message of a channel or pattern to `handler`, once and in order.

        Starts live; with `last` at the last messages of each channel, with `after` behind a cursor
        (or at `earliest`). `conflate` (ms) asks for the newest of each channel only, that often.
        Handlers are called on the event loop; what one returns is awaited beside the next message.
        """
        if self.state == 'closed':
            raise closed()
        if not CHANNEL.fullmatch(channel):
            raise bad_value('channel', channel, '1 to 255 characters, at most one * at the end')
        if after is not None and after != 'earliest' and not ID.fullmatch(after):
            raise bad_value('after', after, 'a message id, or earliest')
        if last is not None and last < 0:
            raise bad_value('last', last, 'a number of messages')
        if not 0 <= conflate <= 60_000:
            raise bad_value('conflate', conflate, '0 to 60000 ms')
        subscription = Subscription(self, channel, handler, last, after, conflate)
        self.changed(subscription)
        return subscription

    async def publish(
        self, channel: str, data: Any, *, event: str | None = None, dedup: str | None = None
    ) -> str:
        """Publishes JSON `data`; returns the message's id when the log has it."""
        args = {'channel': channel, 'event': event, 'data': data}
        args['dedup'] = dedup or secrets.token_hex(12)
        answer = await self._outbox.add('publish', args, repeat=True)
        return str(answer['id'])

    async def history(
        self,
        channel: str,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int | None = None,
    ) -> Page:
        """A page of a channel's past."""
        args = {'channel': channel, 'after': after, 'before': before, 'limit': limit}
        page = await self._outbox.add('history', args, repeat=True)
        messages = [Message.of(message) for message in page['messages']]
        return Page(messages, page['cursor'], page['more'])

    async def presence(self, channel: str) -> Presence:
        """Who is on a channel."""
        answer = await self._outbox.add('presence', {'channel': channel}, repeat=True)
        return Presence(answer['count'], answer['users'])

    async def call(self, service: str, data: Any = None) -> Any:
        """Asks a service behind the hub. Never repeated: nobody knows whether it ran twice."""
        answer = await self._outbox.add('call', {'service': service, 'data': data}, repeat=False)
        return answer.get('data')

    def on(self, event: str, listener: Callable[[Any], object]) -> Callable[[], None]:
        """Listens to `state`, `transport`, `gap`, `join`, `leave` or `error`.

        Returns a function that stops it. Errors without a listener go to the log.
        """
        if event not in self._listeners:
            raise bad_value('event', event, f'one of {", ".join(EVENTS)}')
        self._listeners[event].append(listener)
        return lambda: self._listeners[event].remove(listener)

    async def close(self) -> None:
        """Ends the connection for good; what was not answered is refused."""
        self._connection.close()
        await self.http.close()

    async def __aenter__(self) -> 'Hub':
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    # ---- for subscriptions, links and the connection

    def changed(self, subscription: Subscription) -> None:
        if subscription.closed:
            self.subscriptions.pop(subscription, None)
        else:
            self.subscriptions[subscription] = None
        if not self._syncing:
            # Many calls in one go make one change on the wire.
            self._syncing = True
            self._loop.call_soon(self._sync)

    def _sync(self) -> None:
        self._syncing = False
        self._connection.sync()

    def _create_link(self, kind: str, connection: Connection) -> Link:
        return LINKS[kind](self, connection)

    def presence_news(self, link: Link, frame: Frame) -> None:
        if link is self._connection.active:
            self._emit(frame['type'], frame)

    def expires(self, link: Link) -> None:
        if link is self._connection.active:
            self._renew_before(link.expires)

    def refuse(self, subscription: Subscription, error: HubError) -> None:
        subscription.close()
        error.channel = subscription.channel
        self.report(error)

    def reopen(self, link: Link) -> None:
        self._connection.reopen(link)

    def spawn(self, work: Awaitable[Any]) -> None:
        """Runs something beside all else, and reports its failure."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: 'asyncio.Future[Any]') -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            self.report(error)

    def tell_gap(self, gap: Gap) -> None:
        self._emit('gap', gap)

    def state_changed(self, state: str) -> None:
        self._emit('state', state)

    def transport_changed(self, transport: str | None) -> None:
        self._emit('transport', transport)

    def serving(self, link: Link) -> None:
        self._outbox.use(link)
        self._renew_before(link.expires)

    def connection_closed(self, error: HubError | None) -> None:
        if self._renewal:
            self._renewal.cancel()
        for subscription in list(self.subscriptions):
            subscription.close()
        self._outbox.close(error or closed())
        self.spawn(self.http.close())
        if error:
            self.report(error)

    def report(self, error: BaseException) -> None:
        if self._listeners['error']:
            self._emit('error', error)
        else:
            log.error('%s', error, exc_info=error)

    def _emit(self, event: str, value: Any) -> None:
        for listener in list(self._listeners[event]):
            try:
                listener(value)
            except Exception as e:
                if event == 'error':
                    log.exception('an error listener failed')
                else:
                    self.report(e)

    # ---- tokens and holes

    def _renew_before(self, expires: int | None) -> None:
        if self._renewal:
            self._renewal.cancel()
            self._renewal = None
        if expires is None or not self.tokens.renewable:
            return
        left = expires / 1000 - time.time()
        delay = max(left - min(RENEW_BEFORE, left / 2), RECONNECT[0])
        self._renewal = self._loop.call_later(delay, lambda: self.spawn(self._renew(expires)))

    async def _renew(self, expires: int) -> None:
        try:
            token = await self.tokens.renew()
            if self._connection.active:
                await self._connection.active.authenticate(token)
        except HubError as e:
            self.report(e)
            self._renew_before(expires)

    async def patient_history(self, channel: str, after: str) -> Page:
        """History for filling a hole: asks again where that may help."""
        attempt = 0
        while True:
            await self._connection.when_open()
            try:
                return await self.history(channel, after=after, limit=1000)
            except HubError as e:
                if attempt == 4 or not (e.status in (0, 429) or e.status >= 500):
                    raise
                await asyncio.sleep(e.retry_after + full_jitter(RECONNECT, attempt))
                attempt += 1
