-- Replace the rows of a metadata set. `rows` has a list of rows for each table, with the columns of the table. A row of
-- `knowledge_table_mappings` names its term in `term`, in place of `term_id`.
-- call: internal
create or replace function rca.replace_rows(tenant uuid, set_name text, rows jsonb, moment timestamptz)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  -- a table comes after the tables that it refers to
  kinds constant text[] := array[
    'entities', 'metrics', 'tables', 'rules', 'lineage_edges', 'business_labels', 'time_rules', 'identity_mappings',
    'exceptions', 'knowledge_notes', 'knowledge_terms', 'knowledge_table_mappings'
  ];
  common constant jsonb := jsonb_build_object(
    'tenant_id', tenant, 'set_name', set_name, 'created_at', moment, 'updated_at', moment, 'is_derived', false,
    'edge_kind', 'edge', 'exception_kind', 'exception'
  );
  numbered constant text[] := array[
    'lineage_edges', 'business_labels', 'time_rules', 'identity_mappings', 'knowledge_terms', 'knowledge_table_mappings'
  ];
  kind text;
  columns text;
  place integer;
  last_id bigint;   -- without ids of ours, app_private.number_row would search the last one for each row
begin
  delete from rca.knowledge_relationships as r
  where r.tenant_id = tenant and (r.from_term_id, r.to_term_id) in (
    select r2.from_term_id, r2.to_term_id from rca.knowledge_relationships as r2
    join rca.knowledge_terms as t on t.tenant_id = r2.tenant_id and t.id in (r2.from_term_id, r2.to_term_id)
    where r2.tenant_id = tenant and t.set_name = replace_rows.set_name
  );
  for place in reverse cardinality(kinds) .. 1 loop
    execute format('delete from rca.%I where tenant_id = $1 and set_name = $2', kinds[place])
    using tenant, replace_rows.set_name;
  end loop;
  foreach kind in array kinds loop
    last_id := null;
    if kind = any (numbered) then
      -- the lock of app_private.number_row
      perform pg_advisory_xact_lock(
        hashtextextended(format('%s %s', tenant, format('rca.%I', kind)::regclass::oid), 12)
      );
      execute format('select coalesce(max(id), 0) from rca.%I where tenant_id = $1', kind) into last_id using tenant;
    end if;
    continue when kind = 'knowledge_table_mappings';
    select string_agg(format('%I', a.attname), ', ') into columns
    from pg_catalog.pg_attribute as a
    where a.attrelid = format('rca.%I', kind)::regclass and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '';
    execute format(
      'insert into rca.%1$I (%2$s) select %2$s from jsonb_array_elements($1) with ordinality as e (item, place)
         cross join lateral jsonb_populate_record(
           null::rca.%1$I, $2 || e.item || case when $3 is null then ''{}'' else jsonb_build_object(''id'', $3 + e.place) end
         ) as r order by e.place', kind, columns
    ) using coalesce(rows -> kind, '[]'), common, last_id;
  end loop;
  insert into rca.knowledge_table_mappings (
    tenant_id, id, set_name, term_id, table_name, file, source_path, source, created_at
  )
  select
    tenant, last_id + row_number() over (), replace_rows.set_name, t.id, m.table_name, m.file, m.source_path, m.source,
    moment
  from jsonb_to_recordset(coalesce(rows -> 'knowledge_table_mappings', '[]'))
    as m (term text, table_name text, file text, source_path text, source jsonb)
  join rca.knowledge_terms as t
    on t.tenant_id = tenant and t.set_name = replace_rows.set_name and t.term = m.term;
end
$$;
revoke all on function rca.replace_rows from public;
