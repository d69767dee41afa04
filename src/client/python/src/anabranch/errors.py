"""Refusals and failures, and what they mean for coming back."""

from typing import Any

CLOSE_NAMES = {
    400: 'bad_request',
    401: 'unauthorized',
    403: 'forbidden',
    409: 'replaced',
    413: 'too_large',
    503: 'unavailable',
    504: 'heartbeat_missed',
    508: 'too_slow',
}


class HubError(Exception):
    """A refusal by the hub, or a failure on the way there.

    `status` is the HTTP status (0 where there was no answer), `code` its short name,
    `retry_after` the hub's wish in seconds, `channel` that of a subscription that was refused.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = 0.0
        self.channel: str | None = None
        self.channels: list[str] = []
        self.transport: str | None = None
        self.close_code: int | None = None

    @property
    def is_final(self) -> bool:
        """Close codes 4000 to 4499 and status 204: do not come back."""
        return self.status == 204 or 4000 <= (self.close_code or 0) < 4500

    @property
    def is_refusal(self) -> bool:
        """Refused by the hub itself for what was asked, so that asking again is no use."""
        by_hub = self.close_code is None and self.code != 'http'
        return by_hub and 400 <= self.status < 500 and self.status not in (401, 408, 429)


def disconnected(message: str) -> HubError:
    return HubError(0, 'disconnected', message)


def closed() -> HubError:
    return HubError(0, 'closed', 'this hub was closed')


def refusal(frame: dict[str, Any]) -> HubError:
    """An `error` frame, or a problem (RFC 9457)."""
    message = frame.get('message') or frame.get('detail') or frame.get('title') or ''
    error = HubError(frame.get('status', 0), frame.get('code', 'http'), message)
    error.channels = frame.get('channels') or []
    error.retry_after = (frame.get('retryAfter') or 0) / 1000
    return error


def closing(code: int | None, reason: str | None, retry_after: int | None = None) -> HubError:
    """A `close` frame, or the end of a WebSocket. From 4000 on, the code less 4000 is the status."""
    if code is None or code < 4000:
        return disconnected(f'the connection was closed ({code})')
    status = code - 4000
    name = CLOSE_NAMES.get(status, 'closed')
    error = HubError(status, name, reason or f'closed by the hub ({code})')
    error.close_code = code
    error.retry_after = (retry_after or 0) / 1000
    return error


def bad_value(name: str, value: object, expected: str) -> HubError:
    return HubError(400, 'bad_request', f'{name}: {value} (expected: {expected})')
