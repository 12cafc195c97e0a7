-- squawk-ignore-file ban-drop-constraint, require-concurrent-index-creation, disallowed-unique-constraint, constraint-missing-not-valid, adding-field-with-default, adding-foreign-key-constraint
-- Drafts: what the application needs to work. docs/decisions/051-drafts-reviewed-and-sent.md says why the words and
-- columns are these. A conversation is unique within its channel: thread 123 of two channels was one conversation.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- People and channels
-- ---------------------------------------------------------------------------------------------------------------

-- A person is found by the subject of their JWT. Of several rows with one subject, the oldest keeps it. The others keep
-- their actions, and get a subject that no token has, so that nobody acts as two people.
update drafts.users as u
set auth_subject = 'unlinked:' || u.id
from (
  select tenant_id, id, octet_length(auth_subject) > 1024 as is_too_long,
    row_number() over (partition by tenant_id, auth_provider, auth_subject order by created_at, id) as place
  from drafts.users
) as ranked
where ranked.tenant_id = u.tenant_id and ranked.id = u.id and (ranked.place > 1 or ranked.is_too_long);
alter table drafts.users
  add constraint uq_users_auth_subject unique (tenant_id, auth_provider, auth_subject),
  add constraint users_auth_subject_check check (octet_length(auth_subject) between 1 and 1024) not valid;

alter table drafts.channels
  add column reply_tool_slug text,
  add column reply_account_id text,
  add constraint channels_reply_tool_slug_check check (length(reply_tool_slug) between 1 and 255),
  add constraint channels_reply_account_id_check check (length(reply_account_id) between 1 and 255);
comment on column drafts.channels.reply_tool_slug is 'The tool that sends replies. Null: replies cannot be sent here.';
comment on column drafts.channels.reply_account_id is 'The connected account that the tool uses; null if it needs none.';

-- ---------------------------------------------------------------------------------------------------------------
-- Conversations and messages
-- ---------------------------------------------------------------------------------------------------------------

alter table drafts.conversations
  drop constraint uq_conversations_external_id,
  add column customer_key text generated always as (lower(left(customer_email, 320))) stored,
  add column reply_to text,
  add column last_message_at timestamptz not null default now(),
  add column unanswered_id uuid,
  add column unanswered_since timestamptz,
  add column draft_at timestamptz,
  add column draft_instruction text,
  add column abstained_at timestamptz,
  add column abstained_reason text,
  add column closed_at timestamptz,
  add constraint conversations_reply_to_check check (length(reply_to) between 1 and 320);
alter table drafts.conversations
  add constraint uq_conversations_external_id unique (tenant_id, channel_id, external_id);
update drafts.conversations as c
set last_message_at = coalesce((
  select max(m.sent_at) from drafts.messages as m where m.tenant_id = c.tenant_id and m.conversation_id = c.id
), c.created_at);
comment on column drafts.conversations.customer_key is 'The customer''s address in lower case, for look-ups.';
comment on column drafts.conversations.reply_to is
  'Where the newest message asks for answers, if that is not the customer''s address. A person has to confirm it.';
comment on column drafts.conversations.unanswered_id is
  'The newest message of the customer that waits for an answer. Null: nothing waits.';
comment on column drafts.conversations.unanswered_since is 'When the oldest message arrived that waits for an answer.';
comment on column drafts.conversations.draft_at is
  'When a draft is to be written; while it is being written, when to try again. Null: none is wanted.';
comment on column drafts.conversations.draft_instruction is 'What a reviewer asked for in the next draft.';
comment on column drafts.conversations.abstained_at is
  'When the drafter found no answer to the newest message. Null: it did not abstain.';

create index idx_conversation_customer on drafts.conversations (tenant_id, customer_key, last_message_at, id);
create index idx_conversation_recent on drafts.conversations (tenant_id, status, last_message_at, id);
create index idx_conversation_draft_at on drafts.conversations (draft_at) where draft_at is not null;
create index idx_conversation_tenant_draft_at on drafts.conversations (tenant_id, draft_at, id)
where draft_at is not null;
create index idx_conversation_abstained on drafts.conversations (tenant_id, abstained_at, id)
where abstained_at is not null;

