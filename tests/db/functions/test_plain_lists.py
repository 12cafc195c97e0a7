"""A list of names that came by SQL is a plain list: readers cannot read a list of lists."""

import psycopg
import pytest

from tests.worker.world import World

ISSUE = """
select worker_api.create_api_token(
  %s, gen_random_uuid(), 'bot', %s::text[], encode(sha256('s3cret'), 'hex'), now() + interval '1 hour', 'olga'
)
"""
SUBSCRIBE = """
select worker_api.create_subscription(
  %s, gen_random_uuid(), 'webhook', 'https://example.com/hook', %s::text[], 'olga'
)
"""


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        (ISSUE, "{{read},{cancel}}"),
        (ISSUE, "{{read,cancel}}"),
        (ISSUE, "{{{read}}}"),
        (SUBSCRIBE, "{{envelope.*},{approval.requested}}"),
    ],
)
async def test_a_list_of_lists_is_refused(world: World, statement: str, names: str) -> None:
    tenant = await world.add_tenant()
    with pytest.raises(psycopg.Error, match="must be a plain list, not a list of lists") as raised:
        world.sql(statement, tenant, names)
    assert raised.value.sqlstate == "PT400"
