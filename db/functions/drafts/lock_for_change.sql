-- Lock the conversation of a draft and then the draft, and check that this user may change the draft now. Returns both
-- rows. Raises PT404 for an unknown draft, and PT403 if the draft was escalated and the user is not an admin. Raises
-- PT409
-- - if the draft is not pending,
-- - if `version` or `digest` is given and differs from the draft's,
-- - if another user works on it and `take_over` is false.
-- The detail of a PT409 has current_digest, decided_by and decided_at.
-- call: internal
create or replace function drafts.lock_for_change(
  tenant uuid, draft uuid, me drafts.users, moment timestamptz, version integer default null, digest text default null,
  take_over boolean default false, out made drafts.drafts, out thread drafts.conversations
)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  problem text;
  who text;
  since timestamptz;
begin
  select d.* into made from drafts.drafts as d
  where d.tenant_id = lock_for_change.tenant and d.id = lock_for_change.draft;
  if made.id is null then
    raise exception 'draft: no draft %', coalesce(lock_for_change.draft::text, 'given') using errcode = 'PT404';
  end if;
  select c.* into thread from drafts.conversations as c
  where c.tenant_id = made.tenant_id and c.id = made.conversation_id for no key update;
  select d.* into made from drafts.drafts as d
  where d.tenant_id = made.tenant_id and d.id = made.id for no key update;

  if made.status = 'superseded' then
    since := made.updated_at;
    problem := format('was superseded at %s, by a newer message or a newer draft', to_jsonb(since) #>> '{}');
  elsif made.status <> 'pending' then
    select u.display_name, a.created_at into who, since
    from drafts.draft_actions as a join drafts.users as u on u.tenant_id = a.tenant_id and u.id = a.user_id
    where a.tenant_id = made.tenant_id and a.draft_id = made.id
    order by a.created_at desc limit 1;
    problem := format('was already %s by %s at %s', case made.status when 'sent' then 'approved' else 'rejected' end,
      coalesce(who, 'somebody'), to_jsonb(since) #>> '{}');
  elsif made.version <> lock_for_change.version or digest <> drafts.digest_of(made, thread) then
    select u.display_name into who from drafts.users as u where u.tenant_id = made.tenant_id and u.id = made.edited_by;
    since := made.edited_at;
    problem := format('has changed since you looked; it now has version %s', made.version)
      || coalesce(format(', edited by %s at %s', who, to_jsonb(since) #>> '{}'), '');
  elsif made.locked_until > moment and made.locked_by <> me.id and not take_over then
    select u.display_name into who from drafts.users as u where u.tenant_id = made.tenant_id and u.id = made.locked_by;
    problem := format('%s works on it until %s; take it over to go on', coalesce(who, 'somebody'),
      to_jsonb(made.locked_until) #>> '{}');
    who := null;
  end if;
  if problem is not null then
    raise exception 'draft: % %', made.id, problem using errcode = 'PT409', detail = jsonb_build_object(
      'current_digest', drafts.digest_of(made, thread), 'decided_by', who, 'decided_at', since
    )::text;
  elsif made.escalated_at is not null and me.role <> 'admin' then
    raise exception 'draft: % was escalated, so an admin has to decide', made.id using errcode = 'PT403';
  end if;
end
$$;
revoke all on function drafts.lock_for_change from public;