alter table drafts.messages
  add column received_at timestamptz,
  add column from_address text,
  add column reply_to text,
  add column automatic text,
  add column same_id_as uuid,
  add column author_user_id uuid,
  add column archived_at timestamptz,
  add column envelope_id uuid,
  add column delivery_state text,
  add column delivery_error text,
  add column delivered_at timestamptz,
  alter column received_at set default now(),
  add constraint messages_automatic_check check (automatic in ('auto_reply', 'bounce', 'list')),
  add constraint messages_delivery_state_check
    check (delivery_state in ('queued', 'sent', 'failed', 'unknown', 'cancelled')),
  add constraint messages_same_id_as_fkey foreign key (tenant_id, same_id_as)
    references drafts.messages (tenant_id, id) on delete set null (same_id_as),
  add constraint messages_author_user_id_fkey foreign key (tenant_id, author_user_id)
    references drafts.users (tenant_id, id) on delete set null (author_user_id);
comment on column drafts.messages.received_at is 'When we stored it; sent_at is what the sender says. Null in old rows.';
comment on column drafts.messages.automatic is 'No person wrote it: it is stored, and never answered.';
comment on column drafts.messages.same_id_as is 'An earlier message that came with the same id and another text.';
comment on column drafts.messages.author_user_id is 'Who wrote this note (direction system) or approved this reply.';
comment on column drafts.messages.archived_at is 'When the texts were blanked, because they are no longer needed.';
comment on column drafts.messages.envelope_id is 'The envelope that sends this reply.';
comment on column drafts.messages.delivery_state is 'What became of the envelope. Null: this message was not sent by us.';

create index idx_message_external on drafts.messages (tenant_id, external_id) where external_id is not null;
create index idx_message_same_id on drafts.messages (tenant_id, same_id_as) where same_id_as is not null;
create index idx_message_author on drafts.messages (tenant_id, author_user_id) where author_user_id is not null;
create index idx_message_envelope on drafts.messages (tenant_id, envelope_id) where envelope_id is not null;

alter table drafts.attachments
  add column sha256 text,
  add column note text,
  add constraint attachments_sha256_check check (sha256 ~ '^[0-9a-f]{64}$');
comment on column drafts.attachments.note is 'What a reader should know, such as that nothing was unpacked.';

-- ---------------------------------------------------------------------------------------------------------------
-- Drafts and what people did with them
-- ---------------------------------------------------------------------------------------------------------------

alter table drafts.drafts
  add column version integer not null default 1,
  add column language text,
  add column topic text,
  add column confidence double precision,
  add column input_tokens integer not null default 0,
  add column output_tokens integer not null default 0,
  add column cost_usd numeric not null default 0,
  add column instruction text,
  add column attachments jsonb not null default '[]',
  add column priority text not null default 'normal',
  add column due_at timestamptz not null default now(),
  add column assignee_user_id uuid,
  add column snoozed_until timestamptz,
  add column locked_by uuid,
  add column locked_until timestamptz,
  add column edited_text text,
  add column edited_html text,
  add column edited_by uuid,
  add column edited_at timestamptz,
  add column escalated_by uuid,
  add column escalated_at timestamptz,
  add column escalated_reason text,
  add constraint drafts_version_check check (version > 0),
  add constraint drafts_language_check check (length(language) between 1 and 35),
  add constraint drafts_confidence_check check (confidence between 0 and 1),
  add constraint drafts_tokens_check check (input_tokens >= 0 and output_tokens >= 0),
  add constraint drafts_cost_usd_check check (cost_usd >= 0),
  add constraint drafts_attachments_check
    check (jsonb_typeof(attachments) = 'array' and octet_length(attachments::text) <= 65536),
  add constraint drafts_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
  add constraint drafts_assignee_user_id_fkey foreign key (tenant_id, assignee_user_id)
    references drafts.users (tenant_id, id) on delete set null (assignee_user_id);
comment on column drafts.drafts.version is 'Grows with each saved edit. A decision names the version that was shown.';
comment on column drafts.drafts.confidence is 'How sure the drafter was, from 0 to 1.';
comment on column drafts.drafts.instruction is 'What a reviewer asked for when they had it written again.';
comment on column drafts.drafts.attachments is 'Files for the reply: a list of {file_name, mime_type, size_bytes, file_url}.';
comment on column drafts.drafts.due_at is 'When the reply is due. Rows from before this column: when it came.';
comment on column drafts.drafts.locked_by is 'Who is working on it, until locked_until. Others see that, and may take over.';
comment on column drafts.drafts.edited_text is 'The text as a person last saved it; null if nobody edited it.';
comment on column drafts.drafts.escalated_at is 'Since when only an admin may decide.';

