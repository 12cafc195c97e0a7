-- Approve or reject the call with this digest: see worker_api.decide_approval. For owners and reviewers. A rejection
-- needs a code.
-- call: not repeatable
create or replace function tenant_api.decide_approval(
  envelope uuid, decision text, digest text, reason text default null, code text default null,
  edited_arguments jsonb default null, edited_digest text default null, shown_whole boolean default null
)
returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  acting_tenant constant uuid := app_private.acting_tenant('owner', 'reviewer');
begin
  if decision = 'rejected' and code is null then
    raise exception 'code: is required to reject' using errcode = 'PT400';
  end if;
  return (
    select worker_api.decide_approval(
      tenant => acting_tenant, envelope => decide_approval.envelope,
      decision => decide_approval.decision, digest => decide_approval.digest, reason => decide_approval.reason,
      code => decide_approval.code, edited_arguments => decide_approval.edited_arguments,
      edited_digest => decide_approval.edited_digest, shown_whole => decide_approval.shown_whole,
      actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
    )
    from app_private.acting_user() as caller
  );
end
$$;
revoke all on function tenant_api.decide_approval from public;
grant execute on function tenant_api.decide_approval to authenticated;
