-- The learning samples created at or after `since` and before `until`, the oldest first, after the sample `after`: {id,
-- draft_id, conversation_id, question, draft, final, sources, topic, customer_name, customer_email, created_at}.
-- `question` is the beginning of the message that the draft answers. Archived samples are left out. For owners and
-- reviewers.
-- call: repeatable
create or replace function drafts.list_samples(
  since timestamptz, until timestamptz, after uuid default null, max_samples integer default 200,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns json
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_sort = off as $$   -- a page is read in the order of an index
declare
  caller record;
  start_at timestamptz := since;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if after is not null then
    select s.created_at into start_at from drafts.learning_samples as s
    where s.tenant_id = caller.tenant_id and s.id = after;
    if not found then
      raise exception 'after: no sample %', after using errcode = 'PT404';
    end if;
  end if;
  return (
    select coalesce(json_agg(row_to_json(s) order by s.created_at, s.id), '[]')
    from (
      select
        s.id, s.draft_id, d.conversation_id,
        -- left() counts characters, so it is called for long texts only
        coalesce(
          case when octet_length(m.body_text) > 16000 then left(m.body_text, 4000) else m.body_text end, c.subject, ''
        ) as question,
        d.suggested_text as draft, a.final_text as final,
        coalesce((
          select jsonb_agg(source ->> 'url') from jsonb_array_elements(d.top_sources) as source
          where source ->> 'url' is not null
        ), '[]') as sources,
        d.topic, c.customer_name, c.customer_email, s.created_at
      from drafts.learning_samples as s
      join drafts.drafts as d on d.tenant_id = s.tenant_id and d.id = s.draft_id
      join drafts.draft_actions as a on a.tenant_id = s.tenant_id and a.id = s.action_id
      join drafts.conversations as c on c.tenant_id = d.tenant_id and c.id = d.conversation_id
      left join drafts.messages as m on m.tenant_id = d.tenant_id and m.id = d.trigger_message_id
      where s.tenant_id = caller.tenant_id and s.created_at < until
        and (s.created_at, s.id) > (start_at, coalesce(after, '00000000-0000-0000-0000-000000000000'))
        and a.final_text <> '' and m.archived_at is null
      order by s.created_at, s.id
      limit least(max_samples, 1000)
    ) as s
  );
end
$$;
revoke all on function drafts.list_samples from public;
grant execute on function drafts.list_samples to authenticated, service_role, app_rw;
