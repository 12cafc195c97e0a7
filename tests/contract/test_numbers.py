"""The tool, the digest and the conflict check get each number as proposed, or the proposal is refused with the path."""

import json
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import hypothesis
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from control_plane.strict_json import parse_object
from services.approvals.digest import call_digest
from services.backends import Backends
from services.errors import InvalidInput, StateConflict
from services.json_rules import INTEGER_LIMIT, MAX_DEPTH, exact_number, is_plain_json, json_problems
from services.propose import propose
from services.tenants import Tenant
from services.tools import ToolCall
from services.tools.event import event_body
from tests.builders import AGENT, MINUTE, NOW, a_tool, an_envelope, operator
from tests.clock import FakeClock
from tests.contract.builders import WORKER, a_dead_letter, a_proposal, ids, put_one
from tests.contract.test_propose import ORDER
from tests.examples import few_or_many

KEPT = ["0", "-0.0", "1", "1.0", "1.10", "1e2", "1E-7", "-1.5e+3", "0.1", "0.30000000000000004", "5e-324", "1e16",
        "9007199254740993", "9223372036854775807", "-9223372036854775808", "4503599627370495.5", "1e-300",
        "100000000000000000e1", "2.000000000000001e16", "9.100000001e18", "123456789.12345678"]  # fmt: skip
CHANGED = ["12345678901234567.89", "12345678901234567.89e-3", "9007199254740993.0", "0.1000000000000000055",
           "9223372036854775808", "-9223372036854775809", "1e19", "-1e19", "1e22", "1e23", "1e300", "1e400", "-1e400",
           "1e-400", "4e-324", "0.12345678901234567890", "1" + "0" * 400, "1.00000000000000001"]  # fmt: skip


