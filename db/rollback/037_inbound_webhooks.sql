drop function if exists tenant_api.create_inbound_webhook, tenant_api.rotate_inbound_secret,
  tenant_api.delete_inbound_webhook;
drop function if exists worker_api.create_inbound_webhook, worker_api.rotate_inbound_secret,
  worker_api.delete_inbound_webhook, worker_api.list_inbound_webhooks;
drop table public.inbound_webhooks;
