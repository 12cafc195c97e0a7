"""The interface for calling SQL functions by name. Applications find it as `Backends.functions`."""

from datetime import datetime
from typing import Any, Protocol

from services.envelope import Actor


class Functions(Protocol):
    """Calls SQL functions by name, with named arguments. Raises only the exceptions of `services.errors`.

    An argument may be any JSON value, a UUID, a datetime, a timedelta or a Decimal.
    """

    def as_of(self) -> datetime | None:
        """The value of the argument `as_of`; None makes the function use the clock of the database."""

    async def call(self, name: str, /, **arguments: object) -> Any:
        """Call a function of `worker_api`, or of the schema of an application: `drafts.decide_draft`.

        Returns its JSON document as Python values, or None if it returns void.
        Functions return one document instead of a set of rows because PostgREST silently truncates long sets.
        """


def by(actor: Actor) -> dict[str, object]:
    """The arguments that describe this actor. Every function that changes something takes them."""
    return {"actor_type": actor.type, "actor_id": actor.id, "door": actor.door}


def split_name(name: str) -> tuple[str, str]:
    """Schema and name of a function that is called as `claim` or `drafts.decide_draft`."""
    schema, _, own_name = name.rpartition(".")
    return schema or "worker_api", own_name
