-- Lock the conversation of a pending draft and then the draft. Raises PT404 for an unknown draft, and PT409 for a draft
-- that is not pending.
-- call: internal
create or replace function drafts.lock_pending(tenant uuid, draft uuid)
returns drafts.drafts language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  made drafts.drafts;
begin
  select * into made from drafts.drafts as d where d.tenant_id = lock_pending.tenant and d.id = lock_pending.draft;
  if made.id is null then
    raise exception 'draft: no draft %', coalesce(lock_pending.draft::text, 'given') using errcode = 'PT404';
  end if;
  perform from drafts.conversations as c
  where c.tenant_id = made.tenant_id and c.id = made.conversation_id for no key update;
  select * into made from drafts.drafts as d where d.tenant_id = made.tenant_id and d.id = made.id for no key update;
  if made.status <> 'pending' then
    raise exception 'draft: % is %, not pending', made.id, made.status using errcode = 'PT409';
  end if;
  return made;
end
$$;
revoke all on function drafts.lock_pending from public;
