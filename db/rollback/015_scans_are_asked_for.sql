drop function if exists app_private.pin_again;
comment on column public.tool_catalog.status is
  'active: may be called. drifted, blocked: the provider changed it, and nobody has decided, or somebody said no; '
  'quarantined, rejected: the changed definition. retired: another version took its place. removed: gone at the provider.';
