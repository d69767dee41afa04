"""What the hub tells."""

from dataclasses import dataclass
from typing import Any

Frame = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One event on one channel. `time` is in ms since 1970 UTC, by the hub's clock."""

    id: str
    channel: str
    data: Any
    time: int
    event: str = 'message'
    prev: str | None = None
    user: str | None = None

    @staticmethod
    def of(frame: Frame) -> 'Message':
        names = ('id', 'channel', 'data', 'time', 'event', 'prev', 'user')
        return Message(**{name: frame[name] for name in names if name in frame})


@dataclass(frozen=True)
class Gap:
    """Messages of `channel` between two ids that cannot be had.

    `reason`: `expired`, `reset`, `overflow` or `unavailable`.
    """

    channel: str
    after: str | None
    resumed: str | None
    reason: str


@dataclass(frozen=True)
class Page:
    """A part of a channel's past, oldest first; `cursor` is where the next one begins."""

    messages: list[Message]
    cursor: str
    more: bool


@dataclass(frozen=True)
class Presence:
    """Who is on a channel; `users` names the first 1000."""

    count: int
    users: list[dict[str, Any]]
