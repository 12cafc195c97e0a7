-- What a database has too much that applied the first text of 006_repeatable_calls.sql.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists app_private.audit_digest(uuid, bigint, text, text, text, jsonb, timestamptz);
drop aggregate if exists app_private.chain_hash(bytea, bytea);
drop function if exists app_private.chain_link(bytea, bytea, bytea);
