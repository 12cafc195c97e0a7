"""The two demo tenants as users of a project, for what `read-as-a-tenant.md` says."""

from datetime import UTC, datetime, timedelta

from services.database.rest import RestStack
from tests.docs.pages import DOCS

PAGE = DOCS / "how-to" / "read-as-a-tenant.md"
ACME, BOREALIS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def token_for(stack: RestStack, **claims: object) -> str:
    """A token of the project for Maria, an owner, valid for an hour, with these claims changed; None omits a claim."""
    issued = {
        "role": "authenticated",
        "tenant_role": "owner",
        "sub": "maria",
        "exp": datetime.now(UTC) + timedelta(hours=1),
        **claims,
    }
    return stack.keys.sign({claim: value for claim, value in issued.items() if value is not None})
