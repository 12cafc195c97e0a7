-- The audit rows for new envelopes. The n-th elements of the arrays are one envelope: its tenant and its payload. A
-- single envelope of a tenant has a row of its own. Several envelopes share rows of up to 100, as {"envelopes": [...]},
-- in their order: a row for each would make large batches slow.
create or replace function app_private.proposed_rows(
  envelope_tenants uuid[], envelopes jsonb[], out tenants uuid[], out categories text[], out payloads jsonb[]
)
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if cardinality(envelopes) = 1 then
    tenants := envelope_tenants;
    payloads := envelopes;
  else
    select array_agg(r.tenant_id order by r.first), array_agg(r.payload order by r.first) into tenants, payloads
    from (
      select
        e.tenant_id, min(e.nth) as first,
        case when count(*) = 1 then (array_agg(e.envelope))[1]
          else jsonb_build_object('envelopes', jsonb_agg(e.envelope order by e.nth)) end as payload
      from (
        select n.*, row_number() over (partition by n.tenant_id order by n.nth) as position
        from unnest(envelope_tenants, envelopes) with ordinality as n (tenant_id, envelope, nth)
      ) as e
      group by e.tenant_id, (e.position - 1) / 100
    ) as r;
  end if;
  categories := array_fill('envelope.proposed'::text, array[cardinality(tenants)]);
end
$$;
revoke all on function app_private.proposed_rows from public;
