-- Where the rows of a metadata set come from: for each table, a list of {file, source_path, source}. Derived rows are left
-- out. For everybody of the tenant. Raises PT404, PT403. Returns a list of {kind, file, source_path, source}.
-- call: repeatable
create or replace function rca.list_row_sources(
  set_name text, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
  kind text;
  part jsonb;
  answer jsonb := '[]';
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  foreach kind in array array[
    'entities', 'metrics', 'tables', 'rules', 'lineage_edges', 'business_labels', 'time_rules', 'identity_mappings',
    'exceptions', 'knowledge_notes', 'knowledge_terms', 'knowledge_table_mappings'
  ] loop
    execute format(
      'select jsonb_agg(jsonb_build_object(
         ''kind'', %L, ''file'', r.file, ''source_path'', r.source_path, ''source'', r.source
       ) order by r.file, r.source_path) from rca.%I as r
       where r.tenant_id = $1 and r.set_name = $2 and r.file is not null', kind, kind
    ) into part using caller.tenant_id, list_row_sources.set_name;
    answer := answer || coalesce(part, '[]');
  end loop;
  return answer;
end
$$;
revoke all on function rca.list_row_sources from public;
grant execute on function rca.list_row_sources to authenticated, service_role, app_rw;
