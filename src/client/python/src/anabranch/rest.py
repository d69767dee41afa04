"""The hub's REST interface, as far as a client needs it, and HTTP's refusals."""

import asyncio
import json
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from .errors import HubError, disconnected, refusal
from .timing import REQUEST_WITHIN
from .tokens import TokenSource
from .values import Frame


class Rest:
    def __init__(self, http: aiohttp.ClientSession, base: URL, tokens: TokenSource) -> None:
        self._http = http
        self._base = base
        self._tokens = tokens

    async def request(self, op: str, args: Frame) -> Any:
        """Does what a frame of that type would do."""
        args = {name: value for name, value in args.items() if value is not None}
        if op == 'publish':
            query = {'event': args['event']} if 'event' in args else {}
            headers = {'Idempotency-Key': args['dedup']}
            path = f'channels/{_segment(args["channel"])}/messages'
            return await self._send('POST', path, query, json.dumps(args.get('data')), headers)
        if op == 'call':
            body = json.dumps(args.get('data'))
            return await self._send('POST', f'services/{_segment(args["service"])}', {}, body, {})
        path = f'channels/{_segment(args.pop("channel"))}'
        path += '/messages' if op == 'history' else '/presence'
        query = {name: str(value) for name, value in args.items()}
        return await self._send('GET', path, query, None, {})

    async def _send(
        self, method: str, path: str, query: dict[str, str], body: str | None, headers: dict[str, str]
    ) -> Any:
        """Asks once more with a new token when the hub refuses the one there is."""
        while True:
            token = await self._tokens.get()
            sent = headers | authorization(token)
            if body is not None:
                sent['Content-Type'] = 'application/json'
            url = URL(f'{self._base}api/v1/{path}', encoded=True).with_query(query)
            try:
                async with asyncio.timeout(REQUEST_WITHIN):
                    async with self._http.request(method, url, data=body, headers=sent) as response:
                        if response.ok:
                            self._tokens.accepted()
                            return await response.json()
                        error = await problem(response)
            except (aiohttp.ClientError, OSError, TimeoutError) as e:
                raise disconnected(f'no answer from {url.host}: {type(e).__name__}') from e
            if error.status != 401 or not self._tokens.refused(token):
                raise error


def _segment(text: str) -> str:
    return quote(text, safe='')


def authorization(token: str | None) -> dict[str, str]:
    return {'Authorization': f'Bearer {token}'} if token else {}


async def problem(response: aiohttp.ClientResponse) -> HubError:
    """RFC 9457, or whatever a proxy answered in the hub's place (code `http`)."""
    try:
        body = await response.json(content_type=None)
    except ValueError:
        body = None
    fields = body if isinstance(body, dict) else {}
    error = refusal({'title': f'HTTP {response.status}', **fields, 'status': response.status})
    error.retry_after = retry_after(response.headers.get('Retry-After', ''))
    return error


def retry_after(value: str) -> float:
    """RFC 9110 §10.2.3: seconds or a date; here seconds."""
    if value.isdecimal():
        return float(value)
    try:
        wait = parsedate_to_datetime(value) - datetime.now(timezone.utc)
    except (TypeError, ValueError):
        return 0.0
    return max(wait.total_seconds(), 0.0)
