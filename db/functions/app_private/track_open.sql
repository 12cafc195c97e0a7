-- Trigger: keep app_private.open_envelopes equal to the open envelopes of outbox, whichever client changes them. An
-- envelope waits (`waits`) while an older open envelope of its lane has the same ordering key. When that one ends, the
-- next one stops waiting.
create or replace function app_private.track_open()
returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  tenants uuid[];
  lanes smallint[];
  keys text[];
begin
  if tg_table_schema <> 'public' then
    raise exception 'track_open is a trigger function for tables of schema public only' using errcode = 'PT409';
  end if;
  if tg_op = 'INSERT' then
    insert into app_private.open_envelopes (tenant_id, id, lane, status, next_run_at, created_at, retrying)
    select n.tenant_id, n.id, n.lane, n.status, n.next_run_at, n.created_at, n.attempts > 0
    from after as n
    where n.ordering_key is null and n.status in ('pending', 'awaiting_approval', 'unknown');
    if exists (select from after as n where n.ordering_key is not null) then
      insert into app_private.open_envelopes (
        tenant_id, id, lane, status, next_run_at, created_at, ordering_key, retrying, waits
      )
      select
        n.tenant_id, n.id, n.lane, n.status, n.next_run_at, n.created_at, n.ordering_key, n.attempts > 0,
        row_number() over (partition by n.tenant_id, n.ordering_key, n.lane order by n.created_at, n.id) > 1
          or exists (
            select from app_private.open_envelopes as older
            where older.tenant_id = n.tenant_id and older.ordering_key = n.ordering_key and older.lane = n.lane
              and (older.created_at, older.id) < (n.created_at, n.id)
          )
      from after as n
      where n.ordering_key is not null and n.status in ('pending', 'awaiting_approval', 'unknown');
    end if;
  elsif tg_op = 'UPDATE' then
    with closed as (
      delete from app_private.open_envelopes as e
      using after as n
      where e.tenant_id = n.tenant_id and e.id = n.id and n.status not in ('pending', 'awaiting_approval', 'unknown')
      returning e.tenant_id, e.lane, e.ordering_key
    )
    select array_agg(c.tenant_id), array_agg(c.lane), array_agg(c.ordering_key) into tenants, lanes, keys
    from closed as c
    where c.ordering_key is not null;

    update app_private.open_envelopes as e
    set status = n.status, next_run_at = n.next_run_at, retrying = n.attempts > 0
    from after as n
    where e.tenant_id = n.tenant_id and e.id = n.id and n.status in ('pending', 'awaiting_approval', 'unknown')
      and (e.status, e.next_run_at, e.retrying) is distinct from (n.status, n.next_run_at, n.attempts > 0);
  elsif tg_op = 'DELETE' then
    with deleted as (
      delete from app_private.open_envelopes as e
      using before as o
      where e.tenant_id = o.tenant_id and e.id = o.id
      returning e.tenant_id, e.lane, e.ordering_key
    )
    select array_agg(d.tenant_id), array_agg(d.lane), array_agg(d.ordering_key) into tenants, lanes, keys
    from deleted as d
    where d.ordering_key is not null;
  else
    truncate app_private.open_envelopes;
  end if;
  if keys is not null then
    perform app_private.mark_waiting(tenants, lanes, keys);
  end if;
  return null;
end
$$;
revoke all on function app_private.track_open from public;
create or replace trigger outbox_opened after insert on public.outbox
  referencing new table as after for each statement execute function app_private.track_open();
create or replace trigger outbox_moved after update on public.outbox
  referencing new table as after for each statement execute function app_private.track_open();
create or replace trigger outbox_removed after delete on public.outbox
  referencing old table as before for each statement execute function app_private.track_open();
create or replace trigger outbox_emptied after truncate on public.outbox
  for each statement execute function app_private.track_open();
