drop function if exists tenant_api.create_subscription, tenant_api.delete_subscription, tenant_api.enable_subscription,
  tenant_api.rotate_subscription_secret, tenant_api.test_subscription;
drop function if exists worker_api.create_subscription, worker_api.delete_subscription, worker_api.enable_subscription,
  worker_api.rotate_subscription_secret, worker_api.test_subscription, worker_api.list_subscriptions,
  worker_api.due_subscriptions, worker_api.count_deliveries, worker_api.deliver_events;
drop function if exists worker_api.find_tools;
drop function if exists tenant_api.enqueue, app_private.check_not_reserved;
drop function if exists app_private.enqueue_events, app_private.subscription_tool;
drop table app_private.event_deliveries;
drop table public.event_subscriptions;
