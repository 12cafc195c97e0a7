-- Erase all that is stored about a customer, who is identified by the e-mail address: their conversations with
-- everything in them; their messages in conversations of others; documents and corrections that were made from any of
-- these; arguments and results of the envelopes that sent their replies; and their events at inbound webhooks.
-- Envelopes that wait are cancelled, and dead letters are discarded.
-- Kept are counts and costs, and a record (drafts.erasures and the audit log) with a hash of tenant and address.
-- Returns the record. For owners and operators. Raises PT404 if nothing is stored about the customer. Raises PT409,
-- with nothing erased, if an envelope is in flight or unknown.
-- call: not repeatable, columns 1 deep
create or replace function drafts.erase_customer(
  customer text, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  address_key constant text := drafts.customer_key(customer);
  caller record;
  who text;
  threads uuid[];
  erased_messages uuid[];
  erased_drafts uuid[];
  envelopes uuid[];
  source_drafts uuid[];
  correction_urls text[];
  events integer;
  one record;
  counts jsonb := '{}';
  deleted integer;
  erasure drafts.erasures;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  who := coalesce(caller.actor_id, 'unnamed');
  select coalesce(array_agg(c.id), '{}') into threads
  from (
    select c.id from drafts.conversations as c
    where c.tenant_id = caller.tenant_id and c.customer_key = address_key order by c.id for update
  ) as c;
  select coalesce(array_agg(m.id), '{}') into erased_messages
  from drafts.messages as m
  where m.tenant_id = caller.tenant_id
    and (m.conversation_id = any (threads) or lower(left(m.from_address, 320)) = address_key);
  events := app_private.erase_evidence(caller.tenant_id, address_key);
  if threads = '{}' and erased_messages = '{}' and events = 0 then
    raise exception 'customer: nothing is stored about this address' using errcode = 'PT404';
  end if;
  select coalesce(array_agg(d.id), '{}') into erased_drafts
  from drafts.drafts as d where d.tenant_id = caller.tenant_id and d.conversation_id = any (threads);
  -- what was learned from these drafts is erased too
  select erased_drafts || coalesce(array_agg(d.id), '{}') into source_drafts
  from drafts.drafts as d
  where d.tenant_id = caller.tenant_id and d.trigger_message_id = any (erased_messages)
    and d.conversation_id <> all (threads);
  select coalesce(array_agg(distinct m.envelope_id), '{}') into envelopes
  from drafts.messages as m
  where m.tenant_id = caller.tenant_id and m.conversation_id = any (threads) and m.envelope_id is not null;

  for one in
    select o.id, o.status from public.outbox as o
    where o.tenant_id = caller.tenant_id and o.id = any (envelopes)
      and o.status in ('pending', 'awaiting_approval', 'unknown')
    order by o.lane, o.id
  loop
    if one.status = 'unknown' then
      raise exception 'customer: envelope % is unknown; decide first whether its reply was sent', one.id
        using errcode = 'PT409';
    end if;
    perform worker_api.cancel(
      caller.tenant_id, one.id, caller.actor_type, who, 'the customer is erased', erase_customer.as_of, caller.door
    );
  end loop;
  for one in
    select d.id from public.outbox_dlq as d
    where d.tenant_id = caller.tenant_id and d.id = any (envelopes) order by d.id
  loop
    perform worker_api.discard_dead_letter(
      caller.tenant_id, one.id, caller.actor_type, who, 'the customer is erased', erase_customer.as_of, caller.door
    );
  end loop;
  counts := jsonb_build_object(
    'conversations', cardinality(threads), 'messages', cardinality(erased_messages),
    'drafts', cardinality(erased_drafts),
    'events', events,
    'envelopes', app_private.erase_arguments(caller.tenant_id, envelopes, caller.actor_type, who, moment)
  );

  select coalesce(array_agg('correction:' || k.external_id), '{}') into correction_urls
  from drafts.corrections as k
  where k.tenant_id = caller.tenant_id
    and (
      k.metadata ->> 'conversation_id' = any (threads::text[])
      or k.metadata ->> 'draft_id' = any (source_drafts::text[])
    );
  delete from drafts.corrections as k
  where k.tenant_id = caller.tenant_id and 'correction:' || k.external_id = any (correction_urls);
  get diagnostics deleted = row_count;
  counts := counts || jsonb_build_object('corrections', deleted);
  delete from drafts.source_documents as s   -- their passages are deleted with them
  where s.tenant_id = caller.tenant_id
    and s.source_url = any (correction_urls || array(select 'conversation:' || t from unnest(source_drafts) as t));
  get diagnostics deleted = row_count;
  counts := counts || jsonb_build_object('documents', deleted);
  delete from drafts.notifications as n
  where n.tenant_id = caller.tenant_id and (
    n.payload ->> 'conversation_id' = any (threads::text[]) or n.payload ->> 'draft_id' = any (erased_drafts::text[])
    or n.payload ->> 'message_id' = any (erased_messages::text[])
  );
  get diagnostics deleted = row_count;
  counts := counts || jsonb_build_object('notifications', deleted);
  delete from drafts.learning_samples as s where s.tenant_id = caller.tenant_id and s.draft_id = any (erased_drafts);
  get diagnostics deleted = row_count;
  counts := counts || jsonb_build_object('samples', deleted);
  -- in conversations of other customers, nothing waits for an answer to an erased message
  update drafts.conversations as c
  set unanswered_id = null, unanswered_since = null, draft_at = null
  where c.tenant_id = caller.tenant_id and c.unanswered_id = any (erased_messages) and c.id <> all (threads);
  delete from drafts.draft_actions as a where a.tenant_id = caller.tenant_id and a.draft_id = any (erased_drafts);
  delete from drafts.drafts as d where d.tenant_id = caller.tenant_id and d.id = any (erased_drafts);
  delete from drafts.attachments as f where f.tenant_id = caller.tenant_id and f.message_id = any (erased_messages);
  delete from drafts.messages as m where m.tenant_id = caller.tenant_id and m.id = any (erased_messages);
  delete from drafts.conversations as c where c.tenant_id = caller.tenant_id and c.id = any (threads);

  insert into drafts.erasures (tenant_id, customer_sha256, counts, erased_by, erased_at)
  values (
    caller.tenant_id, encode(sha256(convert_to(caller.tenant_id || ':' || address_key, 'UTF8')), 'hex'), counts, who,
    moment
  )
  returning * into erasure;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'customer.erased', jsonb_build_object(
    'erasure_id', erasure.id, 'customer_sha256', erasure.customer_sha256
  ) || counts, moment);
  return to_jsonb(erasure);
end
$$;
revoke all on function drafts.erase_customer from public;
grant execute on function drafts.erase_customer to authenticated, service_role, app_rw;
