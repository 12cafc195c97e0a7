"""Record that an account was scanned now."""

from dataclasses import replace

from services.accounts import Account
from services.backends.memory.accounts import write_account
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor


def note_scan(state: State, account: Account, *, actor: Actor) -> None:
    """See `services.accounts.Accounts.note_scan`."""
    check_texts(**actor_texts(actor))
    with state.change() as now:
        before = state.accounts[account.tenant_id, account.id]
        scanned_at = now if before.linked_at is None else max(now, before.linked_at)
        write_account(state, before, replace(before, scanned_at=scanned_at), actor, now)
