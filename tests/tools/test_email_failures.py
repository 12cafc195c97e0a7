"""An error before the message is sent means that nothing happened. After that, only the server's own answer counts."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.tools import Failed, Outcome, Success, Unknown
from services.tools.email.provider import EmailProvider
from tests.tools.builders import a_call
from tests.tools.smtp import DROP, FOREVER, GREETING, HANG, READY, Scripted, scripted_server, settings_for, to_server

MAIL = {"to": ["ann@b.example"], "subject": "Hello", "text": "Hello Ann.\n"}
MINUTES = timedelta(minutes=5)
NAME = "SMTP server 'desk'"


async def outcome_of(script: Sequence[object], *, seconds: float = 60) -> tuple[Outcome, Scripted]:
    async with asyncio.timeout(60), scripted_server(script) as server:
        async with EmailProvider({"desk": settings_for(server.port)}) as email:
            outcome = await email.execute(a_call(to_server(), arguments=MAIL, seconds=seconds))
        await server.closed.wait()
        return outcome, server


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((DROP,), Unknown(error=f"{NAME}: Unexpected EOF received")),
        ((b"what?\r\n",), Unknown(error=f"{NAME}: (-1, 'Malformed SMTP response line: what?\\r\\n')")),
        ((b"250-" + b"x" * 9000 + b"\r\n", FOREVER), Unknown(error=f"{NAME}: (-1, 'Response too long')")),
        ((b"250-more\r\n", FOREVER), Unknown(error=f"{NAME}: (-1, 'Response too long')")),
        ((b"x" * 1000, FOREVER), Unknown(error=f"{NAME}: (-1, 'Response too long')")),
        ((b"354 again\r\n",), Unknown(error=f"{NAME} answered 354 to the message: again")),
        ((b"250 ok\r\n",), Success(result=None)),
        ((b"250 ok\r\n250 surplus\r\n", HANG), Success(result=None)),
        ((b"250 ok\r\n", DROP), Success(result=None)),
        ((b"451 later\r\n",), Failed(error=f"{NAME} answered 451 to the message: later", retryable=True)),
        ((b"550 no\r\n",), Failed(error=f"{NAME} answered 550 to the message: no", retryable=False)),
    ],
)
async def test_after_the_message_only_a_whole_answer_counts(answers: Sequence[object], outcome: Outcome) -> None:
    found, server = await outcome_of([*READY, *answers])
    assert type(found) is type(outcome)
    if not isinstance(outcome, Success) and not isinstance(found, Success):
        assert found.error == outcome.error
    assert len(server.messages) == server.connections == 1


async def test_no_answer_to_the_message_in_time_is_unknown() -> None:
    outcome, server = await outcome_of([*READY, HANG], seconds=0.5)
    assert outcome == Unknown(error=f"{NAME} gave no answer within 0.5 s")
    assert len(server.messages) == 1


@pytest.mark.parametrize("length", range(len(READY)))
@pytest.mark.parametrize("end", [DROP, b"?\r\n", b"x" * 1000])
async def test_whatever_breaks_before_the_message_has_no_effect(length: int, end: object) -> None:
    ends = (end, FOREVER) if end == b"x" * 1000 else (end,)
    outcome, server = await outcome_of([*READY[:length], *ends])
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, outcome.held, server.messages) == (True, False, [])


@pytest.mark.parametrize("length", range(len(READY)))
async def test_a_server_that_says_nothing_before_the_message_has_not_got_it(length: int) -> None:
    outcome, server = await outcome_of([*READY[:length], HANG], seconds=0.2)
    assert outcome == Failed(error=f"{NAME} gave no answer within 0.2 s", retryable=True)
    assert server.messages == []


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ([b"421 busy\r\n"], Failed(error="421 to the connection: busy", retryable=True, retry_after=MINUTES)),
        ([b"554 no\r\n"], Failed(error="554 to the connection: no", retryable=True, held=True)),
        ([GREETING, b"421 busy\r\n"], Failed(error="421 to EHLO: busy", retryable=True, retry_after=MINUTES)),
        ([*READY[:2], b"421 busy\r\n"], Failed(error="421 to the sender: busy", retryable=True, retry_after=MINUTES)),
        ([*READY[:2], b"550 no\r\n"], Failed(error="550 to the sender: no", retryable=False)),
        (
            [*READY[:3], b"450 later\r\n"],
            Failed(error="450 to a recipient: later", retryable=True, retry_after=MINUTES),
        ),
        ([*READY[:3], b"550 who\r\n"], Failed(error="550 to a recipient: who", retryable=False)),
        ([*READY[:4], b"451 later\r\n"], Failed(error="451 to DATA: later", retryable=True, retry_after=MINUTES)),
        ([*READY[:4], b"554 no\r\n"], Failed(error="554 to DATA: no", retryable=False)),
        ([*READY[:4], b"250 ok\r\n"], Failed(error="250 to DATA: ok", retryable=True)),
    ],
)
async def test_a_refusal_about_the_message_is_final_and_one_about_us_is_held(
    script: Sequence[object], outcome: Failed
) -> None:  # fmt: skip
    found, server = await outcome_of(script)
    retry_after = timedelta(minutes=15) if outcome.held else outcome.retry_after
    assert found == Failed(
        error=f"{NAME} answered {outcome.error}", retryable=outcome.retryable, retry_after=retry_after,
        held=outcome.held,
    )  # fmt: skip
    assert server.messages == []


async def test_a_cancelled_call_closes_its_connection() -> None:
    async with asyncio.timeout(60), scripted_server([*READY, HANG]) as server:
        email = EmailProvider({"desk": settings_for(server.port)})
        call = asyncio.ensure_future(email.execute(a_call(to_server(), arguments=MAIL)))
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.closed.wait()


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    async with scripted_server([]) as server:
        port = server.port
    async with EmailProvider({"desk": settings_for(port)}) as email:
        outcome = await email.execute(a_call(to_server(), arguments=MAIL))
        problem = await email.health("desk")
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, outcome.held, outcome.error) == (True, False, problem)
    assert problem is not None
    assert problem.startswith(f"{NAME}: Error connecting to 127.0.0.1 on port {port}: ")
    assert "Connect call failed" in problem


async def test_a_server_that_begins_in_plain_text_gets_nothing_if_tls_is_expected() -> None:
    async with asyncio.timeout(60), scripted_server([GREETING]) as server:
        email = EmailProvider({"desk": settings_for(server.port, tls="implicit")})
        outcome = await email.execute(a_call(to_server(), arguments=MAIL))
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, "WRONG_VERSION_NUMBER" in outcome.error) == (True, True)


async def test_a_text_of_the_server_shows_no_argument() -> None:
    outcome, _ = await outcome_of([*READY, b"550 <ann@b.example> does not want Hello\r\n"])
    assert outcome == Failed(error=f"{NAME} answered 550 to the message: <…> does not want …", retryable=False)
