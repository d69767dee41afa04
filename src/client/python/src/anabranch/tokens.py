"""The token in use."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from .errors import HubError

TokenFunction = Callable[[], str | None | Awaitable[str | None]]
Token = str | TokenFunction | None


class TokenSource:
    """A function is asked for the first token, and again when that one ends or is refused."""

    def __init__(self, supplier: Token) -> None:
        self._supplier = supplier
        self._asked: asyncio.Future[str | None] | None = None
        self._token: str | None = None
        self._refusals = 0

    @property
    def renewable(self) -> bool:
        return callable(self._supplier)

    async def get(self) -> str | None:
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._asked)

    async def renew(self) -> str | None:
        self._asked = None
        return await self.get()

    def refused(self, token: str | None) -> bool:
        """The hub refused `token`: is there any point in asking for another?"""
        # Two requests may be refused for one token, which then is replaced once.
        if token != self._token or self._asked is None:
            return True
        if not self.renewable or self._refusals > 0:
            return False
        self._refusals += 1
        self._asked = None
        return True

    def accepted(self) -> None:
        self._refusals = 0

    async def _ask(self) -> str | None:
        try:
            if callable(self._supplier):
                given = self._supplier()
                self._token = await given if inspect.isawaitable(given) else given
            else:
                self._token = self._supplier
            return self._token
        except Exception as e:
            self._asked = None
            raise HubError(0, 'no_token', f'the token function failed: {e}') from e