def number_texts(count: int, *, seed: int) -> Iterator[str]:
    """JSON numbers of every length and form, most of them near the limits of what a double keeps exactly."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(count):
        digits = str(rng.randrange(10 ** rng.randint(1, 22)))
        match rng.randrange(6):
            case 0:
                text = digits
            case 1:
                text = f"{digits}.{rng.randrange(10 ** rng.randint(1, 20))}"
            case 2:
                text = f"{digits}e{rng.randint(-30, 8)}"
            case 3:
                text = repr(rng.uniform(-1, 1) * 10 ** rng.randint(-310, 18)).removeprefix("-")
            case 4:
                text = f"{digits[0]}.{digits}E{rng.choice('+-')}{rng.randint(0, 340)}"
            case _:
                text = str(2 ** rng.randint(50, 66) + rng.randint(-3, 3)) + rng.choice(["", ".0", ".5", "e0"])
        yield rng.choice(["", "-"]) + text


def is_kept(text: str) -> bool:
    return not list(json_problems("n", parse_object(f'{{"n": {text}}}')["n"], float_limit=INTEGER_LIMIT))


UNUSUAL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.characters(), st.binary(), st.decimals(),
    st.sampled_from([2**63, -(2**63), 2.0**63, "a\x00b", "\ud800", INTEGER_LIMIT - 1]),
)  # fmt: skip
DOCUMENTS = st.recursive(
    UNUSUAL, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.one_of(st.text(), st.integers()), inner))
)


@few_or_many(20, 300)
def test_what_the_quick_test_lets_pass_has_no_problem(examples: int) -> None:
    @hypothesis.settings(max_examples=examples)
    @given(DOCUMENTS)
    def holds_for(document: Any) -> None:
        if is_plain_json(document):
            assert list(json_problems("d", document, float_limit=INTEGER_LIMIT)) == []

    holds_for()


def test_the_quick_test_knows_the_usual_case_and_the_limit_of_depth() -> None:
    deepest: Any = "x"
    for _ in range(MAX_DEPTH - 1):
        deepest = {"inner": [1, 2.5, None, True, "text"], "deeper": deepest}
    assert not list(json_problems("d", deepest))
    for document in (deepest, [deepest], {"deeper": deepest}):
        assert is_plain_json(document) == (list(json_problems("d", document)) == [])


def received(value: Any) -> Any:
    """The numbers that a tool receives, with every digit."""
    call = ToolCall(
        envelope_id=UUID(int=1), tenant_id=UUID(int=2), tool=a_tool(), arguments=value, connected_account_id=None,
        login_id=None, timeout=MINUTE, traceparent=None,
    )  # fmt: skip
    body = event_body(call, NOW)
    assert body is not None
    return json.loads(body, parse_int=Decimal, parse_float=Decimal)["data"]["arguments"]


@pytest.fixture
async def shop(backends: Backends, tenant: UUID) -> UUID:
    await backends.catalog.save(
        [a_tool(tenant_id=tenant, tool_slug="ORDERS__create", version="1")], actor=operator("olga")
    )
    return tenant


@pytest.mark.parametrize("text", KEPT)
def test_numbers_that_fit_a_double_or_64_bits_are_accepted(text: str) -> None:
    assert is_kept(text)


@few_or_many(0, 200)
@pytest.mark.parametrize("field", ["arguments", "trust_context", "metadata"])
async def test_a_number_that_would_change_is_refused_with_its_path(
    backends: Backends, clock: FakeClock, shop: UUID, field: str, examples: int
) -> None:
    texts = [*CHANGED, *(text for text in number_texts(examples, seed=3) if not is_kept(text))]
    assert len(texts) > examples / 4
    for text in texts:
        document = parse_object(f'{{"items": [{{"amount": 1}}, {{"amount": {text}}}]}}')
        request = {"tenant_id": str(shop), **ORDER, field: document}
        with pytest.raises(InvalidInput, match="send it as a string") as refused:
            await propose(backends, request, actor=AGENT, clock=clock)
        assert refused.value.field == f"{field}.items[1].amount"
    assert await backends.outbox.list_envelopes(shop, status=None, limit=1) == []


@few_or_many(300, 6_000)
async def test_the_tool_receives_the_numbers_as_proposed(
    backends: Backends, clock: FakeClock, shop: UUID, examples: int
) -> None:
    texts = [text for text in [*KEPT, *number_texts(examples, seed=11)] if is_kept(text)]
    assert len(texts) > examples / 3
    proposed: dict[str, list[str]] = {}
    for at in range(0, len(texts), 60):  # 1e-300 has 302 digits in the database, and a document 64 KiB
        chunk = proposed[f"order-{at}"] = texts[at : at + 60]
        document = parse_object(f'{{"numbers": [{", ".join(chunk)}], "in": {{"it": {chunk[0]}}}}}')
        request = {**ORDER, "tenant_id": str(shop), "external_id": f"order-{at}", "arguments": document}
        await propose(backends, request, actor=AGENT, clock=clock)

    claimed = await backends.outbox.claim(WORKER, limit=1_000, lease_for=MINUTE)

    assert len(claimed) == len(proposed)
    for each in claimed:
        arguments = received(each.envelope.arguments)
        sent = [Decimal(text) for text in proposed[each.envelope.external_id]]
        assert arguments == {"numbers": sent, "in": {"it": sent[0]}}


async def test_another_number_with_the_same_key_is_a_conflict(backends: Backends, clock: FakeClock, shop: UUID) -> None:
    near = [
        ("9007199254740992", "9007199254740993"), ("0.1", "0.10000000000000002"), ("1e2", "100.00000000000001"),
        ("9223372036854775807", "9223372036854775806"), ("5e-324", "1e-323"), ("0", "5e-324"), ("1", "-1"),
        ("4503599627370495.5", "4503599627370494.5"),
    ]  # fmt: skip
    for at, (one, other) in enumerate(near):
        request = {**ORDER, "tenant_id": str(shop), "external_id": f"k{at}"}
        await propose(backends, {**request, "arguments": parse_object(f'{{"n": {one}}}')}, actor=AGENT, clock=clock)
        with pytest.raises(StateConflict, match="external_id"):
            await propose(
                backends, {**request, "arguments": parse_object(f'{{"n": {other}}}')}, actor=AGENT, clock=clock
            )


@pytest.mark.parametrize(
    ("one", "same"), [("1", "1.0"), ("1e2", "100"), ("-0.0", "0"), ("1.10", "1.1"), ("1e16", "1E+16")]
)
async def test_an_equal_number_in_another_notation_is_the_same_call(
    backends: Backends, clock: FakeClock, shop: UUID, one: str, same: str
) -> None:
    request = {**ORDER, "tenant_id": str(shop)}
    await propose(backends, {**request, "arguments": parse_object(f'{{"n": {one}}}')}, actor=AGENT, clock=clock)
    again = await propose(
        backends, {**request, "arguments": parse_object(f'{{"n": {same}}}')}, actor=AGENT, clock=clock
    )
    assert not again.created


NUMBERS = st.one_of(
    st.integers(-INTEGER_LIMIT, INTEGER_LIMIT - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?\Z").filter(lambda text: text != "-"),
    st.sampled_from(KEPT),
)


@few_or_many(50, 1_000)
def test_two_calls_have_one_digest_only_if_their_numbers_are_equal(examples: int) -> None:
    @hypothesis.settings(max_examples=examples)
    @given(NUMBERS, NUMBERS)
    def holds_for(one: str, other: str) -> None:
        hypothesis.assume(is_kept(one) and is_kept(other))
        envelope_id = UUID(int=7)
        digests = {
            call_digest(an_envelope(id=envelope_id, arguments=parse_object(f'{{"n": [{text}]}}')))
            for text in (one, other)
        }
        assert (len(digests) == 1) == (Decimal(one) == Decimal(other))

    holds_for()


@few_or_many(50, 1_000)
def test_a_number_is_read_exactly_and_never_rounded_to_a_float(examples: int) -> None:
    @hypothesis.settings(max_examples=examples)
    @given(NUMBERS)
    def holds_for(text: str) -> None:
        number = exact_number(text)
        assert Decimal(repr(number) if isinstance(number, float) else number) == Decimal(text)

    holds_for()


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), float("-inf"), 1e19, 2**64, Decimal("12345678901234567.89")]
)
async def test_a_python_number_that_is_not_json_is_refused_with_its_path(
    backends: Backends, clock: FakeClock, shop: UUID, value: Any
) -> None:
    request = {**ORDER, "tenant_id": str(shop), "arguments": {"amounts": [1, value]}}
    with pytest.raises(InvalidInput) as refused:
        await propose(backends, request, actor=AGENT, clock=clock)
    assert refused.value.field == "arguments.amounts[1]"


@pytest.mark.parametrize("number", [2**63, 1e19, 1e300])
async def test_the_outbox_itself_refuses_a_number_that_would_change(
    backends: Backends, tenant: UUID, number: float
) -> None:
    with pytest.raises(InvalidInput, match=r"arguments\.a\[0\]"):
        await backends.outbox.enqueue([a_proposal(tenant, arguments={"a": [number]})], actor=AGENT)
    assert await backends.outbox.list_envelopes(tenant, status=None, limit=1) == []


def test_the_table_refuses_numbers_that_would_change(
    postgres_backends: Backends, contract_database: str, tenant_row: UUID
) -> None:
    del postgres_backends
    insert = "insert into public.outbox (tenant_id, tool_slug, external_id, {}) values (%s, 'a', 'b', %s)"
    with psycopg.connect(contract_database) as connection:
        for text in CHANGED:
            for column in ("arguments", "trust_context", "metadata"):
                with (
                    pytest.raises(psycopg.ProgrammingError, match=rf"{column}\.a\[1\]\.b: is a number"),
                    connection.transaction(),
                ):
                    connection.execute(
                        sql.SQL(insert).format(sql.Identifier(column)),
                        (tenant_row, f'{{"a": [1, {{"b": {text}}}]}}'),
                    )


async def test_older_envelopes_whose_numbers_would_change_are_found_as_the_upgrade_page_says(
    postgres_backends: Backends, contract_database: str, tenant_row: UUID
) -> None:
    old, _ = [await put_one(postgres_backends.outbox, tenant_row) for _ in range(2)]
    page = (Path(__file__).parents[2] / "docs/how-to/use-your-own-database.md").read_text(encoding="utf-8")
    [listing] = re.findall(r"^```sql\n(select .*?inexact_number.*?)^```", page, re.DOTALL | re.MULTILINE)
    with psycopg.connect(contract_database) as connection:
        connection.execute(
            "update public.outbox set arguments = %s where id = %s", ('{"a": [12345678901234567.89]}', old.id)
        )
        assert connection.execute(listing.encode()).fetchall() == [(tenant_row, old.id, ".a[0]")]


async def test_an_older_dead_letter_whose_number_would_change_stops_no_other_requeue(
    postgres_backends: Backends, contract_database: str, tenant_row: UUID
) -> None:
    outbox = postgres_backends.outbox
    neighbour = Tenant(id=uuid4(), name="zebra")
    await postgres_backends.tenants.save(neighbour, actor=operator("olga"))
    old, new = [await a_dead_letter(outbox, tenant) for tenant in (tenant_row, neighbour.id)]
    with psycopg.connect(contract_database) as connection:
        connection.execute(
            "update public.outbox_dlq set metadata = %s where id = %s",
            ('{"a": [12345678901234567.89, "1234567890123456"]}', old.id),
        )

    assert ids(await outbox.list_requeueable(None, limit=10)) == [new.id]
    assert ids(await outbox.requeue(tenant=None, envelopes=None, limit=10, actor=operator("olga"))) == [new.id]
    with pytest.raises(InvalidInput, match=r"metadata\.a\[0\]: is a number"):
        await outbox.requeue(tenant=tenant_row, envelopes=[old.id], limit=1, actor=operator("olga"))


def test_the_database_accepts_exactly_the_numbers_that_a_proposal_may_hold(
    postgres_backends: Backends, contract_database: str
) -> None:
    del postgres_backends
    texts = [*KEPT, *CHANGED, *number_texts(6_000, seed=5)]
    with psycopg.connect(contract_database) as connection:
        rows = connection.execute(
            """
            select n.text, (n.text::jsonb)::text, app_private.inexact_number(n.text::jsonb) is null
            from unnest(%s::text[]) as n (text)
            """,
            (texts,),
        ).fetchall()
    assert len(rows) == len(texts)
    for text, kept_as, is_exact in rows:
        if is_exact:
            assert Decimal(kept_as) == Decimal(text) == Decimal(repr(json.loads(kept_as)))
        # A number such as 20000000000000010.0 lies between two doubles. In the proposal it has no point any more.
        assert is_exact or not is_kept(text) or abs(Decimal(text)) >= 10**16, text


@pytest.fixture
def tenant_row(contract_database: str, postgres_backends: Backends) -> UUID:
    del postgres_backends
    with psycopg.connect(contract_database) as connection:
        row = connection.execute("insert into public.tenants (name) values ('acme') returning id").fetchone()
    assert row is not None
    return UUID(str(row[0]))
