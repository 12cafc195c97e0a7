"""The secrets of the settings and of the environment, to be redacted in the answers of tools."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

_SECRET_NAME_PATTERN = re.compile(
    r"KEY|TOKEN|SECRET|PASS|_PWD$|CREDENTIAL|AUTH|PRIVATE|COOKIE|DSN|(^|_)PAT($|_)", re.IGNORECASE
)


def secret_values(settings: BaseModel, environment: Mapping[str, str]) -> frozenset[str]:
    """All secret values that a tool's answer must not contain.

    These are the secrets in the settings, the values of environment variables whose name suggests a secret, and the
    passwords in the URLs of all variables. A value of several words, such as `Bearer` and a token, counts as a whole
    and word by word.
    """
    from_environment = [value for name, value in environment.items() if _SECRET_NAME_PATTERN.search(name)]
    secrets = [part for value in [*_secrets_in(settings), *from_environment] for part in (value, *value.split())]
    return frozenset([*secrets, *_passwords([*secrets, *environment.values()])])


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
        except ValueError:  # the value is not a URL
            continue
        if password:
            yield from (password, unquote(password))
