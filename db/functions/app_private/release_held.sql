-- All envelopes of a tenant that are held by these guardrails become due now, so that they are judged again. The caller
-- has locked the tenant's lanes.
create or replace function app_private.release_held(tenant uuid, guardrails text[], as_of timestamptz)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  woken smallint[];
begin
  with released as (
    update public.outbox as o
    set next_run_at = as_of, updated_at = as_of
    from app_private.open_envelopes as e
    where e.tenant_id = release_held.tenant
      and e.status = 'pending'
      and e.next_run_at > as_of
      and o.tenant_id = e.tenant_id
      and o.id = e.id
      and exists (
        select from jsonb_array_elements(o.verdicts) as v
        where v ->> 'decision' = 'hold' and v ->> 'guardrail' = any (release_held.guardrails)
      )
    returning o.lane
  )
  select array_agg(distinct r.lane) into woken from released as r;

  if woken is not null then
    perform app_private.wake_lanes(array_fill(tenant, array[cardinality(woken)]), woken,
                                   array_fill(as_of, array[cardinality(woken)]), as_of);
    perform app_private.notify_workers();
  end if;
end
$$;
revoke all on function app_private.release_held from public;
