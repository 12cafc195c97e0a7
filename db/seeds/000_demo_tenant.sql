-- Two demo tenants that differ in guardrails, tools and accounts, with an envelope in every state. Safe to run again.

select worker_api.save_tenant('11111111-1111-4111-8111-111111111111', 'Acme Robotics', 'enterprise', 2::smallint, 'seed')
where not exists (select from public.tenants where id = '11111111-1111-4111-8111-111111111111');
select worker_api.save_tenant('22222222-2222-4222-8222-222222222222', 'Borealis Bank', 'standard', 1::smallint, 'seed')
where not exists (select from public.tenants where id = '22222222-2222-4222-8222-222222222222');

-- Acme trusts its agents and works around the clock; Borealis wants evidence, daylight and a second pair of eyes.
insert into public.guardrails (tenant_id, quiet_hours, trust_threshold, scopes, require_evidence, rate_limits)
values
  ('11111111-1111-4111-8111-111111111111', '{}', 0.5, '{}', false,
   '{"orders.minute": {"limit": 600, "per_seconds": 60}}'),
  ('22222222-2222-4222-8222-222222222222',
   '{"time_zone": "Europe/Berlin", "windows": [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "20:00", "end": "07:00"}], "holidays": ["2026-12-25"]}',
   0.8, '{"allowed": ["TIME", "LEDGER"]}', true, '{}')
on conflict (tenant_id) do nothing;

insert into public.connected_accounts (id, tenant_id, provider, status, scopes, linked_at, metadata)
values
  ('aaaaaaaa-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111', 'orders', 'connected',
   '{ORDERS.WRITE}', '2026-01-05T09:00:00Z', '{"login": "ops@acme.example"}'),
  ('aaaaaaaa-4444-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111', 'time', 'connected',
   '{}', '2026-01-05T09:05:00Z', '{"login": "desk@acme.example"}'),
  ('aaaaaaaa-4444-4222-8222-222222222222', '22222222-2222-4222-8222-222222222222', 'time', 'connected',
   '{}', '2026-02-10T08:35:00Z', '{"login": "desk@borealis.example"}'),
  ('aaaaaaaa-2222-4222-8222-222222222222', '22222222-2222-4222-8222-222222222222', 'ledger', 'connected',
   '{LEDGER.POST}', '2026-02-10T08:30:00Z', '{"login": "treasury@borealis.example"}'),
  ('aaaaaaaa-3333-4222-8222-222222222222', '22222222-2222-4222-8222-222222222222', 'slack', 'expired',
   '{SLACK.CHAT:WRITE}', '2025-11-01T10:00:00Z', '{"login": "bot@borealis.example"}')
on conflict (tenant_id, id) do nothing;

insert into public.tool_catalog
  (tenant_id, tool_slug, version, display_name, description, risk, schema, required_scopes, provider, config,
   idempotent, rate_bucket)
values
  ('11111111-1111-4111-8111-111111111111', 'TIME__get_current_time', '1', 'Current time',
   'The time in a zone, from the MCP server mcp-server-time.', 'low',
   '{"type": "object", "properties": {"timezone": {"type": "string"}}, "required": ["timezone"], "additionalProperties": false}',
   '{}', 'mcp', '{"server": "time", "tool": "get_current_time"}', true, null),
  ('11111111-1111-4111-8111-111111111111', 'ORDERS__create', '1', 'Create an order',
   'Posts a signed webhook to the order desk.', 'medium',
   '{"type": "object", "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer", "minimum": 1}}, "required": ["sku", "quantity"], "additionalProperties": false}',
   '{ORDERS.WRITE}', 'http', '{"url": "http://127.0.0.1:9700/orders", "secret": "demo"}', true, 'orders.minute'),
  ('22222222-2222-4222-8222-222222222222', 'TIME__get_current_time', '1', 'Current time',
   'The time in a zone, from the MCP server mcp-server-time.', 'low',
   '{"type": "object", "properties": {"timezone": {"type": "string"}}, "required": ["timezone"], "additionalProperties": false}',
   '{}', 'mcp', '{"server": "time", "tool": "get_current_time"}', true, null),
  ('22222222-2222-4222-8222-222222222222', 'LEDGER__post', '1', 'Post to the ledger',
   'Posts a signed webhook to the ledger, which does not honour idempotency keys.', 'high',
   '{"type": "object", "properties": {"account": {"type": "string"}, "cents": {"type": "integer"}}, "required": ["account", "cents"], "additionalProperties": false}',
   '{LEDGER.POST}', 'http', '{"url": "http://127.0.0.1:9700/ledger", "secret": "demo"}', false, null)
on conflict (tenant_id, tool_slug, version) do nothing;

-- What scans read: when the desk in Berlin opens, elsewhere; another answer only when a clock is changed or the day is.
insert into public.tool_catalog
  (tenant_id, tool_slug, version, display_name, description, risk, schema, annotations, provider, config, idempotent, scan)
select
  t.id, 'TIME__convert_time', '1', 'Convert a time', 'A time of day in another zone, from the MCP server mcp-server-time.', 'low',
  '{"type": "object", "properties": {"source_timezone": {"type": "string"}, "time": {"type": "string"}, "target_timezone": {"type": "string"}}, "required": ["source_timezone", "time", "target_timezone"], "additionalProperties": false}',
  '{"readOnlyHint": true}', 'mcp', '{"server": "time", "tool": "convert_time"}', true,
  jsonb_build_object('category', 'time', 'arguments', jsonb_build_object(
    'source_timezone', 'Europe/Berlin', 'time', '09:00', 'target_timezone', d.zone))