create index idx_draft_queue on drafts.drafts (tenant_id, due_at, id) where status = 'pending';
create index idx_draft_assignee on drafts.drafts (tenant_id, assignee_user_id) where assignee_user_id is not null;
create index idx_draft_assignee_queue on drafts.drafts (tenant_id, assignee_user_id, due_at, id)
where status = 'pending' and assignee_user_id is not null;

alter table drafts.draft_actions
  add column code text,
  add column version integer,
  add column digest text,
  add constraint draft_actions_code_check
    check (code in ('wrong', 'incomplete', 'tone', 'unsafe', 'not_needed', 'other'));
comment on column drafts.draft_actions.code is 'Why the draft was rejected, in one word.';
comment on column drafts.draft_actions.digest is 'The digest of what the person had been shown.';

create index idx_learning_sample_created on drafts.learning_samples (tenant_id, created_at, id);

-- ---------------------------------------------------------------------------------------------------------------
-- New tables
-- ---------------------------------------------------------------------------------------------------------------

create table drafts.settings (
  tenant_id uuid not null primary key references public.tenants (id),
  quiet_seconds integer not null default 60,
  due_low_minutes integer not null default 2880,
  due_normal_minutes integer not null default 1440,
  due_high_minutes integer not null default 240,
  due_urgent_minutes integer not null default 60,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint settings_quiet_seconds_check check (quiet_seconds between 0 and 86400),
  constraint settings_due_check check (
    least(due_low_minutes, due_normal_minutes, due_high_minutes, due_urgent_minutes) > 0
    and greatest(due_low_minutes, due_normal_minutes, due_high_minutes, due_urgent_minutes) <= 525600
  )
);
comment on table drafts.settings is 'How drafts works for a tenant. Without a row, the defaults of the columns hold.';
comment on column drafts.settings.quiet_seconds is 'A draft is written when the customer has been silent for this long.';
comment on column drafts.settings.due_normal_minutes is 'How long after the customer''s message a reply is due.';
create trigger set_settings_updated_at before update on drafts.settings
  for each row execute function app_private.touch_updated_at();

create table drafts.audit_positions (
  tenant_id uuid not null primary key references public.tenants (id),
  seq bigint not null
) with (fillfactor = 50);
comment on column drafts.audit_positions.seq is 'The last audit row that was read for the deliveries of replies.';

do $$
declare
  t text;
begin
  foreach t in array array['settings', 'audit_positions'] loop
    execute format('alter table drafts.%I enable row level security', t);
    execute format(
      'create policy %I on drafts.%I for select to authenticated using (
         tenant_id = (select app_private.current_tenant_id_uuid())
         and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', t || '_tenant', t
    );
    execute format('create policy %I on drafts.%I for all to app_rw using (true)', t || '_app_rw', t);
    execute format('create policy %I on drafts.%I for select to app_ro using (true)', t || '_app_ro', t);
    execute format('revoke all on drafts.%I from anon, authenticated, service_role', t);
    execute format('grant select on drafts.%I to app_ro', t);
    execute format('grant select, insert, update, delete on drafts.%I to service_role, app_rw', t);
    execute format(
      'alter table drafts.%I alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1', t
    );
  end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- New columns follow the rules of the others: bounded, readable by name, without statistics over all tenants
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  new_column record;
begin
  for new_column in
    select c.oid::regclass as name, c.relname, a.attname, a.attgenerated <> '' as is_generated, a.atttypid
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'drafts'::regnamespace and c.relkind = 'r'
      and not has_column_privilege('authenticated', c.oid, a.attnum, 'select')
  loop
    execute format('grant select (%I) on %s to authenticated', new_column.attname, new_column.name);
    if new_column.attname <> 'tenant_id' then
      execute format('alter table %s alter column %I set statistics 0', new_column.name, new_column.attname);
    end if;
    if not new_column.is_generated and new_column.atttypid in (
      'jsonb'::regtype, 'text'::regtype, 'numeric'::regtype, 'double precision'::regtype, 'timestamptz'::regtype
    ) then
      execute format(
        'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
        new_column.name, left(new_column.relname || '_' || new_column.attname, 58) || '_fits', new_column.attname,
        new_column.attname
      );
    end if;
  end loop;
end
$$;
