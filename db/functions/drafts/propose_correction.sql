-- Propose a correction: an answer for messages that match a pattern or resemble a question. Drafts use it after
-- drafts.approve_correction. `correction` is {external_id, patterns, question, answer, sources, topic, last_verified,
-- metadata}. It replaces an earlier proposal with the same external_id. An approved or retired correction does not
-- change. Returns the row. For owners, reviewers and operators. Raises PT404 and PT403 as app_private.acting_caller
-- does, and PT400.
-- call: repeatable, columns 1 deep
create or replace function drafts.propose_correction(
  correction jsonb, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  new drafts.corrections;
  saved drafts.corrections;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform drafts.check_fields('correction', correction, '{
    "answer": "text", "external_id": "text", "last_verified": "date", "metadata": "object", "patterns": "list",
    "question": "text", "sources": "list", "topic": "text"
  }');
  new := jsonb_populate_record(null::drafts.corrections, correction);
  if new.answer is null then
    raise exception 'answer: is required' using errcode = 'PT400';
  elsif coalesce(new.patterns, '[]') = '[]' and coalesce(new.question, '') = '' then
    raise exception 'patterns: give a pattern or a question' using errcode = 'PT400';
  end if;
  insert into drafts.corrections as c (
    tenant_id, external_id, patterns, question, answer, sources, topic, last_verified, metadata, created_at
  )
  values (
    caller.tenant_id, coalesce(new.external_id, gen_random_uuid()::text), coalesce(new.patterns, '[]'), new.question,
    new.answer, coalesce(new.sources, '[]'), new.topic, new.last_verified, coalesce(new.metadata, '{}'), moment
  )
  on conflict on constraint uq_corrections_external_id do update
  set patterns = excluded.patterns, question = excluded.question, answer = excluded.answer, sources = excluded.sources,
      topic = excluded.topic, last_verified = excluded.last_verified, metadata = excluded.metadata
  where c.status = 'proposed'
    and (c.patterns, c.question, c.answer, c.sources, c.topic, c.last_verified, c.metadata) is distinct from (
      excluded.patterns, excluded.question, excluded.answer, excluded.sources, excluded.topic, excluded.last_verified,
      excluded.metadata
    )
  returning * into saved;
  if not found then
    return (
      select to_jsonb(c) from drafts.corrections as c
      where c.tenant_id = caller.tenant_id and c.external_id = new.external_id
    );
  end if;
  perform app_private.do_at_commit(
    moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
    categories => array['correction.proposed'], payloads => array[jsonb_build_object('correction_id', saved.id)],
    made_at => moment
  );
  return to_jsonb(saved);
end
$$;
revoke all on function drafts.propose_correction from public;
grant execute on function drafts.propose_correction to authenticated, service_role, app_rw;
