-- What a database has otherwise that applied an earlier text of 011_evidence.sql.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table public.evidence
  drop constraint evidence_content_check,
  add constraint evidence_content_check check (octet_length(content::text) <= 4194304);
alter table public.connected_accounts
  drop constraint connected_accounts_metadata_check,
  add constraint connected_accounts_metadata_check
    check (octet_length(metadata::text) <= 65536 and not jsonb_path_exists(metadata, '$.**{101}'));
drop index if exists public.connected_accounts_scan_idx;
create index if not exists connected_accounts_unscanned_idx on public.connected_accounts (linked_at, id)
  where status in ('connected', 'expiring') and (scanned_at is null or scanned_at < linked_at);
