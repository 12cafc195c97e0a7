-- Whether any conversation needs a draft now.
-- call: repeatable
create or replace function drafts.draft_is_needed(tenant uuid default null, as_of timestamptz default null)
returns boolean language sql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select exists (
    select from drafts.conversations as c
    where c.draft_at <= coalesce(as_of, now())
      and (draft_is_needed.tenant is null or c.tenant_id = draft_is_needed.tenant)
  )
$$;
revoke all on function drafts.draft_is_needed from public;
grant execute on function drafts.draft_is_needed to service_role, app_rw;
