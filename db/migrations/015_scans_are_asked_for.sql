-- Scans call what a person or a rule of the operator marked for them. Until now a sync marked every tool whose provider
-- said that it only reads: these marks go, and the next sync writes those of the rules.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

update public.tool_catalog set scan = null where source <> '' and scan is not null;

comment on column public.tool_catalog.status is
  'active: may be called. drifted, blocked: the provider changed it, and nobody has decided, or somebody said no; '
  'quarantined, rejected: the changed definition, or a tool that is new. retired: another version took its place. '
  'removed: not offered now.';
