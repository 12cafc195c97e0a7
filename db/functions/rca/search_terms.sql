-- Terms of a metadata set that have all words of `query` in their name, aliases, definition or meaning; the best first.
-- `query` is written as for a web search. At most 1,000 terms are ranked, so that a common word takes no longer than a
-- rare one. For everybody of the tenant. Raises PT404, PT403, PT400. Returns a list of {term, aliases, definition}.
-- call: repeatable
create or replace function rca.search_terms(
  set_name text, query text, max_terms integer default 20, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  caller record;
  wanted tsquery;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  perform app_private.check_texts('query', search_terms.query);
  if max_terms not between 1 and 100 then
    raise exception 'max_terms: must be from 1 to 100' using errcode = 'PT400';
  end if;
  wanted := websearch_to_tsquery('english', search_terms.query);
  if wanted is null or numnode(wanted) = 0 then   -- only words such as "the"
    return '[]';
  end if;
  return (
    with candidates as (
      select t.id, t.term, t.aliases, t.definition, t.words from rca.knowledge_terms as t
      where t.words @@ (wanted && md5(format('%s/%s', caller.tenant_id, search_terms.set_name))::tsquery)
        -- written so that no other index fits: those read every term of the set
        and t.tenant_id is not distinct from caller.tenant_id and t.set_name is not distinct from search_terms.set_name
      limit 1000
    ), best as (
      select c.*, ts_rank(c.words, wanted) as rank from candidates as c
      order by rank desc, c.term limit search_terms.max_terms
    )
    select coalesce(jsonb_agg(
      jsonb_build_object('term', b.term, 'aliases', coalesce(b.aliases, '[]'), 'definition', b.definition)
      order by b.rank desc, b.term
    ), '[]')
    from best as b
  );
end
$$;
revoke all on function rca.search_terms from public;
grant execute on function rca.search_terms to authenticated, service_role, app_rw;
