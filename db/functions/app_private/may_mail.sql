-- Whether a delivery to this subscription is allowed now. Each address gets at most one e-mail a minute from all
-- notices of the tenant together. For other kinds of subscriptions the result is always true.
create or replace function app_private.may_mail(subscription public.event_subscriptions, moment timestamptz)
returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select subscription.kind <> 'email' or not exists (
    select from public.event_subscriptions as s
    where s.tenant_id = subscription.tenant_id and s.kind = 'email'
      and s.mailed_at > may_mail.moment - interval '1 minute'
      and (
        s.id = subscription.id
        or string_to_array(lower(s.target), ',') && string_to_array(lower(subscription.target), ',')
      )
  )
$$;
revoke all on function app_private.may_mail from public;
