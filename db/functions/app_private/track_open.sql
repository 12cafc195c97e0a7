-- Trigger: app_private.open_envelopes says what outbox says, whoever changed it.
create or replace function app_private.track_open()
returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  if tg_table_schema <> 'public' then
    raise exception 'track_open serves tables of schema public' using errcode = 'PT409';
  end if;
  if tg_op = 'INSERT' then
    insert into app_private.open_envelopes
    select n.tenant_id, n.id, n.lane, n.status, n.next_run_at, n.created_at, n.ordering_key, n.attempts > 0
    from after as n
    where n.status in ('pending', 'awaiting_approval', 'unknown');
  elsif tg_op = 'UPDATE' then
    delete from app_private.open_envelopes as e
    using after as n
    where e.tenant_id = n.tenant_id and e.id = n.id and n.status not in ('pending', 'awaiting_approval', 'unknown');

    update app_private.open_envelopes as e
    set status = n.status, next_run_at = n.next_run_at, retrying = n.attempts > 0
    from after as n
    where e.tenant_id = n.tenant_id and e.id = n.id and n.status in ('pending', 'awaiting_approval', 'unknown')
      and (e.status, e.next_run_at, e.retrying) is distinct from (n.status, n.next_run_at, n.attempts > 0);
  elsif tg_op = 'DELETE' then
    delete from app_private.open_envelopes as e
    using before as o
    where e.tenant_id = o.tenant_id and e.id = o.id;
  else
    truncate app_private.open_envelopes;
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
