drop function if exists tenant_api.look_at_approval, worker_api.look_at_approval, worker_api.list_viewers,
  worker_api.list_last_calls;
drop table public.approval_viewers;
