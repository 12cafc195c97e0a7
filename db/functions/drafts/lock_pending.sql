-- Lock the conversation of a pending draft and then the draft. Raises PT404 for an unknown draft, and PT409 for a draft
-- that is not pending.
-- call: internal
create or replace function drafts.lock_pending(tenant uuid, draft uuid)
returns drafts.drafts language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  draft_row drafts.drafts;
begin
  select * into draft_row from drafts.drafts as d where d.tenant_id = lock_pending.tenant and d.id = lock_pending.draft;
  if draft_row.id is null then
    raise exception 'draft: no draft %', coalesce(lock_pending.draft::text, 'given') using errcode = 'PT404';
  end if;
  perform from drafts.conversations as c
  where c.tenant_id = draft_row.tenant_id and c.id = draft_row.conversation_id for no key update;
  select * into draft_row from drafts.drafts as d
  where d.tenant_id = draft_row.tenant_id and d.id = draft_row.id for no key update;
  if draft_row.status <> 'pending' then
    raise exception 'draft: % is %, not pending', draft_row.id, draft_row.status using errcode = 'PT409';
  end if;
  return draft_row;
end
$$;
revoke all on function drafts.lock_pending from public;
