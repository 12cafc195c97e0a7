"""Tenants as JSON rows."""

from services.backends.rows.reading import NEVER, Reader
from services.tenants import Tenant

tenant_from_row = Reader(Tenant, paused_at=NEVER).read  # paused, whenever that was
"""A Tenant from a row of `tenants`."""
