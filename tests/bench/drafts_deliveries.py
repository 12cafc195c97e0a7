"""Are 10,000 deliveries of mail each stored once, and is one draft written for each burst?

16 senders share a queue of deliveries in random order, three of ten of which are repeated. A burst is a thread of five
mails, each of which names those before it.
"""

import asyncio
import random
import time

from services.backends.open import postgres_access
from services.database.connect import connect
from tests.bench.runner import Figure, Lab

DELIVERIES, REPEATED, SENDERS, BURST = 10_000, 0.3, 16, 5
COUNTS = """
select
  count(*), count(distinct external_id), count(distinct conversation_id),
  (select count(*) from drafts.drafts where status = 'pending'), (select count(*) from drafts.drafts)
from drafts.messages
"""


async def measure(lab: Lab) -> list[Figure]:
    """Deliveries per second, and what is missing, doubled, or drafted more or less than once."""
    from tests.control_plane.apps.drafts.desk import a_message, open_desk  # noqa: PLC0415  # of the tests

    mails = round(lab.sized(DELIVERIES) * (1 - REPEATED) / BURST) * BURST
    threads = [[f"<{place}.{number}@customer.example>" for place in range(BURST)] for number in range(mails // BURST)]
    inbox = [
        a_message(
            external_id=ids[place], conversation_keys=tuple(reversed(ids[:place])), conversation_external_id=ids[0],
            text=f"Part {place}", customer_email=ids[0][3:-1],
        )
        for ids in threads
        for place in range(BURST)
    ]  # fmt: skip
    order = random.Random(7)  # noqa: S311  # the same order in each run
    deliveries = inbox + order.sample(inbox, lab.sized(DELIVERIES) - mails)
    order.shuffle(deliveries)
    left = iter(deliveries)

    with lab.database() as url:
        async with postgres_access(url, pool_size=SENDERS) as access:
            desk = await open_desk(access, url)

            async def send() -> int:
                return sum([(await desk.receive(mail)).created for mail in left])

            started = time.perf_counter()
            created = sum(await asyncio.gather(*(send() for _ in range(SENDERS))))
            rate = len(deliveries) / (time.perf_counter() - started)
            while await desk.draft(limit=50):
                pass
        with connect(url) as connection:
            stored, distinct, conversations, pending, drafted = connection.execute(COUNTS).fetchall()[0]
    lab.say(f"  {len(deliveries):,} deliveries of {mails:,} mails in {len(threads):,} bursts: {rate:,.0f}/s")
    wrong = {
        "lost": mails - distinct,
        "doubled": abs(stored - distinct) + abs(created - mails),
        "split bursts": abs(conversations - len(threads)),
        "drafts too many or missing": abs(pending - len(threads)) + abs(drafted - len(threads)),
    }
    return [
        Figure.of("drafts_deliveries/rate", "deliveries/s", [rate], "1/s", [1]),
        *(
            Figure.of(f"drafts_deliveries/{what}", "+1", [number + 1], "none, +1", [1], at_most=1)
            for what, number in wrong.items()
        ),
    ]