from (values
  ('11111111-1111-4111-8111-111111111111'::uuid, 'America/New_York'),
  ('22222222-2222-4222-8222-222222222222', 'Asia/Tokyo')
) as d (tenant, zone)
join public.tenants as t on t.id = d.tenant
on conflict (tenant_id, tool_slug, version) do nothing;

insert into public.objectives (id, tenant_id, title, metric, target, horizon, summary)
values
  ('bbbbbbbb-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111', 'Ship faster',
   'order_lead_time_hours', '24', '2026-Q4', 'Orders leave within a day.'),
  ('bbbbbbbb-2222-4222-8222-222222222222', '22222222-2222-4222-8222-222222222222', 'Books that agree',
   'ledger_gap_cents', '0', '2026-12', 'Both ledgers show the same balance every evening.')
on conflict (tenant_id, id) do nothing;

-- An envelope in every state, as history left it. The pending one waits for a day far off.
with history (id, external_id, status, attempts, last_error, result) as (
  values
    ('cccccccc-0001-4111-8111-111111111111'::uuid, 'seed-pending', 'pending', 0, null, null::jsonb),
    ('cccccccc-0002-4111-8111-111111111111', 'seed-awaiting-approval', 'awaiting_approval', 0, null, null),
    ('cccccccc-0003-4111-8111-111111111111', 'seed-unknown', 'unknown', 1, 'no answer within 30 s', null),
    ('cccccccc-0004-4111-8111-111111111111', 'seed-success', 'success', 1, null, '{"order": "A-1001"}'),
    ('cccccccc-0005-4111-8111-111111111111', 'seed-conflict', 'conflict', 1, 'HTTP 409: the order exists', null),
    ('cccccccc-0006-4111-8111-111111111111', 'seed-rejected', 'rejected', 0, null, null),
    ('cccccccc-0007-4111-8111-111111111111', 'seed-expired', 'expired', 0, null, null),
    ('cccccccc-0008-4111-8111-111111111111', 'seed-cancelled', 'cancelled', 0, null, null)
), placed as (
  insert into public.outbox (
    id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context, status,
    attempts, next_run_at, last_error, result
  )
  select
    h.id, '11111111-1111-4111-8111-111111111111', 'ORDERS__create', '1', '{"sku": "bolt-m8", "quantity": 100}',
    'aaaaaaaa-1111-4111-8111-111111111111', 'medium', h.external_id, '{"score": 0.4}', h.status, h.attempts,
    case h.status when 'pending' then '2099-01-01T00:00:00Z' else now() end, h.last_error, h.result
  from history as h
  on conflict (tenant_id, external_id) do nothing
  returning *
), asked as (
  insert into public.approvals (tenant_id, envelope_id, tool_slug, risk, proposed_by, digest, reason, expires_at)
  select p.tenant_id, p.id, p.tool_slug, p.risk, p.proposed_by, 'f58c2e54868998e04c58374167a34d5adacfc860a011d60da7750219589ee76e', 'trust: the score 0.4 is below the threshold 0.5', '2099-01-01T00:00:00Z'
  from placed as p
  where p.status = 'awaiting_approval'
)
select app_private.do_at_commit(
  null,
  woken_tenants => array_agg(p.tenant_id) filter (where p.status = 'pending'),
  woken_lanes => array_agg(p.lane) filter (where p.status = 'pending'),
  woken_moments => array_agg(p.next_run_at) filter (where p.status = 'pending'),
  woken_keys => array_agg(p.ordering_key) filter (where p.status = 'pending'),
  audited_tenants => array_agg(p.tenant_id order by p.id), actor_type => 'system', actor_id => 'seed',
  categories => array_agg('envelope.' || case p.status when 'pending' then 'proposed' else p.status end order by p.id),
  payloads => array_agg(app_private.envelope_event(
    p.id, p.external_id, p.tool_slug, jsonb_build_object('attempts', p.attempts, 'error', p.last_error)
  ) order by p.id),
  made_at => now()
)
from placed as p
having count(*) > 0;

with history (id, external_id, status, attempts, last_error) as (
  values
    ('dddddddd-0001-4222-8222-222222222222'::uuid, 'seed-failed', 'failed', 2, 'HTTP 422: no such account (attempt 2 of 2)'),
    ('dddddddd-0002-4222-8222-222222222222', 'seed-denied', 'denied', 0,
     'evidence: the tenant requires evidence and none is cited')
), buried as (
  insert into public.outbox_dlq (
    id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
    metadata, status, attempts, last_error, lane, verdicts, created_at
  )
  select
    h.id, '22222222-2222-4222-8222-222222222222', 'LEDGER__post', '1', '{"account": "4711", "cents": 1299}',
    'aaaaaaaa-2222-4222-8222-222222222222', 'high', h.external_id, '{"score": 0.9}', '{}', h.status, h.attempts,
    h.last_error, 0, '[]', now()
  from history as h
  where not exists (
    select from public.outbox as o
    where o.tenant_id = '22222222-2222-4222-8222-222222222222' and o.external_id = h.external_id
  )
  on conflict (tenant_id, external_id) do nothing
  returning *
)
select app_private.do_at_commit(
  null,
  audited_tenants => array_agg(b.tenant_id order by b.id), actor_type => 'system', actor_id => 'seed',
  categories => array_agg('envelope.' || b.status order by b.id),
  payloads => array_agg(app_private.envelope_event(
    b.id, b.external_id, b.tool_slug, jsonb_build_object('attempts', b.attempts, 'error', b.last_error)
  ) order by b.id),
  made_at => now()
)
from buried as b
having count(*) > 0;
