-- squawk-ignore-file constraint-missing-not-valid
--
-- Tools come from providers and change there: what a sync found, and whether a tool that changed may still be called.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table public.tool_catalog
  add column source text not null default '',
  add column annotations jsonb not null default '{}',
  add column schema_hash text not null default '',
  add column status text not null default 'active',
  add column drift text[] not null default '{}',
  add constraint tool_catalog_status_check
    check (status in ('active', 'drifted', 'blocked', 'quarantined', 'rejected', 'retired', 'removed')),
  add constraint tool_catalog_drift_check check (octet_length(drift::text) <= 65536);

comment on column public.tool_catalog.source is
  'Where the provider found it: a server, a toolkit, a manifest. Empty for a tool that a person added.';
comment on column public.tool_catalog.schema_hash is
  'SHA-256 of what the provider said of the tool, as canonical JSON: services/catalog/definition.py.';
comment on column public.tool_catalog.status is
  'active: may be called. drifted, blocked: the provider changed it, and nobody has decided, or somebody said no; '
  'quarantined, rejected: the changed definition. retired: another version took its place. removed: gone at the provider.';
comment on column public.tool_catalog.drift is 'What changed against the accepted version, a line each; text from outside.';
