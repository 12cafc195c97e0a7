-- The moment at which this transaction acts: what act_as was told, else now.
create or replace function app_private.acting_at()
returns timestamptz language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('app.as_of', true), '')::timestamptz, now())
$$;
