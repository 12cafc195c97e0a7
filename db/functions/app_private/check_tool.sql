-- Trigger: raise an error if a tool has a value that is too long or that readers cannot parse. Only changed columns are
-- checked.
create or replace function app_private.check_tool()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before public.tool_catalog;   -- null on insert
  problem text;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  select d.field into problem
  from (values
    ('schema', new.schema, before.schema), ('config', new.config, before.config),
    ('annotations', new.annotations, before.annotations), ('scan', new.scan, before.scan)
  ) as d (field, document, previous)
  where d.document is distinct from d.previous and jsonb_typeof(d.document) <> 'object'
  limit 1;
  if found then
    raise exception '%: must be a JSON object', problem using errcode = 'PT400';
  end if;
  perform
    new.schema is not distinct from before.schema or app_private.fits('schema', new.schema, 262144),
    new.config is not distinct from before.config or app_private.fits('config', new.config, 65536),
    new.annotations is not distinct from before.annotations or app_private.fits('annotations', new.annotations, 65536),
    new.scan is not distinct from before.scan or app_private.fits('scan', new.scan, 65536),
    new.tool_slug is not distinct from before.tool_slug or app_private.fits('tool_slug', new.tool_slug, 1024),
    new.version is not distinct from before.version or app_private.fits('version', new.version, 1024),
    new.provider is not distinct from before.provider or app_private.fits('provider', new.provider, 1024),
    new.source is not distinct from before.source or app_private.fits('source', new.source, 4096),
    new.rate_bucket is not distinct from before.rate_bucket or app_private.fits('rate_bucket', new.rate_bucket, 1024),
    new.schema_hash is not distinct from before.schema_hash or app_private.fits('schema_hash', new.schema_hash, 1024),
    new.display_name is not distinct from before.display_name or app_private.fits('display_name', new.display_name, 16384),
    new.description is not distinct from before.description or app_private.fits('description', new.description, 65536),
    new.required_scopes is not distinct from before.required_scopes
      or app_private.fits('required_scopes', new.required_scopes),
    new.drift is not distinct from before.drift or app_private.fits('drift', new.drift),
    new.updated_at is not distinct from before.updated_at or app_private.fits('updated_at', new.updated_at);
  return new;
end
$$;
revoke all on function app_private.check_tool from public;
create or replace trigger tool_catalog_checked before insert or update on public.tool_catalog
  for each row execute function app_private.check_tool();
