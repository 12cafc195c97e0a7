-- How people decided about drafts from `since` to before `until`. `by` is model_key, prompt_version, channel or topic:
-- the report has one row for each of its values. If `by` is null, it has one row. The row with the most decisions comes
-- first. Drafts that people wrote themselves and decisions of the application do not count. For everybody of the
-- tenant.
-- Returns a list of {name, decided, approved, edited, rejected, unedited, distance, length, median_share, cost_usd,
-- rejections}. `unedited`: the replies that were sent as drafted. `distance`: the code points that edits changed.
-- `length`: the code points of the replies that were sent. `median_share`: the median of distance / length of one
-- reply. `rejections`: the number of rejections by code.
-- call: repeatable
create or replace function drafts.report_learning(
  since timestamptz, until timestamptz, by text default null,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off as $$
declare
  caller record;
  programs uuid[];
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  if report_learning.by not in ('model_key', 'prompt_version', 'channel', 'topic') then
    raise exception 'by: must be model_key, prompt_version, channel or topic' using errcode = 'PT400';
  end if;
  programs := array(
    select u.id from drafts.users as u where u.tenant_id = caller.tenant_id and u.auth_provider = 'system'
  );
  return (
    with decided as (
      select
        case report_learning.by
          when 'model_key' then d.model_key when 'prompt_version' then d.prompt_version
          when 'channel' then (
            select ch.name from drafts.channels as ch where ch.tenant_id = d.tenant_id and ch.id = (
              select c.channel_id from drafts.conversations as c
              where c.tenant_id = d.tenant_id and c.id = d.conversation_id
            )
          )
          when 'topic' then coalesce(d.topic, '')
        end as name,
        a.type, a.code, d.cost_usd,
        case when a.type = 'edit' then coalesce((a.diff_json ->> 'distance')::integer, 1) else 0 end as distance,
        case when a.type = 'edit' then coalesce((a.diff_json ->> 'length')::integer, 1)
          else length(a.final_text) end as length
      from drafts.draft_actions as a
      cross join lateral (   -- one look-up per action: otherwise the planner would read all drafts that have no author
        select t.* from drafts.drafts as t where t.tenant_id = a.tenant_id and t.id = a.draft_id offset 0
      ) as d
      where a.tenant_id = caller.tenant_id and a.created_at >= since and a.created_at < until
        and d.author_user_id is null and a.user_id <> all (programs)
    ), counted as (
      select
        d.name, count(*) as decided, count(*) filter (where d.type = 'approve') as approved,
        count(*) filter (where d.type = 'edit') as edited, count(*) filter (where d.type = 'reject') as rejected,
        count(*) filter (where d.type <> 'reject' and d.distance = 0) as unedited,
        coalesce(sum(d.distance), 0) as distance,
        coalesce(sum(d.length) filter (where d.type <> 'reject'), 0) as length,
        percentile_cont(0.5) within group (order by d.distance::double precision / greatest(d.length, 1))
          filter (where d.type <> 'reject') as median_share,
        sum(d.cost_usd)::text as cost_usd
      from decided as d
      group by d.name
    ), reasons as (
      select r.name, jsonb_object_agg(r.code, r.times) as rejections
      from (
        select d.name, coalesce(d.code, 'other') as code, count(*) as times
        from decided as d where d.type = 'reject' group by 1, 2
      ) as r
      group by r.name
    )
    select coalesce(jsonb_agg(
      to_jsonb(c) || jsonb_build_object('rejections', coalesce(r.rejections, '{}')) order by c.decided desc, c.name
    ), '[]')
    from counted as c
    left join reasons as r on r.name is not distinct from c.name
  );
end
$$;
revoke all on function drafts.report_learning from public;
grant execute on function drafts.report_learning to authenticated, service_role, app_rw;
