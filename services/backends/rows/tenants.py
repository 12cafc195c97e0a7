"""Convert tenants from JSON rows."""

from services.backends.rows.reading import NEVER, Reader
from services.tenants import Tenant

tenant_from_row = Reader(Tenant, paused_at=NEVER, pause_ends_at=None).read
"""A Tenant from a row of `tenants`. If `paused_at` or the end cannot be read, the tenant still counts as paused."""
