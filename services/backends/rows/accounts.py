"""Connected accounts as JSON rows."""

from services.accounts import Account, AccountStatus
from services.backends.rows.reading import Reader

ACCOUNT_READER = Reader(
    Account, provider="", status=AccountStatus.ERROR, scopes=(), linked_at=None, metadata={}, expires_at=None,
    problem=None, checked_at=None, scanned_at=None,
)  # fmt: skip
account_from_row = ACCOUNT_READER.read
"""An Account from a row of `connected_accounts`."""
