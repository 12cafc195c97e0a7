"""A million messages of customers and all that belongs to them: 40 tenants, of which the first has four fifths."""

from uuid import UUID

from services.database.connect import connect
from tests.bench.runner import Lab

MESSAGES, OF_A_CONVERSATION = 1_000_000, 5
TENANTS = 40
BIG = UUID("00000000-0000-4000-8000-000000000001")
SMALL = UUID("00000000-0000-4000-8000-000000000002")
FAITHFUL = "c-1@customer.example"
"""A customer with one conversation of a hundred of each tenant."""
REVIEWERS = 8

# A conversation has three messages of its customer and two replies, spread over three days, and they all end within a
# year. Ids are hashes, so rows that refer to each other need no look-up. Every message of a customer has a draft: those
# of the answered ones were decided, and of the last ones every eighth is still pending.
FILL = """
set role app_owner;
set work_mem = '256MB';
create function pg_temp.id_of(kind text, n bigint, place integer default 0) returns uuid
language sql immutable as $$ select md5(kind || n || '.' || place)::uuid $$;

create temp table who as
select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as tenant_id
from generate_series(1, {tenants}) as n;
insert into public.tenants (id, name) select w.tenant_id, 'tenant ' || w.n from who as w;
insert into drafts.channels (tenant_id, id, type, external_id, name)
select w.tenant_id, pg_temp.id_of('channel', w.n, k), 'email', 'desk-' || k || '@acme.example', 'Desk ' || k
from who as w cross join generate_series(1, 3) as k;
insert into drafts.users (tenant_id, id, email, display_name, auth_provider, auth_subject)
select
  w.tenant_id, pg_temp.id_of('user', w.n, k), 'user-' || k || '@acme.example', 'User ' || k, 'jwt', 'user-' || k
from who as w cross join generate_series(1, {reviewers}) as k;

create temp table talks as
select
  t.*, pg_temp.id_of('conversation', t.n) as id,
  now() - interval '1 year' * (t.n::float8 / {conversations}) as ended_at, t.n % 8 = 0 as is_pending
from (
  select
    n, case when n % 5 < 4 then 1 else 2 + (n / 5) % ({tenants} - 1) end as place
  from generate_series(1, {conversations}) as n
) as t;
alter table talks add column tenant_id uuid;
update talks as t set tenant_id = w.tenant_id from who as w where w.n = t.place;

insert into drafts.conversations (
  tenant_id, id, channel_id, external_id, subject, status, customer_email, customer_name, created_at, last_message_at,
  unanswered_id, unanswered_since, abstained_at, abstained_reason
)
select
  t.tenant_id, t.id, pg_temp.id_of('channel', t.place, 1 + t.n % 3), '<' || t.n || '.1@customer.example>',
  'My order ' || t.n, case when t.is_pending or t.n / 5 % 20 = 1 then 'open' else 'closed' end,
  case t.n / 5 % 100 when 7 then 'C-1' else 'c-' || (t.n / 5 % 20000 + 2) end || '@customer.example', 'Kim',
  t.ended_at - interval '3 days', t.ended_at,
  case when t.is_pending or t.n / 5 % 20 = 1 then pg_temp.id_of('message', t.n, 5) end,
  case when t.is_pending or t.n / 5 % 20 = 1 then t.ended_at end,
  case when t.n / 5 % 20 = 1 and not t.is_pending then t.ended_at end,
  case when t.n / 5 % 20 = 1 and not t.is_pending then 'nothing fits' end
from talks as t order by t.n desc;

insert into drafts.messages (
  tenant_id, id, conversation_id, external_id, direction, subject, body_text, body_html, sent_at, received_at,
  from_address, metadata
)
select
  t.tenant_id, pg_temp.id_of('message', t.n, p), t.id, '<' || t.n || '.' || p || '@customer.example>',
  case when p % 2 = 1 then 'inbound' else 'outbound' end, 'My order ' || t.n,
  'Hello, this is part ' || p || ' of ' || t.n || '. ' || repeat('Where is my order? ', 30),
  case when t.n % 3 = 0 then '<p>' || repeat('Where is my order? ', 40) || '</p>' end, m.moment, m.moment,
  case when p % 2 = 1 then 'c-1@customer.example' end, jsonb_build_object('part', p)
from talks as t
cross join generate_series(1, {of_a_conversation}) as p
cross join lateral (select t.ended_at - interval '18 hours' * ({of_a_conversation} - p)) as m (moment)
order by m.moment;

insert into drafts.drafts (
  tenant_id, id, conversation_id, trigger_message_id, model_key, prompt_version, status, suggested_text, top_sources,
  created_at, updated_at, confidence, language, topic, cost_usd, due_at, assignee_user_id, snoozed_until
)
select
  t.tenant_id, pg_temp.id_of('draft', t.n, p), t.id, pg_temp.id_of('message', t.n, p),
  case t.n % 4 when 0 then 'offline' else 'model-' || t.n % 4 end, 'v' || t.n % 3,
  case when p < 5 then 'sent' when t.is_pending then 'pending' else 'superseded' end,
  'Dear Kim, ' || repeat('it is on its way. ', 40),
  jsonb_build_array(jsonb_build_object('title', 'Shipping', 'url', 'https://acme.example/s', 'score', 0.9)),
  m.moment, m.moment, 0.9, 'en', 'topic ' || t.n % 7, 0.001, m.moment + interval '1 day',
  case when t.n % 3 = 0 then pg_temp.id_of('user', t.place, (1 + t.n / 24 % {reviewers})::integer) end,
  case when t.is_pending and t.n / 8 % 10 = 0 then now() + interval '7 days' end
from talks as t
cross join (values (1), (3), (5)) as o (p)
cross join lateral (select t.ended_at - interval '18 hours' * ({of_a_conversation} - p)) as m (moment)
order by m.moment;

insert into drafts.draft_actions (
  tenant_id, id, draft_id, user_id, type, final_text, diff_json, created_at, message_id, code, version
)
select
  t.tenant_id, pg_temp.id_of('action', t.n, p), pg_temp.id_of('draft', t.n, p),
  pg_temp.id_of('user', t.place, (1 + (t.n + p) % {reviewers})::integer), d.type,
  'Dear Kim, ' || repeat('it is on its way. ', 40),
  case d.type when 'edit' then '{{"operations": [], "distance": 12, "length": 700}}'::jsonb end,
  t.ended_at - interval '18 hours' * ({of_a_conversation} - p - 1),
  case when d.type <> 'reject' then pg_temp.id_of('message', t.n, p + 1) end,
  case d.type when 'reject' then 'tone' end, 1
from talks as t
cross join (values (1), (3)) as o (p)
cross join lateral (
  select case when (t.n + p) % 10 < 3 then 'edit' when (t.n + p) % 10 = 9 then 'reject' else 'approve' end
) as d (type)
order by t.n desc;

insert into drafts.learning_samples (tenant_id, id, draft_id, action_id, diff_json, created_at)
select a.tenant_id, a.id, a.draft_id, a.id, a.diff_json, a.created_at
from drafts.draft_actions as a where a.type = 'edit' order by a.created_at;

insert into drafts.attachments (tenant_id, message_id, file_name, mime_type, size_bytes, file_url, created_at)
select t.tenant_id, pg_temp.id_of('message', t.n, 1), 'a.png', 'image/png', 1, 'https://files.example/a', t.ended_at
from talks as t where t.n % 4 = 0;

insert into drafts.abstentions (tenant_id, conversation_id, message_id, reason, created_at)
select t.tenant_id, t.id, pg_temp.id_of('message', t.n, 5), 'nothing fits', t.ended_at
from talks as t where t.n / 5 % 20 = 1 and not t.is_pending;

insert into drafts.notifications (tenant_id, type, payload, created_at, read_at)
select t.tenant_id, 'draft.abstained', jsonb_build_object('conversation_id', t.id), t.ended_at, t.ended_at
from talks as t where t.n / 5 % 20 = 1;
"""


def rows_for(messages: int) -> str:
    """The statements that write so many messages and what belongs to them."""
    return FILL.format(
        tenants=TENANTS, conversations=messages // OF_A_CONVERSATION, of_a_conversation=OF_A_CONVERSATION,
        reviewers=REVIEWERS,
    )  # fmt: skip


def fill(lab: Lab, url: str) -> None:
    """Give this database a million messages."""
    messages = lab.sized(MESSAGES)
    lab.say(f"  filling {messages:,} messages")
    with connect(url) as connection:
        connection.execute(rows_for(messages).encode())
        connection.execute("reset role")
        connection.execute("vacuum analyze")
    lab.settle_down()
