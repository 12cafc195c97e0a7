-- A desk that answers mail, for Acme Robotics of the demo: every kind of row that drafts has. Safe to run again.

insert into drafts.users (tenant_id, id, email, display_name, role, auth_provider, auth_subject)
values
  ('11111111-1111-4111-8111-111111111111', 'a0000001-1111-4111-8111-111111111111', 'ana@acme.example', 'Ana Moreau',
   'admin', 'demo', 'ana'),
  ('11111111-1111-4111-8111-111111111111', 'a0000002-1111-4111-8111-111111111111', 'ravi@acme.example', 'Ravi Shah',
   'agent', 'demo', 'ravi')
on conflict do nothing;

insert into public.tool_catalog
  (tenant_id, tool_slug, version, display_name, description, risk, schema, provider, config, idempotent)
values (
  '11111111-1111-4111-8111-111111111111', 'EMAIL__desk.send', '1', 'Send a reply',
  'Sends a mail through the server "desk" of ACP_EMAIL_SERVERS.', 'medium',
  '{"type": "object", "properties": {"to": {"type": "array", "items": {"type": "string"}}, "subject": {"type": "string"}, "text": {"type": "string"}}, "required": ["to", "subject", "text"]}',
  'email', '{"server": "desk"}', false
)
on conflict (tenant_id, tool_slug, version) do nothing;

insert into drafts.channels (tenant_id, id, type, external_id, name, reply_tool_slug)
values (
  '11111111-1111-4111-8111-111111111111', 'a1000000-1111-4111-8111-111111111111', 'email', 'help@acme.example',
  'Help desk', 'EMAIL__desk.send'
)
on conflict do nothing;

insert into drafts.conversations (
  tenant_id, id, channel_id, external_id, subject, status, customer_email, customer_name, reply_to, last_message_at,
  unanswered_id, unanswered_since, abstained_at, abstained_reason
)
values
  ('11111111-1111-4111-8111-111111111111', 'a2000001-1111-4111-8111-111111111111',
   'a1000000-1111-4111-8111-111111111111', '<order-7@customer.example>', 'Where is order A-1001?', 'open',
   'kim@customer.example', 'Kim Olsen', null, now() - interval '50 minutes',
   'a3000001-1111-4111-8111-111111111111', now() - interval '50 minutes', null, null),
  ('11111111-1111-4111-8111-111111111111', 'a2000002-1111-4111-8111-111111111111',
   'a1000000-1111-4111-8111-111111111111', '<return-3@shop.example>', 'Return of two grippers', 'open',
   'lea@shop.example', 'Léa Martin', 'orders@shop.example', now() - interval '3 hours',
   'a3000002-1111-4111-8111-111111111111', now() - interval '3 hours', null, null),
  ('11111111-1111-4111-8111-111111111111', 'a2000003-1111-4111-8111-111111111111',
   'a1000000-1111-4111-8111-111111111111', '<warranty-5@lab.example>', 'Warranty of the arm R2', 'open',
   'jo@lab.example', 'Jo Baker', null, now() - interval '20 hours', null, null, null, null),
  ('11111111-1111-4111-8111-111111111111', 'a2000004-1111-4111-8111-111111111111',
   'a1000000-1111-4111-8111-111111111111', '<mars-1@far.example>', 'Do your robots work on Mars?', 'open',
   'sam@far.example', 'Sam Reed', null, now() - interval '5 hours',
   'a3000004-1111-4111-8111-111111111111', now() - interval '5 hours', now() - interval '5 hours',
   'no source answers this question')
on conflict do nothing;

insert into drafts.messages (
  tenant_id, id, conversation_id, external_id, direction, subject, body_text, sent_at, received_at, from_address,
  author_user_id, delivery_state, delivered_at
)
select
  '11111111-1111-4111-8111-111111111111', m.id::uuid, m.conversation_id::uuid, m.external_id, m.direction, m.subject,
  m.body_text, now() - m.age::interval, now() - m.age::interval, m.from_address, m.author::uuid, m.delivery_state,
  case when m.delivery_state = 'sent' then now() - m.age::interval end
