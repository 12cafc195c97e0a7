"""Call SQL functions as one user or agent of one tenant, over direct connections.

The transaction has the role `authenticated` and the claims of the caller, as in PostgREST: row-level security decides
what is read, and the functions of `tenant_api` decide what is changed.

A function of `tenant_api`, or a similar function of an application's schema, is called in one statement, which sets the
role and the claims and then calls the function. Every tenant may call these functions. They run as their owner and
trust only the claims, or they read under row-level security, which is applied when they run. Other calls take four
statements, because the role must be set before the database checks whether the caller may call the function.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from services.backends.database.transport import functions
from services.backends.database.transport.functions import may_set_caller_in_call, read_declaration
from services.backends.database.transport.pool import PostgresFunctions, statement, translate_errors
from services.backends.database.transport.sqlstates import name_unstorable_text
from services.backends.functions import split_name
from services.backends.rows.answers import read_answer
from services.errors import NoPrivilege, NotAllowed, NotFound

FROM_CLAIMS = frozenset({"tenant", "tenants", "actor_type", "actor_id", "door", "as_of", "commits_at_once"})
"""Arguments that are left out of a tenant's call: their values come from the claims of the JWT, or a tenant may not
choose them."""
SET_CALLER = """
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true),
  set_config('app.door', $2, true), set_config('statement_timeout', '15s', true)
"""
AS_CALLER = """
with caller as materialized (
  select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true),
    set_config('app.door', $2, true)
)
"""
ANSWER_WITHIN = 15.0
"""The longest wait for an answer of the database, in seconds."""


class TenantFunctions:
    """See `services.backends.functions.Functions`. Raises NotAllowed for a call that tenants, or callers with
    this role, may not make."""

    def __init__(self, operator: PostgresFunctions, tenant: UUID, claims: str, door: str) -> None:
        """`claims` has the claims of the caller's JWT, as JSON text."""
        self._operator = operator
        self._tenant = tenant
        self._claims = claims
        self._door = door

    def as_of(self) -> None:
        """Always None: a tenant cannot choose the time."""
        return

    async def call(self, name: str, /, **arguments: object) -> Any:
        """See `Functions.call`. Raises NotFound if an argument names another tenant."""
        schema, own_name, tenant_arguments = find_call_of_tenant(name, self._tenant, arguments)
        declaration = read_declaration(own_name, schema)
        is_one_statement = schema != "worker_api" and may_set_caller_in_call(own_name, schema)
        call = self._call_in_one_statement if is_one_statement else self._call_as_role
        try:
            with name_unstorable_text(tenant_arguments):
                answer = await call(own_name, schema, tenant_arguments, may_use_replica=declaration.may_use_replica)
        except NoPrivilege as exc:
            raise NotAllowed(f"{name}: tenants may not do this") from exc
        with translate_errors():
            return read_answer(answer, declaration.columns_deep) if isinstance(answer, bytes) else answer

    async def _call_in_one_statement(
        self, name: str, schema: str, arguments: Mapping[str, Any], *, may_use_replica: bool
    ) -> Any:
        try:
            async with self._operator.connection(may_use_replica=may_use_replica) as connection:
                return await connection.fetchval(
                    statement_with_claims(name, tuple(arguments), schema),
                    self._claims,
                    self._door,
                    *arguments.values(),
                    timeout=ANSWER_WITHIN,
                )
        except NoPrivilege:  # this login may switch to the role `authenticated`, but lacks the rights of that role
            return await self._call_as_role(name, schema, arguments, may_use_replica=may_use_replica)

    async def _call_as_role(
        self, name: str, schema: str, arguments: Mapping[str, Any], *, may_use_replica: bool
    ) -> Any:
        async with self._operator.connection(may_use_replica=may_use_replica, roll_back=True) as connection:
            await connection.execute("begin")
            await connection.execute(SET_CALLER, self._claims, self._door)
            answer = await connection.fetchval(statement(name, tuple(arguments), schema), *arguments.values())
            await connection.execute("commit")
        return answer


@cache
def statement_with_claims(name: str, arguments: tuple[str, ...], schema: str) -> str:
    """The statement that sets the claims ($1) and the door ($2), and then calls a function."""
    return f"{AS_CALLER}{statement(name, arguments, schema, first=3)} from caller"


def find_call_of_tenant(name: str, tenant: UUID, arguments: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """The schema in which a tenant finds this function, its name there, and the arguments that it takes.

    A function of an application is the same for all callers. A function of the core is in `tenant_api` or, if that
    schema lacks it, in `worker_api`, under row-level security. Use cases name the tenant in each call; here it must be
    the caller's own tenant. Raises NotFound for another tenant.
    """
    for tenant_id in (arguments.get("tenant"), *arguments.get("tenants", ())):
        if tenant_id is not None and tenant_id != tenant:
            raise NotFound("tenant", tenant_id, field="tenant_id")
    schema, own_name = split_name(name)
    if schema == "worker_api":
        if not _is_in_tenant_api(own_name):
            return schema, own_name, dict(arguments)
        schema = "tenant_api"
    return schema, own_name, {key: value for key, value in arguments.items() if key not in FROM_CLAIMS}


@cache
def _is_in_tenant_api(name: str) -> bool:
    return (functions.FUNCTIONS_DIR / "tenant_api" / f"{name}.sql").exists()
