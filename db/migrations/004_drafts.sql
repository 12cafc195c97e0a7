-- Drafts: an AI drafts replies to customers, people approve, edit or reject them, and what they changed teaches the
-- next draft. docs/decisions/012-schemas-of-the-applications.md says how the model became tables: its Account is our
-- tenant, and what it keeps unique is unique within a tenant.
--
-- Every key leads with the tenant, and so does every foreign key: no row can point into another tenant's.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create schema drafts;
grant usage on schema drafts to authenticated, service_role, app_rw, app_ro;
grant usage, create on schema drafts to app_owner;

-- ---------------------------------------------------------------------------------------------------------------
-- From the customer's message to the answer that was sent
-- ---------------------------------------------------------------------------------------------------------------

create table drafts.users (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  email text not null,
  display_name text not null,
  role text not null default 'agent',
  auth_provider text not null,
  auth_subject text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_users_email unique (tenant_id, email),
  constraint users_email_check check (length(email) between 1 and 320)
);

create table drafts.channels (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  type text not null,
  external_id text not null,
  name text not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_channels_external_id unique (tenant_id, external_id),
  constraint channels_type_check check (type in ('email', 'chat', 'shopify', 'slack')),
  constraint channels_external_id_check check (length(external_id) between 1 and 255),
  constraint channels_metadata_check
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536)
);
create index idx_channel_account_type on drafts.channels (tenant_id, type);

create table drafts.conversations (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  channel_id uuid not null,
  external_id text not null,
  subject text,
  status text not null default 'open',
  customer_email text,
  customer_name text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_conversations_external_id unique (tenant_id, external_id),
  constraint conversations_channel_id_fkey foreign key (tenant_id, channel_id)
    references drafts.channels (tenant_id, id),
  constraint conversations_external_id_check check (length(external_id) between 1 and 255),
  constraint conversations_status_check check (length(status) between 1 and 255)
);
comment on column drafts.conversations.status is 'open until the channel says otherwise, in its own words.';
create index idx_conversation_account_status on drafts.conversations (tenant_id, status);
create index idx_conversation_channel_created on drafts.conversations (tenant_id, channel_id, created_at);

create table drafts.messages (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  conversation_id uuid not null,
  external_id text,
  direction text not null,
  subject text,
  body_text text not null,
  body_html text,
  sent_at timestamptz not null default now(),
  metadata jsonb not null default '{}',
  primary key (tenant_id, id),
  -- What a channel delivers twice is one message.
  constraint uq_messages_external_id unique (tenant_id, conversation_id, external_id),
  constraint messages_conversation_id_fkey foreign key (tenant_id, conversation_id)
    references drafts.conversations (tenant_id, id),
  -- An email's Message-ID is one header line, which RFC 5322 keeps under 998 bytes.
  constraint messages_external_id_check check (octet_length(external_id) between 1 and 998),
  constraint messages_direction_check check (direction in ('inbound', 'outbound', 'system')),
  constraint messages_metadata_check
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536)
);
create index idx_message_conversation_sent on drafts.messages (tenant_id, conversation_id, sent_at);

create table drafts.drafts (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  conversation_id uuid not null,
  trigger_message_id uuid,
  author_user_id uuid,
  model_key text not null,
  prompt_version text not null,
  status text not null default 'pending',
  suggested_text text not null,
  suggested_html text,
  top_sources jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_drafts_trigger_message_id unique (tenant_id, trigger_message_id),
  constraint drafts_conversation_id_fkey foreign key (tenant_id, conversation_id)
    references drafts.conversations (tenant_id, id),
  constraint drafts_trigger_message_id_fkey foreign key (tenant_id, trigger_message_id)
    references drafts.messages (tenant_id, id) on delete set null (trigger_message_id),
  constraint drafts_author_user_id_fkey foreign key (tenant_id, author_user_id)
    references drafts.users (tenant_id, id) on delete set null (author_user_id),
  constraint drafts_status_check check (status in ('pending', 'sent', 'superseded', 'archived')),
  constraint drafts_top_sources_check
    check (jsonb_typeof(top_sources) = 'array' and octet_length(top_sources::text) <= 65536)
);
comment on column drafts.drafts.top_sources is 'Where the text comes from: a list of {title, url, score}.';
create index idx_draft_conversation_status on drafts.drafts (tenant_id, conversation_id, status);
create index idx_draft_status_created on drafts.drafts (tenant_id, status, created_at);
create index idx_draft_author on drafts.drafts (tenant_id, author_user_id);

create table drafts.draft_actions (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  draft_id uuid not null,
  user_id uuid not null,
  type text not null,
  final_text text,
  final_html text,
  sent_msg_id text,
  notes text,
  diff_json jsonb,
  created_at timestamptz not null default now(),
  message_id uuid,
  primary key (tenant_id, id),
  constraint draft_actions_draft_id_fkey foreign key (tenant_id, draft_id) references drafts.drafts (tenant_id, id),
  constraint draft_actions_user_id_fkey foreign key (tenant_id, user_id) references drafts.users (tenant_id, id),
  constraint draft_actions_message_id_fkey foreign key (tenant_id, message_id)
    references drafts.messages (tenant_id, id) on delete set null (message_id),
  constraint draft_actions_type_check check (type in ('approve', 'edit', 'reject')),
  constraint draft_actions_diff_json_check
    check (jsonb_typeof(diff_json) = 'object' and octet_length(diff_json::text) <= 65536)
);
comment on column drafts.draft_actions.diff_json is 'The edit, to be replayed: {operations: […]}.';
comment on column drafts.draft_actions.sent_msg_id is 'What the channel calls the message that was sent.';
create index idx_action_draft on drafts.draft_actions (tenant_id, draft_id);
create index idx_action_user_created on drafts.draft_actions (tenant_id, user_id, created_at);
create index idx_action_message on drafts.draft_actions (tenant_id, message_id);

