-- squawk-ignore-file ban-drop-constraint, ban-drop-function, constraint-missing-not-valid
-- E-mail as a kind of subscription. One message a minute, at most, goes to each: it tells of all events since the last.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table public.event_subscriptions
  add column mailed_at timestamptz,
  drop constraint event_subscriptions_kind_check;
alter table public.event_subscriptions
  add constraint event_subscriptions_kind_check check (kind in ('webhook', 'slack', 'email')) not valid;
alter table public.event_subscriptions validate constraint event_subscriptions_kind_check;
comment on column public.event_subscriptions.target is
  'Where to: the URL of a webhook, the id of a Slack channel, or addresses separated by commas.';
comment on column public.event_subscriptions.mailed_at is 'When the last e-mail was enqueued; null for other kinds.';
grant select (mailed_at) on public.event_subscriptions to authenticated;

drop function if exists worker_api.due_subscriptions;   -- it has a clock now
