"""Store the result of a health check of an account."""

from dataclasses import replace

from services.accounts import Account, AccountStatus
from services.backends.memory.accounts import check_status, write_account
from services.backends.memory.check_texts import actor_texts, check_texts
from services.backends.memory.state import State
from services.envelope import Actor


def check_account(state: State, account: Account, *, status: AccountStatus, problem: str | None, actor: Actor) -> bool:
    """See `services.accounts.Accounts.save_health`."""
    check_texts(status=status, problem=problem, **actor_texts(actor))
    with state.change() as now:
        before = state.accounts.get((account.tenant_id, account.id))
        if before is None or before.status == AccountStatus.REVOKED or _check_inputs(before) != _check_inputs(account):
            return False
        check_status(status)
        checked = replace(before, status=status, problem=problem, checked_at=now)
        write_account(state, before, checked, actor, now)
        return True


def _check_inputs(account: Account) -> tuple[object, ...]:
    """The columns of an account that a health check reads."""
    return account.status, account.linked_at, account.expires_at
