"""Refuse a text argument that is too long, by the name it has in SQL: `db/functions/app_private/check_texts.sql`."""

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from services.envelope import Actor
from services.errors import InvalidInput

MOST, MOST_PROSE = 1024, 16384
"""Bytes."""
PROSE = {"reason", "problem", "error"}
Service = TypeVar("Service")


def check_texts(service: type[Service]) -> type[Service]:
    """Of a class decorated with it every method checks the texts that it is given."""
    for name, method in list(vars(service).items()):
        if inspect.iscoroutinefunction(method):
            setattr(service, name, _checking(method))
    return service


def _checking(method: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    async def checking(*args: Any, **kwargs: Any) -> Any:
        for field, text in _texts(signature.bind(*args, **kwargs).arguments):
            size, most = len(text.encode()), MOST_PROSE if field in PROSE else MOST
            if size > most:
                raise InvalidInput(field, f"is {size} bytes; at most {most} fit")
        return await method(*args, **kwargs)

    return checking


def _texts(arguments: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in arguments.items():
        if isinstance(value, Actor):
            yield from (("actor_type", value.type), ("actor_id", value.id), ("door", value.door or ""))
        elif isinstance(value, str):
            yield name, value
