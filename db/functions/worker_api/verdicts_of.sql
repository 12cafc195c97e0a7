-- The last verdicts of the guardrails about an envelope. They are stored in its row or, if many envelopes have equal
-- verdicts, once in verdict_sets.
-- call: internal
create or replace function worker_api.verdicts_of(envelope public.outbox)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when envelope.verdict_set is null then envelope.verdicts
    else (
      select s.verdicts from public.verdict_sets as s
      where s.tenant_id = envelope.tenant_id and s.id = envelope.verdict_set
    )
  end
$$;
revoke all on function worker_api.verdicts_of from public;
grant execute on function worker_api.verdicts_of to service_role, app_rw, app_ro, authenticated;
