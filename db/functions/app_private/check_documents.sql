-- Raise PT400 if a document of new envelopes is not a JSON object, is too large, or has more than 100 levels.
create or replace function app_private.check_documents(arguments jsonb[], trust_contexts jsonb[], metadata jsonb[])
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  unfit_field text;
begin
  select min(d.field) into unfit_field
  -- JSON readers fail at some depth, and a row that a worker cannot read would stop its lane: at most 100 levels. A
  -- document with 101 levels takes more than 400 bytes, so smaller ones are not searched.
  from (
    select 'arguments' as field, a.document from unnest(arguments) as a (document)
    union all
    select 'trust_context', t.document from unnest(trust_contexts) as t (document)
    union all
    select 'metadata', m.document from unnest(metadata) as m (document)
  ) as d
  where d.document <> '{}' and (
    jsonb_typeof(d.document) <> 'object' or octet_length(d.document::text) > 65536
    or (pg_column_size(d.document) > 400 and jsonb_path_exists(d.document, '$.**{101}'))
  );
  if unfit_field is not null then
    raise exception '%: must be a JSON object of at most 65536 bytes and 100 levels', unfit_field using errcode = 'PT400';
  end if;
end
$$;
revoke all on function app_private.check_documents from public;
