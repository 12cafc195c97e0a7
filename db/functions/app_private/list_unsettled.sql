-- The settlements that changed nothing, as {refused, busy}, each a list of [tenant_id, envelope_id]. `accepted` and
-- `busy` are positions in the arrays. A settlement that was accepted earlier under the same token counts as accepted.
create or replace function app_private.list_unsettled(
  tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'refused', coalesce(jsonb_agg(distinct s.key) filter (
      where s.position <> all (busy)
        and not exists (
          select from public.outbox as o where (o.tenant_id, o.id, o.settled_token) = (s.tenant_id, s.id, s.token)
        )
        and not exists (
          select from public.outbox_dlq as d where (d.tenant_id, d.id, d.settled_token) = (s.tenant_id, s.id, s.token)
        )
    ), '[]'),
    'busy', coalesce(jsonb_agg(distinct s.key) filter (where s.position = any (busy)), '[]')
  )
  from (
    select a.*, jsonb_build_array(a.tenant_id, a.id) as key
    from unnest(tenants, tokens, envelopes) with ordinality as a (tenant_id, token, id, position)
  ) as s
  where s.position <> all (accepted)
$$;
revoke all on function app_private.list_unsettled from public;