from (values
  ('a3000001-1111-4111-8111-111111111111', 'a2000001-1111-4111-8111-111111111111', '<order-7@customer.example>',
   'inbound', 'Where is order A-1001?',
   E'Hello,\n\nwe ordered 100 bolts last week (A-1001) and have heard nothing since. When will they arrive?\n\nKind regards\nKim',
   '50 minutes', 'kim@customer.example', null, null),
  ('a3000002-1111-4111-8111-111111111111', 'a2000002-1111-4111-8111-111111111111', '<return-3@shop.example>',
   'inbound', 'Return of two grippers',
   E'Bonjour,\n\ntwo of the grippers do not fit our arm. Can we send them back, and who pays for the parcel?\n\nLéa',
   '3 hours', 'lea@shop.example', null, null),
  ('a3000003-1111-4111-8111-111111111111', 'a2000003-1111-4111-8111-111111111111', '<warranty-5@lab.example>',
   'inbound', 'Warranty of the arm R2', E'Our arm R2 stopped after 14 months. Is that still under warranty?', '20 hours',
   'jo@lab.example', null, null),
  ('a3000004-1111-4111-8111-111111111111', 'a2000004-1111-4111-8111-111111111111', '<mars-1@far.example>',
   'inbound', 'Do your robots work on Mars?', E'We plan a mission. Would the arm R2 work there?', '5 hours',
   'sam@far.example', null, null),
  ('a3000005-1111-4111-8111-111111111111', 'a2000003-1111-4111-8111-111111111111', '<reply-5@acme.example>',
   'outbound', 'Re: Warranty of the arm R2',
   E'Hello Jo,\n\nyes: the arm R2 has a warranty of 24 months. Please send us its serial number, and we will repair it for free.\n\nRavi',
   '19 hours', 'help@acme.example', 'a0000002-1111-4111-8111-111111111111', 'sent'),
  ('a3000006-1111-4111-8111-111111111111', 'a2000002-1111-4111-8111-111111111111', null, 'system', null,
   E'Léa is a reseller: her returns are free.', '2 hours', null, 'a0000001-1111-4111-8111-111111111111', null)
) as m (id, conversation_id, external_id, direction, subject, body_text, age, from_address, author, delivery_state)
on conflict do nothing;

insert into drafts.drafts (
  tenant_id, id, conversation_id, trigger_message_id, model_key, prompt_version, status, suggested_text, top_sources,
  confidence, language, priority, due_at, assignee_user_id, created_at
)
select
  '11111111-1111-4111-8111-111111111111', d.id::uuid, d.conversation_id::uuid, d.trigger::uuid, 'offline', '1', d.status,
  d.suggested_text, d.sources::jsonb, d.confidence, 'en', d.priority, now() + d.due::interval, d.assignee::uuid,
  now() - interval '10 minutes'
from (values
  ('a4000001-1111-4111-8111-111111111111', 'a2000001-1111-4111-8111-111111111111',
   'a3000001-1111-4111-8111-111111111111', 'pending',
   E'Hello Kim,\n\nyour order leaves our warehouse within one working day, and the parcel takes two to four days. You receive a mail with the tracking number as soon as it leaves.\n\nKind regards\nAcme Robotics',
   '[{"title": "Shipping times", "url": "https://help.acme.example/shipping", "score": 0.91}, {"title": "Track an order", "url": "https://help.acme.example/tracking", "score": 0.74}]',
   0.91, 'high', '40 minutes', 'a0000002-1111-4111-8111-111111111111'),
  ('a4000002-1111-4111-8111-111111111111', 'a2000002-1111-4111-8111-111111111111',
   'a3000002-1111-4111-8111-111111111111', 'pending',
   E'Hello Léa,\n\nparts that do not fit may be returned within 30 days. Please use the label in your account.\n\nKind regards\nAcme Robotics',
   '[{"title": "Returns", "url": "https://help.acme.example/returns", "score": 0.83}]', 0.83, 'normal', '21 hours', null),
  ('a4000003-1111-4111-8111-111111111111', 'a2000003-1111-4111-8111-111111111111',
   'a3000003-1111-4111-8111-111111111111', 'sent',
   E'Hello Jo,\n\nthe arm R2 has a warranty of 24 months.\n\nKind regards\nAcme Robotics',
   '[{"title": "Warranty", "url": "https://help.acme.example/warranty", "score": 0.88}]', 0.88, 'normal', '4 hours', null)
) as d (
  id, conversation_id, trigger, status, suggested_text, sources, confidence, priority, due, assignee
)
on conflict do nothing;

insert into drafts.draft_actions
  (tenant_id, id, draft_id, user_id, type, final_text, message_id, version, created_at)
select
  m.tenant_id, 'a5000001-1111-4111-8111-111111111111', 'a4000003-1111-4111-8111-111111111111', m.author_user_id,
  'edit', m.body_text, m.id, 1, m.sent_at
from drafts.messages as m
where m.tenant_id = '11111111-1111-4111-8111-111111111111' and m.id = 'a3000005-1111-4111-8111-111111111111'
on conflict do nothing;

insert into drafts.job_runs (tenant_id, id, type, status, started_at, finished_at, metrics)
values (
  '11111111-1111-4111-8111-111111111111', 'a6000001-1111-4111-8111-111111111111', 'crawl', 'succeeded',
  now() - interval '1 day', now() - interval '1 day' + interval '42 seconds', '{"documents": 4, "unchanged": 0}'
)
on conflict do nothing;

insert into drafts.notifications (tenant_id, id, user_id, type, payload)
values (
  '11111111-1111-4111-8111-111111111111', 'a7000001-1111-4111-8111-111111111111', null, 'draft.ready',
  '{"draft_id": "a4000001-1111-4111-8111-111111111111"}'
)
on conflict do nothing;
