alter table public.event_subscriptions drop constraint event_subscriptions_event_types_list_check;
alter table public.api_tokens drop constraint api_tokens_scopes_list_check;

drop function if exists app_private.next_paused_at;
