"""The errors that this product raises.

ControlPlaneError
├── InvalidInput     a field is invalid; has the field and the problem
├── NotFound         no such tenant, tool, envelope
├── StateConflict    the state forbids it: in flight, same key with other arguments
│   └── DecisionConflict  somebody has decided, the approval has expired, or the call has changed since
├── NotAuthenticated a token is missing, invalid or expired; has the reason, never the token
├── NotAllowed       the caller's role may not do this
├── NotReady         the database or a server is unreachable or refuses access, or a part is not installed; try later
│   ├── Locked       another transaction of this tenant holds a lock that the call needs; try again soon
│   ├── NoPrivilege  the role in the database may not do this
│   ├── NotMigrated  the database lacks tables or functions of this version
│   ├── NothingListed  a source that listed tools before lists none now
│   └── RefusedByDatabase  the database refused a call for a reason outside this product, such as a foreign trigger
└── SettingsError    a setting has the wrong type or value

Each message is one line that names the problem, without arguments, results or secrets. It contains no command: the door
that shows an error adds the remedy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class ControlPlaneError(Exception):
    """The base class of all errors of this product."""


class InvalidInput(ControlPlaneError):
    """One or more fields are invalid. `field` is the path of the first one, such as `arguments.timezone`."""

    def __init__(self, field: str, problem: str, *others: tuple[str, str]) -> None:
        self.field, self.problems = field, ((field, problem), *others)
        super().__init__("; ".join(f"{path}: {text}" for path, text in self.problems))


class NotFound(ControlPlaneError):
    """There is no such tenant, tool or envelope, or it belongs to another tenant.

    `what` is its kind, `id` the missing one (None if unknown), `field` the input that named it.
    """

    def __init__(self, what: str, id: object, problem: str | None = None, *, field: str | None = None) -> None:  # noqa: A002
        super().__init__(f"{field or what}: {problem or f'no {what} {id}'}")
        self.what, self.id, self.field = what, None if id is None else str(id), field or what


class StateConflict(ControlPlaneError):
    """The state of `what` forbids the change, and the same call will fail again. `state` is that state."""

    def __init__(self, what: str, state: str) -> None:
        super().__init__(f"{what}: {state}")
        self.what, self.state = what, state


class DecisionConflict(StateConflict):
    """A decision came too late, or is about a call that has changed since. The other fields describe the current
    state."""

    def __init__(
        self,
        what: str,
        state: str,
        *,
        current_digest: str,
        decided_by: str | None = None,
        decided_at: "datetime | None" = None,
    ) -> None:
        super().__init__(what, state)
        self.current_digest, self.decided_by, self.decided_at = current_digest, decided_by, decided_at


class NotAuthenticated(ControlPlaneError):
    """A token is missing, invalid or expired."""


class NotAllowed(ControlPlaneError):
    """The caller is known, but their role may not do this."""


class NotReady(ControlPlaneError):
    """The database or a server is unreachable, refuses access or is not installed. The same call may succeed later."""


class Locked(NotReady):
    """Another transaction holds a lock that the call needs. Nothing changed; the same call may succeed soon."""


class NoPrivilege(NotReady):
    """The role in the database may not do this."""


class NotMigrated(NotReady):
    """The database lacks tables or functions of this version."""


class NothingListed(NotReady):
    """A source that listed tools before lists none now. Nothing changed."""


class RefusedByDatabase(NotReady):
    """The database refused a call for a reason outside this product, such as a trigger that is not ours."""


def concerns_one_tenant(error: BaseException) -> bool:
    """Whether work for other tenants can go on after this error in the work for one tenant. False if the database or a
    server is unreachable."""
    return not isinstance(error, NotReady) or isinstance(error, Locked | RefusedByDatabase)


class SettingsError(ControlPlaneError):
    """A setting has the wrong type or value."""
