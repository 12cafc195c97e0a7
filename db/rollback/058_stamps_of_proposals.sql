drop function if exists worker_api.enqueue, tenant_api.enqueue;
