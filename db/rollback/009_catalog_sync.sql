drop function if exists worker_api.sync_tools, worker_api.decide_tool, app_private.release_drifted;
alter table public.tool_catalog
  drop column source, drop column annotations, drop column schema_hash, drop column status, drop column drift;
