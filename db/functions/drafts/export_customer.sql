-- All that drafts stores about a customer: a page of conversations after the conversation `after`, each with messages
-- and files, drafts and what people did with them, samples, notifications, abstentions, documents and corrections made
-- from it, and the envelopes of its replies with their approvals. An empty list is the end. Events of webhooks are in
-- export_events. For owners and operators.
-- call: repeatable
create or replace function drafts.export_customer(
  customer text, after uuid default null, max_conversations integer default 20, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  caller record;
  address_key constant text := drafts.customer_key(customer);
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  return (
    select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
      'messages', (
        select coalesce(jsonb_agg(to_jsonb(m) || jsonb_build_object('attachments', (
          select coalesce(jsonb_agg(to_jsonb(f) order by f.id), '[]') from drafts.attachments as f
          where f.tenant_id = m.tenant_id and f.message_id = m.id
        )) order by m.sent_at, m.id), '[]')
        from drafts.messages as m
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id
          and (c.customer_key = address_key or lower(left(m.from_address, 320)) = address_key)
      ),
      'drafts', (
        select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object('actions', (
          select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.id), '[]') from drafts.draft_actions as a
          where a.tenant_id = d.tenant_id and a.draft_id = d.id
        )) order by d.created_at, d.id), '[]')
        from drafts.drafts as d
        where d.tenant_id = c.tenant_id and d.conversation_id = c.id and c.customer_key = address_key
      ),
      'abstentions', (
        select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.id), '[]') from drafts.abstentions as a
        where a.tenant_id = c.tenant_id and a.conversation_id = c.id and c.customer_key = address_key
      ),
      'samples', (
        select coalesce(jsonb_agg(to_jsonb(l) order by l.created_at, l.id), '[]')
        from drafts.drafts as d
        join drafts.learning_samples as l on l.tenant_id = d.tenant_id and l.draft_id = d.id
        where d.tenant_id = c.tenant_id and d.conversation_id = c.id and c.customer_key = address_key
      ),
      'notifications', (
        select coalesce(jsonb_agg(to_jsonb(n) order by n.created_at, n.id), '[]') from drafts.notifications as n
        where n.tenant_id = c.tenant_id and c.customer_key = address_key and (
          n.payload ->> 'conversation_id' = c.id::text
          or n.payload ->> 'draft_id' in (
            select d.id::text from drafts.drafts as d where d.tenant_id = c.tenant_id and d.conversation_id = c.id
          )
          or n.payload ->> 'message_id' in (
            select m.id::text from drafts.messages as m where m.tenant_id = c.tenant_id and m.conversation_id = c.id
          )
        )
      ),
      'documents', (
        select coalesce(jsonb_agg(to_jsonb(s) order by s.source_url), '[]') from drafts.source_documents as s
        where s.tenant_id = c.tenant_id and (
          s.source_url in (select 'conversation:' || t from unnest(taught.drafts) as t)
          or s.source_url in (select 'correction:' || (k ->> 'external_id') from unnest(taught.corrections) as k)
        )
      ),
      'corrections', to_jsonb(taught.corrections),
      'envelopes', (
        select coalesce(jsonb_agg(e.envelope || jsonb_build_object('approvals', (
          select coalesce(jsonb_agg(to_jsonb(a) order by a.requested_at, a.id), '[]') from public.approvals as a
          where a.tenant_id = m.tenant_id and a.envelope_id = e.id
        )) order by e.id), '[]')
        from drafts.messages as m
        cross join lateral (
          select o.id, to_jsonb(o) as envelope from public.outbox as o
          where o.tenant_id = m.tenant_id and o.id = m.envelope_id
          union all
          select d.id, to_jsonb(d) from public.outbox_dlq as d where d.tenant_id = m.tenant_id and d.id = m.envelope_id
        ) as e
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.envelope_id is not null
          and c.customer_key = address_key
      )
    ) order by c.id), '[]')
    from (
      select * from drafts.conversations as all_of_them
      where all_of_them.tenant_id = caller.tenant_id and (after is null or all_of_them.id > after)
        and all_of_them.id in (
          select own.id from drafts.conversations as own
          where own.tenant_id = caller.tenant_id and own.customer_key = address_key
          union
          select m.conversation_id from drafts.messages as m
          where m.tenant_id = caller.tenant_id and lower(left(m.from_address, 320)) = address_key
        )
      order by all_of_them.id
      limit least(max_conversations, 100)
    ) as c
    cross join lateral (   -- the drafts that answer this customer, and what was learned from them
      select array(
        select d.id::text from drafts.drafts as d
        where d.tenant_id = c.tenant_id and d.conversation_id = c.id and (
          c.customer_key = address_key
          or d.trigger_message_id in (
            select m.id from drafts.messages as m
            where m.tenant_id = c.tenant_id and m.conversation_id = c.id
              and lower(left(m.from_address, 320)) = address_key
          )
        )
      ) as drafts
    ) as answered
    cross join lateral (
      select answered.drafts, array(
        select to_jsonb(k) from drafts.corrections as k
        where k.tenant_id = c.tenant_id and (
          (c.customer_key = address_key and k.metadata ->> 'conversation_id' = c.id::text)
          or k.metadata ->> 'draft_id' = any (answered.drafts)
        )
        order by k.external_id
      ) as corrections
    ) as taught
  );
end
$$;
revoke all on function drafts.export_customer from public;
grant execute on function drafts.export_customer to authenticated, service_role, app_rw;
