-- Notify one user or, if `user_id` is null, everybody of the tenant.
-- call: internal
create or replace function drafts.notify(tenant uuid, user_id uuid, type text, payload jsonb, moment timestamptz)
returns void
language sql set search_path = pg_catalog, pg_temp as $$
  insert into drafts.notifications (tenant_id, user_id, type, payload, created_at)
  values (tenant, notify.user_id, notify.type, jsonb_strip_nulls(notify.payload), moment)
$$;
revoke all on function drafts.notify from public;
