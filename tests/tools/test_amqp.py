"""A message counts as delivered when the broker has confirmed it: what RabbitMQ accepts, returns and refuses."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import aio_pika
import pytest
from pydantic import SecretStr

from services.catalog import ListedTool, Tool
from services.errors import NotFound
from services.tools import Failed, Success, Unknown
from services.tools.amqp import AmqpBroker
from services.tools.amqp.broker import Broker
from services.tools.amqp.provider import AmqpProvider
from tests.tools.builders import a_call
from tests.tools.rabbit import Rabbit, to

TRACEPARENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


async def test_a_confirmed_message_is_in_the_queue_with_its_tenant_and_envelope(
    amqp: AmqpProvider, node: Rabbit
) -> None:
    await node.declare("notes")
    call = a_call(to("notes"), arguments={"text": "hello"}, traceparent=TRACEPARENT)
    assert await amqp.execute(call) == Success(result={"delivered": True})
    async with await aio_pika.connect(node.url) as connection:
        message = await (await (await connection.channel()).get_queue("notes")).get(no_ack=True)
    assert message is not None
    assert (message.message_id, message.content_type, message.delivery_mode) == (
        str(call.envelope_id), "application/json", aio_pika.DeliveryMode.PERSISTENT,
    )  # fmt: skip
    assert message.headers == {
        "tenant_id": str(call.tenant_id), "tool_slug": "CRM__notes.create", "traceparent": TRACEPARENT,
    }  # fmt: skip
    assert json.loads(message.body)["data"]["arguments"] == {"text": "hello"}


async def test_a_message_may_be_the_arguments_alone(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("flat")
    tool = to("flat")
    flat = replace(tool, config={**tool.config, "body": "arguments"})
    call = a_call(flat, arguments={"type": "ticket_ingestion", "records_processed": 3})
    assert await amqp.execute(call) == Success(result={"delivered": True})
    async with await aio_pika.connect(node.url) as connection:
        message = await (await (await connection.channel()).get_queue("flat")).get(no_ack=True)
    assert message is not None
    assert json.loads(message.body) == {"type": "ticket_ingestion", "records_processed": 3}
    assert (message.message_id, message.headers["tenant_id"]) == (str(call.envelope_id), str(call.tenant_id))


async def test_a_message_without_a_queue_is_a_permanent_failure(amqp: AmqpProvider) -> None:
    outcome = await amqp.execute(a_call(to("nowhere")))
    assert outcome == Failed(
        error="AMQP broker 'events': no queue is bound to exchange '' for 'nowhere'", retryable=False
    )


async def test_a_message_the_broker_rejects_for_now_is_retried(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("full", **{"x-max-length": 1, "x-overflow": "reject-publish"})
    outcomes = [await amqp.execute(a_call(to("full"))) for _ in range(3)]
    assert outcomes[0] == Success(result={"delivered": True})
    assert outcomes[-1] == Failed(error="AMQP broker 'events' refused the message for now (nack)", retryable=True)


async def test_a_message_that_one_of_two_queues_rejects_is_unknown(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("limited", **{"x-max-length": 1, "x-overflow": "reject-publish"})
    await node.declare("unlimited")
    async with await aio_pika.connect(node.url) as connection:
        channel = await connection.channel()
        for queue in ("limited", "unlimited"):
            await (await channel.get_queue(queue)).bind("amq.direct", "both")
    calls = [a_call(to("both", exchange="amq.direct")) for _ in range(3)]
    outcomes = [await amqp.execute(call) for call in calls]
    error = "AMQP broker 'events' refused the message for a queue (nack); others may have it"
    assert outcomes[-1] == Unknown(error=error)
    assert str(calls[-1].envelope_id) in await node.message_ids("unlimited")


async def test_a_missing_exchange_fails_only_its_own_calls(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("notes")
    lost, *others = await asyncio.gather(
        amqp.execute(a_call(to("notes", exchange="missing"))), *(amqp.execute(a_call(to("notes"))) for _ in range(50))
    )
    assert lost == Failed(error="config.exchange: AMQP broker 'events' has no exchange 'missing'", retryable=False)
    assert others == [Success(result={"delivered": True})] * 50
    assert len(set(await node.message_ids("notes"))) == 50


async def test_a_refused_routing_key_fails_no_other_call_permanently(amqp: AmqpProvider, node: Rabbit) -> None:
    await asyncio.to_thread(node.control, "set_topic_permissions", "guest", "amq.topic", "^ok", ".*")
    await node.declare("topics")
    async with await aio_pika.connect(node.url) as connection:
        await (await (await connection.channel()).get_queue("topics")).bind("amq.topic", "ok.#")
    tools = [to("ok.1", exchange="amq.topic")] * 30
    tools[15] = to("no.1", exchange="amq.topic")
    outcomes = await asyncio.gather(*(amqp.execute(a_call(tool)) for tool in tools))
    refused = Failed(
        error="AMQP broker 'events' denies this login write access to exchange 'amq.topic'", retryable=False
    )
    assert outcomes[15] == refused
    assert outcomes[:15] + outcomes[16:] == [Success(result={"delivered": True})] * 29
    assert len(await node.message_ids("topics")) == 29


async def test_a_login_without_the_default_exchange_can_use_its_own_exchange(amqp: AmqpProvider, node: Rabbit) -> None:
    """The probe uses the default exchange, which this login may not use."""
    await node.declare("own")
    async with await aio_pika.connect(node.url) as connection:
        await (await (await connection.channel()).get_queue("own")).bind("amq.fanout")
    await asyncio.to_thread(node.control, "set_permissions", "guest", ".*", "^amq[.]fanout$", ".*")
    try:
        outcomes = await asyncio.gather(*(amqp.execute(a_call(to("any", exchange="amq.fanout"))) for _ in range(10)))
        assert await amqp.health("events") is None
    finally:
        await asyncio.to_thread(node.control, "set_permissions", "guest", ".*", ".*", ".*")
    assert outcomes == [Success(result={"delivered": True})] * 10


async def test_hundreds_of_calls_wait_for_their_confirmations_concurrently(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("many")
    calls = [a_call(to("many")) for _ in range(500)]
    assert await asyncio.gather(*map(amqp.execute, calls)) == [Success(result={"delivered": True})] * 500
    assert sorted(await node.message_ids("many")) == sorted(str(call.envelope_id) for call in calls)


async def test_calls_are_published_concurrently_after_the_first_confirmation(node: Rabbit) -> None:
    broker = Broker(name="events", settings=AmqpBroker(url=SecretStr(node.url)), reconnect_after=timedelta(seconds=1))
    together = asyncio.Barrier(2)

    async def go(n: int) -> None:
        async with broker.serialize_until_confirmed("", "notes"):
            if n == 0:
                broker.record_confirmation("", "notes")
            else:
                await together.wait()

    async with asyncio.timeout(60), asyncio.TaskGroup() as calls:
        for n in range(3):
            calls.create_task(go(n))


async def test_a_cancelled_call_does_not_harm_the_next_ones(amqp: AmqpProvider, node: Rabbit) -> None:
    await node.declare("notes")
    tasks = [asyncio.create_task(amqp.execute(a_call(to("notes")))) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert ended[1::2] == [Success(result={"delivered": True})] * 10
    assert await amqp.execute(a_call(to("notes"))) == Success(result={"delivered": True})


@pytest.mark.parametrize(
    ("tool", "error"),
    [
        (to("notes", broker="other"), "config.broker: ACP_AMQP_BROKERS has no broker named 'other'"),
        (to(""), "config.exchange, config.routing_key: must be texts; the default exchange needs a routing key"),
        (
            replace(to("notes"), config={**to("notes").config, "body": "flat"}),
            "config.body: must be event or arguments",
        ),
        (replace(to("notes"), config={"broker": "events"}), "config.exchange, config.routing_key: must be texts"),
    ],
)
async def test_a_tool_without_a_destination_is_a_permanent_failure(amqp: AmqpProvider, tool: Tool, error: str) -> None:
    outcome = await amqp.execute(a_call(tool))
    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert outcome.error.startswith(error)


async def test_a_broker_lists_its_declared_tools_and_its_health(amqp: AmqpProvider) -> None:
    assert await amqp.list_tools("events") == [
        ListedTool(
            name="note", description="Notes.", schema={"type": "object"},
            config={"broker": "events", "exchange": "", "routing_key": "notes"},
        )
    ]  # fmt: skip
    assert await amqp.health("events") is None
    with pytest.raises(NotFound, match="has no broker named 'other'"):
        await amqp.list_tools("other")
    assert await amqp.health("other") == "ACP_AMQP_BROKERS has no broker named 'other'"


@pytest.mark.parametrize("key", ["guest", "/", "amq.topic", "vhost"])
async def test_a_refusal_belongs_to_the_key_of_its_channel_whatever_its_text_says(
    amqp: AmqpProvider, node: Rabbit, key: str
) -> None:
    """The broker's text names user, host, exchange and key, and a key may look like any of these."""
    await asyncio.to_thread(node.control, "set_topic_permissions", "guest", "amq.topic", "^(guest|/|amq|vhost)", ".*")
    async with await aio_pika.connect(node.url) as connection:
        queue = await (await connection.channel()).declare_queue("named", durable=True)
        await queue.bind("amq.topic", "#")
    calls = [a_call(to(each, exchange="amq.topic")) for each in (key, "refused.1") * 20]
    outcomes = await asyncio.gather(*map(amqp.execute, calls))
    assert outcomes[::2] == [Success(result={"delivered": True})] * 20
    assert {type(outcome) for outcome in outcomes[1::2]} <= {Failed, Unknown}
    assert set(await node.message_ids("named")) == {str(call.envelope_id) for call in calls[::2]}
