"""Sign JWTs: for `token mint`, and for agents whose calls go over the Data API, which accepts only JWTs."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from control_plane.settings import Settings
from services.errors import NotReady, SettingsError

if TYPE_CHECKING:
    from services.database.rest.keys import Keys

Sign = Callable[[Mapping[str, Any]], str]


def find_signer(settings: Settings) -> Sign:
    """Signs with the key of the local stack, or with the legacy secret of the project.

    Raises SettingsError if the project's secret is not set, and NotReady if there is no local stack yet.
    """
    import jwt  # noqa: PLC0415  # imports cryptography

    from services.database.rest.keys import find_keys  # noqa: PLC0415

    stack = find_keys(settings.data_dir)
    secret = settings.supabase_jwt_secret
    if settings.jwt_mode == "jwks" and stack and _is_local_stack(stack, settings):
        return lambda claims: stack.sign(dict(claims))
    if secret and settings.supabase_url:
        return lambda claims: jwt.encode(dict(claims), secret.get_secret_value(), algorithm="HS256")
    if settings.supabase_url:
        raise SettingsError("SUPABASE_JWT_SECRET: missing: required to mint a JWT for this project")
    raise NotReady("there is no local stack yet: run: python -m control_plane db up --with-rest")


def _is_local_stack(stack: "Keys", settings: Settings) -> bool:
    """Whether the settings select the local stack: they have one of its API keys, or no project at all."""
    api_keys = {key.get_secret_value() for key in settings.api_keys()}
    return settings.supabase_url is None or not api_keys.isdisjoint(stack.jwt_of())
