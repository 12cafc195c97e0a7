"""Callers from before an argument existed change what they know, and nothing else."""

from uuid import uuid4

from services.database.connect import connect

RULES = '{"two_people": ["high"]}'


def test_guardrails_saved_without_approval_rules_keep_them(database_url: str) -> None:
    tenant = uuid4()
    save = "select worker_api.save_guardrails(%s, '{}', %s, '{}', false, null, '{}', 'olga'%s)"
    with connect(database_url) as connection:
        connection.execute("select worker_api.save_tenant(%s, 'acme', 'pro', 1::smallint, 'olga')", [tenant])
        connection.execute(save % ("%s", 0.4, ", approval_rules => %s"), [tenant, RULES])
        connection.execute(save % ("%s", 0.9, ""), [tenant])
        found = connection.execute(
            "select trust_threshold::float, approval_rules from public.guardrails where tenant_id = %s", [tenant]
        ).fetchone()
    assert found == (0.9, {"two_people": ["high"]})
