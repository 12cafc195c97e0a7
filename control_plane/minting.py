"""Mint JWTs of users and operators, in the format of Supabase Auth."""

from datetime import timedelta
from uuid import UUID, uuid4

from control_plane.settings import LOCAL_URL, Settings
from control_plane.signer import find_signer
from services.clock import utc_now


def mint_jwt(
    settings: Settings,
    *,
    tenant: UUID | None,
    tenant_role: str,
    lives_for: timedelta,
    subject: UUID | None = None,
    role: str = "authenticated",
) -> str:
    """A JWT for a user with this role in this tenant; without a tenant, for an operator.

    `subject` is random if omitted. Raises SettingsError or NotReady like `find_signer`.
    """
    sign = find_signer(settings)
    whose = (
        {"app_metadata": {"operator": True}}
        if tenant is None
        else {"tenant_id": str(tenant), "tenant_role": tenant_role}
    )
    now = utc_now()
    return sign(
        {
            "iss": f"{settings.supabase_url or LOCAL_URL}/auth/v1",
            "aud": "authenticated",
            "sub": str(subject or uuid4()),
            "role": role,
            **whose,
            "iat": now,
            "exp": now + lives_for,
        }
    )
