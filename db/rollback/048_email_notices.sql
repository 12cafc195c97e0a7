drop function if exists worker_api.due_subscriptions, app_private.may_mail, app_private.require_subscription,
  app_private.audit_subscription;
delete from public.event_subscriptions where kind = 'email';
alter table public.event_subscriptions
  drop constraint event_subscriptions_kind_check,
  add constraint event_subscriptions_kind_check check (kind in ('webhook', 'slack')),
  drop column mailed_at;
comment on column public.event_subscriptions.target is
  'Where to: the URL of a webhook, or the id of a Slack channel.';
