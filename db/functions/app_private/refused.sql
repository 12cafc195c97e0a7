-- Of the settlements that were sent, the ids of those that were neither accepted now nor under this very token before.
create or replace function app_private.refused(tenants uuid[], tokens bigint[], envelopes uuid[], accepted uuid[])
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(distinct s.id), '[]')
  from unnest(tenants, tokens, envelopes) as s (tenant_id, token, id)
  where s.id <> all (accepted)
    and not exists (
      select from public.outbox as o where (o.tenant_id, o.id, o.settled_token) = (s.tenant_id, s.id, s.token)
    )
    and not exists (
      select from public.outbox_dlq as d where (d.tenant_id, d.id, d.settled_token) = (s.tenant_id, s.id, s.token)
    )
$$;
revoke all on function app_private.refused from public;
