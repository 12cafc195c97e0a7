drop function if exists worker_api.enqueue, worker_api.list_requeueable, app_private.do_now, app_private.goes_back,
  app_private.check_texts;
alter table app_private.renewals drop column set_at;
