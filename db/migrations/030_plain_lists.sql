-- Scopes of API tokens and event types of subscriptions are plain lists. A list of lists, which only SQL could write, made
-- all tokens of the tenant unreadable.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

update public.api_tokens set scopes = array(select unnest(scopes)) where array_ndims(scopes) > 1;
update public.event_subscriptions set event_types = array(select unnest(event_types)) where array_ndims(event_types) > 1;

-- Not validated: the rows from before are plain now.
alter table public.api_tokens
  add constraint api_tokens_scopes_list_check check (app_private.fits('scopes', scopes)) not valid;
alter table public.event_subscriptions
  add constraint event_subscriptions_event_types_list_check check (app_private.fits('event_types', event_types)) not valid;
