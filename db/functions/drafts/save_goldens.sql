-- Store goldens (questions with verified answers), all or none. Each golden is also a document `golden:ID`, whose
-- passages a search finds. Unchanged goldens are not written. `goldens` is a list of at most 100:
--   {external_id, question, answer, must_include, must_cite, topic, sources, last_verified, document}
-- `external_id` is the id in the golden's file; `document` is as in drafts.save_documents. Returns {saved, unchanged}.
-- For owners and reviewers. Raises PT404 and PT403 as app_private.acting_caller does, and PT400.
-- call: repeatable
create or replace function drafts.save_goldens(
  goldens jsonb, tenant uuid default null, as_of timestamptz default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  caller record;
  moment constant timestamptz := app_private.acting_moment(as_of);
  golden jsonb;
  new drafts.goldens;
  known drafts.goldens;
  saved jsonb := '[]';
  read_count integer := 0;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if jsonb_typeof(goldens) is distinct from 'array' or jsonb_array_length(goldens) > 100 then
    raise exception 'goldens: must be a list of at most 100' using errcode = 'PT400';
  end if;
  for golden in select g from jsonb_array_elements(goldens) as g order by g ->> 'external_id' loop
    read_count := read_count + 1;
    perform drafts.check_fields('golden', golden, '{
      "answer": "text", "document": "object", "external_id": "text", "last_verified": "date", "must_cite": "list",
      "must_include": "list", "question": "text", "sources": "list", "topic": "text"
    }');
    new := jsonb_populate_record(null::drafts.goldens, golden - array['id', 'tenant_id', 'created_at']);
    select * into known from drafts.goldens as g
    where g.tenant_id = caller.tenant_id and g.external_id = new.external_id
    for update;
    perform drafts.put_document(caller.tenant_id, golden -> 'document', moment);
    continue when found and (
      known.question, known.answer, known.must_include, known.must_cite, known.topic, known.sources, known.last_verified
    ) is not distinct from (
      new.question, new.answer, coalesce(new.must_include, '[]'), coalesce(new.must_cite, '[]'), new.topic,
      coalesce(new.sources, '[]'), new.last_verified
    );
    insert into drafts.goldens as g (
      tenant_id, external_id, question, answer, must_include, must_cite, topic, sources, last_verified, created_at
    )
    values (
      caller.tenant_id, new.external_id, new.question, new.answer, coalesce(new.must_include, '[]'),
      coalesce(new.must_cite, '[]'), new.topic, coalesce(new.sources, '[]'), new.last_verified, moment
    )
    on conflict on constraint uq_goldens_external_id do update
    set question = excluded.question, answer = excluded.answer, must_include = excluded.must_include,
        must_cite = excluded.must_cite, topic = excluded.topic, sources = excluded.sources,
        last_verified = excluded.last_verified
    returning * into new;
    saved := saved || to_jsonb(new.id);
  end loop;
  if saved <> '[]' then
    perform app_private.do_at_commit(
      moment, audited_tenants => array[caller.tenant_id], actor_type => caller.actor_type, actor_id => caller.actor_id,
      categories => array['goldens.saved'], payloads => array[jsonb_build_object('golden_ids', saved)],
      made_at => moment
    );
  end if;
  return jsonb_build_object('saved', jsonb_array_length(saved), 'unchanged', read_count - jsonb_array_length(saved));
end
$$;
revoke all on function drafts.save_goldens from public;
grant execute on function drafts.save_goldens to authenticated, service_role, app_rw;
