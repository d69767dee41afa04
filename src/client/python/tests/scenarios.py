"""Does what lines on standard input say, and tells what it hears (see ClientProcess.java)."""

import asyncio
import json
import sys
from dataclasses import asdict, is_dataclass
from functools import partial
from typing import Any

from anabranch import Hub, HubError, Message, Subscription, connect

Details = dict[str, Any]


def say(value: Details) -> None:
    print(json.dumps(value), flush=True)


def failure(error: BaseException) -> Details:
    if isinstance(error, HubError):
        names = ('status', 'code', 'message', 'channel')
        return {name: getattr(error, name) for name in names}
    return {'status': -1, 'message': repr(error)}


class Client:
    def __init__(self, name: str, details: Details) -> None:
        self.name = name
        self.asked = 0
        self.tokens: list[str] = details['tokens']
        self.subscriptions: dict[str, Subscription] = {}
        token = self.tokens[0] if details.get('fixed') else self.next_token
        self.hub: Hub = connect(details['url'], token=token, transports=details.get('transports'))
        for event in ('state', 'transport', 'gap', 'join'):
            self.hub.on(event, partial(self.tell, event))
        self.hub.on('error', lambda error: self.tell('error', failure(error)))

    def next_token(self) -> str:
        self.asked += 1
        return self.tokens[min(self.asked, len(self.tokens)) - 1]

    def tell(self, event: str, value: Any, sub: str | None = None) -> None:
        shown = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        say({'hub': self.name, 'event': event, 'sub': sub, 'value': shown})

    async def subscribe(self, details: Details) -> Details:
        sub = details['sub']

        def handler(message: Message) -> None:
            self.tell('message', message, sub)

        options = details.get('options') or {}
        self.subscriptions[sub] = self.hub.subscribe(details['channel'], handler, **options)
        return {}

    async def update(self, details: Details) -> Details:
        self.subscriptions[details['sub']].update(conflate=details['conflate'])
        return {}

    async def look(self, details: Details) -> Details:
        seen: Details = {'state': self.hub.state, 'transport': self.hub.transport}
        seen['tokens'] = self.asked
        if 'sub' in details:
            subscription = self.subscriptions[details['sub']]
            seen |= {'cursor': subscription.cursor, 'closed': subscription.closed}
        return seen

    async def publish(self, details: Details) -> Details:
        options = details.get('options') or {}
        return {'id': await self.hub.publish(details['channel'], details['data'], **options)}

    async def history(self, details: Details) -> Details:
        return asdict(await self.hub.history(details['channel'], **details.get('options', {})))

    async def presence(self, details: Details) -> Details:
        return asdict(await self.hub.presence(details['channel']))

    async def call(self, details: Details) -> Details:
        return {'data': await self.hub.call(details['service'], details['data'])}

    async def close(self, details: Details) -> Details:
        await self.hub.close()
        return {}


clients: dict[str, Client] = {}


async def act(command: Details) -> None:
    ref, what, hub = command['ref'], command['do'], command['hub']
    try:
        if what == 'connect':
            clients[hub] = Client(hub, command)
            say({'ref': ref, 'ok': {}})
        else:
            say({'ref': ref, 'ok': await getattr(clients[hub], what)(command)})
    except HubError as e:
        say({'ref': ref, 'error': failure(e)})


async def main() -> None:
    loop = asyncio.get_running_loop()
    tasks = set()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        task = asyncio.create_task(act(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
