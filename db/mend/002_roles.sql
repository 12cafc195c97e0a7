-- What a database lacks that applied an earlier text of 002_roles.sql: before 2026 projects granted every new sequence to
-- the API roles.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

revoke all on sequence public.audit_log_id_seq, public.tool_catalog_id_seq from anon, authenticated, service_role;
grant usage on sequence public.tool_catalog_id_seq to service_role;
