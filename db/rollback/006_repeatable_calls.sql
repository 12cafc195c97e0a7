drop function if exists worker_api.claim(text, uuid, integer, interval, uuid, timestamptz);
drop function if exists worker_api.take_rate_tokens(uuid, jsonb, timestamptz);
drop function if exists worker_api.due_in(uuid, timestamptz);
alter table app_private.rate_buckets drop column answers;
alter table public.outbox_dlq drop column settled_token;
alter table public.outbox drop column settled_token;
alter table app_private.lanes drop column lost, drop column claim_id;
