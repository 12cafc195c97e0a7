drop function if exists worker_api.enqueue, app_private.do_now;
alter table app_private.renewals drop column set_at;
