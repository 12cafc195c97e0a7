"""Tenants can be sharded: a key that does not begin with the tenant would have to be searched on every shard."""

from services.database.connect import connect

KEYS = """
select i.indexrelid::regclass::text, lead.attname
from pg_index as i
join pg_class as t on t.oid = i.indrelid
join pg_attribute as lead on lead.attrelid = t.oid and lead.attnum = i.indkey[0]
where i.indisunique
  and t.relnamespace::regnamespace::text in ('public', 'app_private', 'autopilot', 'drafts', 'rca')
"""
REFERENCES = """
select c.conrelid::regclass::text, c.conname, lead.attname
from pg_constraint as c
join pg_attribute as lead on lead.attrelid = c.conrelid and lead.attnum = c.conkey[1]
where c.contype = 'f' and c.connamespace::regnamespace::text in ('public', 'app_private', 'autopilot', 'drafts', 'rca')
"""


def test_every_unique_key_and_every_reference_begins_with_the_tenant(database_url: str) -> None:
    with connect(database_url) as connection:
        keys = connection.execute(KEYS.encode()).fetchall()
        references = connection.execute(REFERENCES.encode()).fetchall()
    of_the_installation = {
        ("tenants_pkey", "id"), ("app_private.job_runs_pkey", "job"), ("app_private.job_runs_running_uidx", "job"),
        ("app_private.renewals_pkey", "worker_id"), ("app_private.staged_changes_pkey", "xact"),
    }  # fmt: skip
    assert {lead for name, lead in keys if (name, lead) not in of_the_installation} == {"tenant_id", "organization_id"}
    assert {lead for _, _, lead in references} == {"tenant_id", "organization_id"}
    assert len(keys) > 40
