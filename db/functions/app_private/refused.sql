-- What became of none of these settlements, {refused, busy}: `accepted` and `busy` are places in the arrays. Refused is what
-- was neither accepted now nor under this very token before.
create or replace function app_private.refused(
  tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_build_object(
    'refused', coalesce(jsonb_agg(distinct s.id) filter (
      where s.position <> all (busy)
        and not exists (
          select from public.outbox as o where (o.tenant_id, o.id, o.settled_token) = (s.tenant_id, s.id, s.token)
        )
        and not exists (
          select from public.outbox_dlq as d where (d.tenant_id, d.id, d.settled_token) = (s.tenant_id, s.id, s.token)
        )
    ), '[]'),
    'busy', coalesce(jsonb_agg(distinct s.id) filter (where s.position = any (busy)), '[]')
  )
  from unnest(tenants, tokens, envelopes) with ordinality as s (tenant_id, token, id, position)
  where s.position <> all (accepted)
$$;
revoke all on function app_private.refused from public;
