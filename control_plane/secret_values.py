"""The values that nobody may read in what a tool answers: the settings' secrets, and the environment's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASS|_PWD$|CREDENTIAL|AUTH|PRIVATE|COOKIE|DSN|(^|_)PAT($|_)", re.IGNORECASE
)


def secret_values(settings: BaseModel, environment: Mapping[str, str]) -> frozenset[str]:
    """Each as it is, its words (a header's is `Bearer` and a token), and the password of an address.

    Of the environment, variables whose names sound like a secret, and the passwords of addresses.
    """
    named = [value for name, value in environment.items() if _SECRET_NAME.search(name)]
    found = [part for value in [*_secrets_in(settings), *named] for part in (value, *value.split())]
    return frozenset([*found, *_passwords([*found, *environment.values()])])


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _secrets_in(inner)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _secrets_in(inner)


def _passwords(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        try:
            password = urlsplit(value).password if "://" in value else None
        except ValueError:  # no address
            continue
        if password:
            yield from (password, unquote(password))
