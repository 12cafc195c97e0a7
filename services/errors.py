"""What can go wrong that a caller could not plan.

ControlPlaneError
├── InvalidInput     a field breaks its rule; carries the field and the remedy
├── NotFound         no such tenant, tool, envelope
├── StateConflict    the state forbids it: decided already, other arguments under the same key, in flight
├── NotAuthenticated a token does not say who calls; carries the reason, never the token
├── NotReady         the database or a server is away, does not let us in, or a part is not installed; try later
│   ├── Locked       another transaction of this tenant holds what the call needs; try again in a moment
│   ├── NotMigrated  the database lacks what this version needs
│   ├── NothingListed  a source lists nothing where it listed something
│   └── Unexplained  it refused for a reason that is neither its own state nor what it was given
└── SettingsError    a setting has the wrong type or value

Each message is one line that names what is wrong, and none carries arguments, results or secrets. What to do about it
is worded by the door that shows it, from the facts an error carries: no message here holds a command.
"""


class ControlPlaneError(Exception):
    """The root of everything this product raises on purpose."""


class InvalidInput(ControlPlaneError):
    """A field breaks its rule, or several do. `field` is a path such as `arguments.timezone`: of the first."""

    def __init__(self, field: str, problem: str, *others: tuple[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {what}" for place, what in ((field, problem), *others)))
        self.field = field


class NotFound(ControlPlaneError):
    """No such tenant, tool or envelope, or not one of this tenant's.

    `what` is the kind of thing, `id` which one (None where nobody knows), `field` where it was named.
    """

    def __init__(self, what: str, id: object, problem: str | None = None, *, field: str | None = None) -> None:  # noqa: A002
        super().__init__(f"{field or what}: {problem or f'no {what} {id}'}")
        self.what, self.id, self.field = what, None if id is None else str(id), field or what


class StateConflict(ControlPlaneError):
    """The state of `what` forbids it; asking again changes nothing. `state` says how it stands."""

    def __init__(self, what: str, state: str) -> None:
        super().__init__(f"{what}: {state}")
        self.what, self.state = what, state


class NotAuthenticated(ControlPlaneError):
    """A token does not say who calls, or cannot be believed."""


class NotReady(ControlPlaneError):
    """The database or a server is away, does not let us in, or is not installed; the same call may succeed later."""


class Locked(NotReady):
    """Another transaction holds a lock that the call needs; nothing happened, and the same call may succeed soon."""


class NotMigrated(NotReady):
    """The database lacks what this version needs."""


class NothingListed(NotReady):
    """A source lists nothing where it listed something; nothing was changed."""


class Unexplained(NotReady):
    """The database refused for a reason that is neither its own state nor what it was given: the schema, a trigger."""


def concerns_one_tenant(error: BaseException) -> bool:
    """Whether other tenants may be served all the same: false only where the database or a server is away."""
    return not isinstance(error, NotReady) or isinstance(error, Locked | Unexplained)


class SettingsError(ControlPlaneError):
    """A setting has the wrong type or value."""
