"""How long things may take, in seconds."""

import random

# A WebSocket that is not ready by then gets an SSE stream beside it.
HEAD_START = 0.3
# A link that has answered for so long is trusted.
STEADY = 5.0
# A link that is not ready by then has failed.
OPEN_WITHIN = 10.0
# A living hub answers a ping in this time.
ANSWER_WITHIN = 2.0
# A REST request without an answer by then is a broken connection.
REQUEST_WITHIN = 30.0
# A token is renewed so long before it expires, or at half its life when that is shorter.
RENEW_BEFORE = 30.0
# How often the link is looked at, when the hub names no shorter heartbeat.
LONGEST_TICK = 20.0
# First and greatest bound of the waits between attempts to reconnect, and to move up.
RECONNECT = (0.5, 30.0)
PROBE = (2.0, 120.0)


def full_jitter(bounds: tuple[float, float], attempt: int) -> float:
    """Anything from now to a bound that doubles with each attempt."""
    first, most = bounds
    return random.random() * min(most, first * 2.0 ** min(attempt, 30))
