"""The client of the Anabranch realtime hub.

From the top down: `Hub` is what a program calls; `Subscription` is one reader's place in the log,
which removes repeats and proves by `prev` that nothing is missing; `Outbox` holds requests that
outlive the connection they were made on; `Connection` chooses, watches and changes transports;
`WebSocketLink` and `SseLink` are one open transport each.
"""

from .errors import HubError
from .hub import Hub, connect
from .subscription import Subscription
from .values import Gap, Message, Page, Presence

__all__ = ['Gap', 'Hub', 'HubError', 'Message', 'Page', 'Presence', 'Subscription', 'connect']
