-- Begin a reply that a person writes, for example because the drafter found no answer. The reply is a pending draft
-- like any other, edited by its author, and somebody must decide about it. Raises PT404, and PT400 without a text.
-- Returns {draft_id, version, digest}.
-- call: not repeatable
create or replace function drafts.write_draft(
  tenant uuid default null, conversation uuid default null, final_text text default null,
  final_html text default null, attachments jsonb default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  thread drafts.conversations;
  made drafts.drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if coalesce(final_text, '') = '' then
    raise exception 'final_text: is required' using errcode = 'PT400';
  end if;
  perform drafts.check_files(attachments);
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  select * into thread from drafts.conversations as c
  where c.tenant_id = caller.tenant_id and c.id = write_draft.conversation for no key update;
  if thread.id is null then
    raise exception 'conversation: no conversation %', conversation using errcode = 'PT404';
  end if;
  insert into drafts.drafts as d (
    tenant_id, conversation_id, trigger_message_id, author_user_id, model_key, prompt_version, suggested_text,
    suggested_html, attachments, due_at, edited_by, edited_at, created_at, updated_at
  )
  values (
    thread.tenant_id, thread.id, case when not exists (
      select from drafts.drafts as other
      where other.tenant_id = thread.tenant_id and other.trigger_message_id = thread.unanswered_id
    ) then thread.unanswered_id end, me.id, 'person', 'none', final_text, final_html, coalesce(write_draft.attachments, '[]'),
    coalesce(thread.unanswered_since, moment) + drafts.due_minutes(thread.tenant_id, 'normal') * interval '1 minute',
    me.id, moment, moment, moment
  )
  returning d.* into made;
  update drafts.conversations as c set draft_at = null, draft_instruction = null, abstained_at = null
  where c.tenant_id = thread.tenant_id and c.id = thread.id;
  perform drafts.add_audit(thread.tenant_id, caller.actor_type, caller.actor_id, 'draft.created', jsonb_build_object(
    'conversation_id', thread.id, 'draft_id', made.id, 'model_key', 'person',
    'sha256', encode(sha256(convert_to(made.suggested_text, 'UTF8')), 'hex')
  ), moment);
  return jsonb_build_object('draft_id', made.id, 'version', made.version, 'digest', drafts.digest_of(made, thread));
end
$$;
revoke all on function drafts.write_draft from public;
grant execute on function drafts.write_draft to authenticated, service_role, app_rw;
