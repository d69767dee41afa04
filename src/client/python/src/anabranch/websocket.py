"""WebSocket: a `subscribe` frame for each subscription, requests and answers by `ref`."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from .errors import HubError, closing, disconnected, refusal
from .ids import is_later
from .link import Link, Wire, broken
from .rest import retry_after
from .subscription import Subscription
from .timing import OPEN_WITHIN
from .values import Frame

PROTOCOL = 'anabranch.v1'


@dataclass
class Carried:
    """A subscription on a socket, and how much of its replay is still to come."""

    conflate: int
    head: str | None = None
    left: int = 0

    @property
    def is_behind(self) -> bool:
        return self.head is None or self.left > 0


class Socket(Wire):
    """One WebSocket. None of its subscriptions overlap.

    A frame does not tell by which subscription it came, and one's replay must not run ahead of
    another's.
    """

    def __init__(self, link: 'WebSocketLink') -> None:
        super().__init__()
        self._link = link
        self._answered = False
        self._ref = 0
        self._pending: dict[int, tuple[Callable[[Frame], None], Callable[[HubError], None]]] = {}
        self.carried: dict[Subscription, Carried] = {}
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._deadline = asyncio.get_running_loop().call_later(OPEN_WITHIN, self._late)
        self._task = asyncio.ensure_future(self._run())

    def _late(self) -> None:
        self._link.fail(self._link.late(self._answered))

    def close(self) -> None:
        self._deadline.cancel()
        self._task.cancel()
        for _, failed in list(self._pending.values()):
            failed(disconnected('the WebSocket was closed'))
        self._pending.clear()

    async def _run(self) -> None:
        link = self._link
        token = link.token
        url = link.context.base / 'ws' % {'client': link.context.client}
        protocols = [PROTOCOL] + ([f'bearer.{token}'] if token else [])
        try:
            socket = await link.context.http.ws_connect(url, protocols=protocols, max_msg_size=0)
        except aiohttp.WSServerHandshakeError as e:
            error = HubError(e.status, 'http' if e.status != 401 else 'unauthorized', e.message)
            error.retry_after = retry_after((e.headers or {}).get('Retry-After', ''))
            link.fail(error)
            return
        except (aiohttp.ClientError, OSError) as e:
            link.fail(broken(link, e))
            return
        self._answered = True
        writer = asyncio.ensure_future(self._write(socket))
        try:
            async for message in socket:
                if message.type == aiohttp.WSMsgType.TEXT:
                    link.hear(self)
                    self._take(message.data)
            link.fail(closing(socket.close_code, None))
        finally:
            writer.cancel()
            # In the background: one that lies still would be waited for.
            link.context.spawn(socket.close())

    async def _write(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            while True:
                await socket.send_str(await self._outgoing.get())
        except (aiohttp.ClientError, OSError) as e:
            self._link.fail(broken(self._link, e))

    def send(self, frame: Frame) -> None:
        self._outgoing.put_nowait(json.dumps(frame))

    def ping(self) -> None:
        """Any frame that follows is an answer."""
        self._ref += 1
        self.send({'type': 'ping', 'ref': self._ref})

    def ask(
        self,
        type: str,
        args: Frame,
        answered: Callable[[Frame], None],
        failed: Callable[[HubError], None],
    ) -> None:
        """Sends a request. The answer is handled before the next frame is looked at."""
        self._ref += 1
        self._pending[self._ref] = (answered, failed)
        fields = {name: value for name, value in args.items() if value is not None}
        self.send({'type': type, 'ref': self._ref, **fields})

    # ---- subscriptions

    def has_room_for(self, subscription: Subscription) -> bool:
        return not any(subscription.overlaps(other) for other in self.carried)

    def subscribe(self, subscription: Subscription) -> None:
        carried = self.carried[subscription] = Carried(subscription.conflate)

        def answered(frame: Frame) -> None:
            carried.head, carried.left = frame['cursor'], frame['replayed']
            subscription.begin(frame['cursor'], frame['replayed'])
            self._link.check_caught_up()

        def failed(error: HubError) -> None:
            self._not_subscribed(subscription, error)

        args = {'channel': subscription.channel, **subscription.position}
        self.ask('subscribe', args | {'conflate': carried.conflate}, answered, failed)

    def _not_subscribed(self, subscription: Subscription, error: HubError) -> None:
        if self._link.closed:
            return
        if self._link.refuses(error):
            self.carried.pop(subscription, None)
            self._link.context.refuse(subscription, error)
            self._link.check_caught_up()
        else:
            self._link.fail(error)

    def unsubscribe(self, subscription: Subscription) -> None:
        del self.carried[subscription]
        self.ask('unsubscribe', {'channel': subscription.channel}, _ignore, self._refused)

    def change_conflate(self, subscription: Subscription) -> None:
        """Without a position the hub goes on where the subscription is."""
        conflate = self.carried[subscription].conflate = subscription.conflate
        args = {'channel': subscription.channel, 'conflate': conflate}
        self.ask('subscribe', args, _ignore, self._refused)

    def _refused(self, error: HubError) -> None:
        if not self._link.closed:
            self._link.context.report(error)

    # ---- frames

    def _take(self, text: str) -> None:
        frame = json.loads(text)
        match frame['type']:
            case 'ready':
                self._deadline.cancel()
                self.is_ready = True
                self._link.socket_ready(frame)
            case 'ok' | 'error':
                self._answer(frame)
            case 'message' | 'gap':
                self._hand(frame)
            case 'heartbeat':
                self._mark(frame['cursor'])
            case 'join' | 'leave':
                self._link.context.presence_news(self._link, frame)
            case 'close':
                code, reason = frame['code'], frame.get('reason')
                self._link.fail(closing(code, reason, frame.get('retryAfter')))

    def _answer(self, frame: Frame) -> None:
        answered, failed = self._pending.pop(frame.get('ref', 0), (_ignore, self._refused))
        if frame['type'] == 'ok':
            answered(frame)
        else:
            failed(refusal(frame))

    def _hand(self, frame: Frame) -> None:
        for subscription, carried in list(self.carried.items()):
            if not subscription.matches(frame['channel']):
                continue
            subscription.take(frame)
            if carried.left > 0 and frame['type'] == 'message':
                carried.left -= 1
                self._link.check_caught_up()

    def _mark(self, cursor: str) -> None:
        for subscription, carried in self.carried.items():
            if carried.head is None:
                continue
            subscription.mark(cursor)
            if not is_later(carried.head, cursor):
                carried.left = 0
        self._link.check_caught_up()


class WebSocketLink(Link):
    """One socket, and more only for subscriptions that overlap with others."""

    kind = 'websocket'
    pingable = True
    pipelines = True

    def connect(self) -> None:
        self._joined = False
        self._first = Socket(self)
        self._sockets = [self._first]
        self._wires = [self._first]

    def socket_ready(self, frame: Frame) -> None:
        self.welcome(frame)
        self.check_ready()

    def join(self) -> None:
        if not self._joined:
            self._joined = True
            self.sync()
        self.check_caught_up()

    def sync(self) -> None:
        if not self.is_ready or not self._joined or self.closed:
            return
        wanted = self.context.subscriptions
        missing = dict(wanted)
        for socket in self._sockets:
            for subscription, carried in list(socket.carried.items()):
                missing.pop(subscription, None)
                if subscription not in wanted:
                    socket.unsubscribe(subscription)
                elif carried.conflate != subscription.conflate:
                    socket.change_conflate(subscription)
        for subscription in missing:
            self._socket_for(subscription).subscribe(subscription)
        for socket in [each for each in self._sockets[1:] if not each.carried]:
            socket.close()
            self._sockets.remove(socket)
            self._wires.remove(socket)

    def _socket_for(self, subscription: Subscription) -> Socket:
        for socket in self._sockets:
            if socket.has_room_for(subscription):
                return socket
        socket = Socket(self)
        self._sockets.append(socket)
        self._wires.append(socket)
        return socket

    def check_caught_up(self) -> None:
        """Caught up: all that was in the log when the subscriptions were answered is here."""
        each = (carried for socket in self._sockets for carried in socket.carried.values())
        if self._joined and not any(carried.is_behind for carried in each):
            self.events.caught_up(self)

    def ping(self) -> None:
        for socket in self._sockets:
            socket.ping()

    def request(self, op: str, args: Frame) -> 'asyncio.Future[Any]':
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._first.ask(
            op,
            args,
            lambda frame: None if answer.done() else answer.set_result(frame),
            lambda error: None if answer.done() else answer.set_exception(error),
        )
        return answer

    async def authenticate(self, token: str | None) -> None:
        self.token = token
        frames = [self._authenticate(socket, token) for socket in self._sockets]
        for frame in await asyncio.gather(*frames):
            self.set_expires(frame['expires'])

    def _authenticate(self, socket: Socket, token: str | None) -> 'asyncio.Future[Frame]':
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        socket.ask('auth', {'token': token}, answer.set_result, answer.set_exception)
        return answer


def _ignore(frame: Frame) -> None:
    pass
