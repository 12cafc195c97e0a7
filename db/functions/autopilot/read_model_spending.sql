-- What the calls of a language model cost in this month (UTC), in USD as a text. For everybody of the tenant.
-- call: repeatable
create or replace function autopilot.read_model_spending(tenant uuid default null, as_of timestamptz default null)
returns jsonb
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(coalesce(sum(c.cost_usd), 0)::text)
  from autopilot.model_calls as c
  where c.organization_id = autopilot.tenant_of(read_model_spending.tenant)
    and c.created_at >= date_trunc('month', coalesce(as_of, now()), 'UTC')
$$;
revoke all on function autopilot.read_model_spending from public;
grant execute on function autopilot.read_model_spending to authenticated, service_role, app_rw, app_ro;
