"""What is known of a transport by those who use it."""

import asyncio
from collections.abc import Awaitable
from math import inf
from typing import Any, Protocol

import aiohttp
from yarl import URL

from .errors import HubError, bad_value, disconnected
from .rest import Rest
from .subscription import Subscription
from .timing import OPEN_WITHIN
from .tokens import TokenSource
from .values import Frame


class Events(Protocol):
    """What a link tells the connection."""

    def ready(self, link: 'Link') -> None: ...
    def caught_up(self, link: 'Link') -> None: ...
    def heard(self, link: 'Link') -> None: ...
    def down(self, link: 'Link', error: HubError) -> None: ...


class Context(Protocol):
    """What a link needs of its hub."""

    base: URL
    client: str
    http: aiohttp.ClientSession
    tokens: TokenSource
    rest: Rest
    subscriptions: dict[Subscription, None]

    def presence_news(self, link: 'Link', frame: Frame) -> None: ...
    def expires(self, link: 'Link') -> None: ...
    def refuse(self, subscription: Subscription, error: HubError) -> None: ...
    def report(self, error: BaseException) -> None: ...
    def reopen(self, link: 'Link') -> None: ...
    def spawn(self, work: Awaitable[Any]) -> None: ...


class Wire:
    """One connection of a link: a socket or a stream, with subscriptions of its own."""

    def __init__(self) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        self.is_ready = False

    def close(self) -> None:
        raise NotImplementedError


class Link:
    """One transport, open or being opened. It reads from cursors and judges nothing."""

    kind: str
    # Whether it can be asked for a sign of life.
    pingable: bool
    # Whether requests keep their order without waiting for each other's answers.
    pipelines: bool

    def __init__(self, context: Context, events: Events) -> None:
        self.context = context
        self.events = events
        self.token: str | None = None
        self.is_ready = False
        self.closed = False
        self.heartbeat = inf
        self.expires: int | None = None
        self._wires: list[Wire] = []
        self._born = asyncio.get_running_loop().time()

    @property
    def heard_at(self) -> float:
        """When the most silent of its wires was heard last, by the loop's clock."""
        return min((wire.heard_at for wire in self._wires), default=self._born)

    async def open(self) -> None:
        try:
            self.token = await self.context.tokens.get()
            if not self.closed:
                self.connect()
        except HubError as e:
            self.fail(e)

    def connect(self) -> None:
        raise NotImplementedError

    def join(self) -> None:
        """Starts to carry the subscriptions; `caught_up` is told when nothing is missing."""
        raise NotImplementedError

    def sync(self) -> None:
        """Makes the wires carry what they should: each open subscription, and nothing else."""
        raise NotImplementedError

    def ping(self) -> None:
        """Asks every wire for a sign of life."""

    def request(self, op: str, args: Frame) -> 'asyncio.Future[Any]':
        raise NotImplementedError

    async def authenticate(self, token: str | None) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True
        for wire in self._wires:
            wire.close()

    def fail(self, error: HubError) -> None:
        """Ends this link by a failure, and tells it once."""
        if not self.closed:
            self.close()
            self.events.down(self, error)

    def refuses(self, error: HubError) -> bool:
        """Whether a subscription is refused, and not the connection.

        A visitor has no token to renew, so 401 concerns what was asked for.
        """
        visitor = not self.token and not self.context.tokens.renewable
        return error.is_refusal or (visitor and error.status == 401 and error.close_code is None)

    def hear(self, wire: Wire) -> None:
        wire.heard_at = asyncio.get_running_loop().time()
        self.events.heard(self)

    def welcome(self, frame: Frame) -> None:
        """Takes what a `ready` frame says about the connection."""
        self.heartbeat = frame.get('heartbeat', inf) / 1000
        self.set_expires(frame.get('expires'))

    def set_expires(self, expires: int | None) -> None:
        self.expires = expires
        self.context.expires(self)

    def check_ready(self) -> None:
        if not self.is_ready and not self.closed and all(wire.is_ready for wire in self._wires):
            self.is_ready = True
            self.events.ready(self)

    def late(self, answered: bool) -> HubError:
        if answered:
            return HubError(0, 'buffered', f'{self.kind} opened, but nothing arrives')
        return HubError(0, 'timeout', f'{self.kind} did not open in {OPEN_WITHIN:.0f} s')


def check_transports(transports: list[str] | None) -> list[str]:
    kinds = ['websocket', 'sse']
    chosen = [kind for kind in kinds if transports is None or kind in transports]
    if not chosen:
        raise bad_value('transports', transports, 'some of websocket, sse')
    return chosen


def broken(link: Link, error: BaseException) -> HubError:
    return disconnected(f'{link.kind} broke: {type(error).__name__} {error}')
