-- Save a reviewer's text of a pending draft and, if `attachments` is given, its files. The suggested text is kept.
-- Returns {draft_id, version, digest}. Raises PT404, PT403 and PT409 as drafts.lock_for_change does.
-- call: not repeatable
create or replace function drafts.edit_draft(
  tenant uuid default null, draft uuid default null, version integer default null, final_text text default null,
  final_html text default null, attachments jsonb default null, take_over boolean default false,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  locked record;
  draft_row drafts.drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if coalesce(final_text, '') = '' then
    raise exception 'final_text: is required' using errcode = 'PT400';
  elsif version is null then
    raise exception 'version: is required' using errcode = 'PT400';
  end if;
  perform drafts.check_files(attachments);
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  select * into locked
  from drafts.lock_for_change(caller.tenant_id, draft, me, moment, version, take_over => edit_draft.take_over);
  update drafts.drafts as d
  set
    edited_text = edit_draft.final_text, edited_html = edit_draft.final_html, edited_by = me.id, edited_at = moment,
    attachments = coalesce(edit_draft.attachments, d.attachments), version = d.version + 1
  where d.tenant_id = caller.tenant_id and d.id = edit_draft.draft
  returning d.* into draft_row;
  perform drafts.add_audit(draft_row.tenant_id, caller.actor_type, caller.actor_id, 'draft.edited', jsonb_build_object(
    'conversation_id', draft_row.conversation_id, 'draft_id', draft_row.id, 'version', draft_row.version,
    'sha256', encode(sha256(convert_to(draft_row.edited_text, 'UTF8')), 'hex')
  ), moment);
  return jsonb_build_object(
    'draft_id', draft_row.id, 'version', draft_row.version, 'digest', drafts.digest_of(draft_row, locked.thread)
  );
end
$$;
revoke all on function drafts.edit_draft from public;
grant execute on function drafts.edit_draft to authenticated, service_role, app_rw;
