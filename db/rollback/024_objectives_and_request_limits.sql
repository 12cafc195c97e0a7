drop function if exists worker_api.enqueue, tenant_api.enqueue, worker_api.read_progress,
  worker_api.requeue_edited, tenant_api.requeue_edited, worker_api.take_request, worker_api.set_request_limits,
  app_private.take_request_token;

alter table public.outbox drop column objective_id;
alter table public.outbox_dlq drop column objective_id;

drop table app_private.request_buckets;
alter table public.tenants drop column requests_per_minute, drop column token_requests_per_minute;
