-- How many minutes after the customer's message a reply of this priority is due, by the tenant's settings.
-- call: internal
create or replace function drafts.due_minutes(tenant uuid, priority text)
returns integer language sql stable set search_path = pg_catalog, pg_temp as $$
  select case due_minutes.priority
    when 'low' then coalesce(min(s.due_low_minutes), 2880)
    when 'high' then coalesce(min(s.due_high_minutes), 240)
    when 'urgent' then coalesce(min(s.due_urgent_minutes), 60)
    else coalesce(min(s.due_normal_minutes), 1440)
  end
  from drafts.settings as s where s.tenant_id = due_minutes.tenant
$$;
revoke all on function drafts.due_minutes from public;
