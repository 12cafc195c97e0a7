-- Whether a delivery may be enqueued now as far as time goes: of e-mail one a minute, of other kinds any number.
create or replace function app_private.may_mail(subscription public.event_subscriptions, moment timestamptz)
returns boolean language sql immutable set search_path = pg_catalog, pg_temp as $$
  select subscription.mailed_at is null or subscription.mailed_at <= may_mail.moment - interval '1 minute'
$$;
revoke all on function app_private.may_mail from public;
