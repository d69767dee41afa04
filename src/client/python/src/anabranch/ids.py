"""Places in the log, `<epoch>-<seq>`."""

import re
from collections.abc import Iterable
from functools import reduce

ID = re.compile(r'[a-z0-9]{4,8}-\d+')


def epoch_of(id: str) -> str:
    return id[: id.index('-')]


def seq_of(id: str) -> int:
    return int(id[id.index('-') + 1 :])


def is_later(id: str, other: str | None) -> bool:
    """Whether `id` lies behind `other`. Another epoch does: it begins when the past is lost."""
    return other is None or epoch_of(id) != epoch_of(other) or seq_of(id) > seq_of(other)


def earliest(ids: Iterable[str]) -> str:
    return reduce(lambda first, id: id if is_later(first, id) else first, ids)