create table drafts.learning_samples (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  draft_id uuid not null,
  action_id uuid not null,
  diff_json jsonb not null,
  embeddings_json jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint uq_learning_samples_draft_id unique (tenant_id, draft_id),
  constraint uq_learning_samples_action_id unique (tenant_id, action_id),
  constraint learning_samples_draft_id_fkey foreign key (tenant_id, draft_id) references drafts.drafts (tenant_id, id),
  constraint learning_samples_action_id_fkey foreign key (tenant_id, action_id)
    references drafts.draft_actions (tenant_id, id),
  constraint learning_samples_diff_json_check
    check (jsonb_typeof(diff_json) = 'object' and octet_length(diff_json::text) <= 65536),
  constraint learning_samples_embeddings_json_check check (octet_length(embeddings_json::text) <= 65536)
);

create table drafts.attachments (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  message_id uuid not null,
  file_name text not null,
  mime_type text not null,
  size_bytes integer not null,
  file_url text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint attachments_message_id_fkey foreign key (tenant_id, message_id) references drafts.messages (tenant_id, id),
  constraint attachments_size_bytes_check check (size_bytes >= 0)
);
comment on column drafts.attachments.file_url is 'A signed address; the file itself is kept elsewhere.';
create index idx_attachment_message on drafts.attachments (tenant_id, message_id);

-- ---------------------------------------------------------------------------------------------------------------
-- What runs beside it
-- ---------------------------------------------------------------------------------------------------------------

create table drafts.job_runs (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  type text not null,
  status text not null default 'queued',
  started_at timestamptz,
  finished_at timestamptz,
  error text,
  metrics jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint job_runs_type_check check (type in ('crawl', 'ingest_goldens', 'corrections_sync')),
  constraint job_runs_status_check check (status in ('queued', 'running', 'succeeded', 'failed')),
  constraint job_runs_metrics_check
    check (jsonb_typeof(metrics) = 'object' and octet_length(metrics::text) <= 65536)
);
create index idx_jobrun_account_type_created on drafts.job_runs (tenant_id, type, created_at);

create table drafts.source_documents (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  source_url text not null,
  title text,
  hash text,
  indexed_at timestamptz not null,
  next_refresh_at timestamptz,
  metadata jsonb not null default '{}',
  primary key (tenant_id, id),
  constraint uq_source_documents_source_url unique (tenant_id, source_url),
  -- The address is a key, and an index entry holds 2,704 bytes.
  constraint source_documents_source_url_check check (octet_length(source_url) between 1 and 2048),
  constraint source_documents_metadata_check
    check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 65536)
);

create table drafts.notifications (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  user_id uuid,
  type text not null,
  payload jsonb not null default '{}',
  read_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  constraint notifications_user_id_fkey foreign key (tenant_id, user_id)
    references drafts.users (tenant_id, id) on delete set null (user_id),
  constraint notifications_payload_check
    check (jsonb_typeof(payload) = 'object' and octet_length(payload::text) <= 65536)
);
comment on column drafts.notifications.user_id is 'Whom it is for; null: everybody of the tenant.';
create index idx_notification_account_created on drafts.notifications (tenant_id, created_at);
create index idx_notification_user_created on drafts.notifications (tenant_id, user_id, created_at);

create trigger set_users_updated_at before update on drafts.users
  for each row execute function app_private.touch_updated_at();
create trigger set_channels_updated_at before update on drafts.channels
  for each row execute function app_private.touch_updated_at();
create trigger set_conversations_updated_at before update on drafts.conversations
  for each row execute function app_private.touch_updated_at();
create trigger set_drafts_updated_at before update on drafts.drafts
  for each row execute function app_private.touch_updated_at();

-- ---------------------------------------------------------------------------------------------------------------
-- Whose rows, and which verbs: the same for every table of this schema
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  t text;
begin
  for t in select tablename from pg_catalog.pg_tables where schemaname = 'drafts' order by 1 loop
    execute format('alter table drafts.%I enable row level security', t);
    execute format(
      'create policy %I on drafts.%I for select to authenticated
         using (tenant_id = (select app_private.current_tenant_id_uuid()))', t || '_tenant', t
    );
    execute format('create policy %I on drafts.%I for all to app_rw using (true)', t || '_app_rw', t);
    execute format('create policy %I on drafts.%I for select to app_ro using (true)', t || '_app_ro', t);
  end loop;
end
$$;

grant select on all tables in schema drafts to authenticated, app_ro;
grant select, insert, update, delete on all tables in schema drafts to service_role, app_rw;
