-- The oldest tickets of a tenant that await an automatic response: they are open, came after the automatic response of
-- their cluster was switched on, and autopilot has not looked for an answer yet. Returns a list of {ticket_id,
-- cluster_id, content_hash, subject, description, requester, connection_id, number}: the description has at most 20,000
-- characters; `number` is the ticket's number in its ticket system, without the prefix that the stored number may have.
-- The list is empty if the settings have no `response_tool_slug`. For workers.
-- call: repeatable
create or replace function autopilot.list_awaiting_tickets(tenant uuid, max_tickets integer default 50)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off
set enable_mergejoin = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'ticket_id', w.id, 'cluster_id', w.cluster_id, 'content_hash', w.content_hash, 'subject', w.subject,
    'description', left(w.description, 20000), 'requester', w.requester, 'connection_id', w.data_source_connection_id,
    'number', case
      when w.external_id like left(w.data_source_connection_id::text, 8) || ':%' then substr(w.external_id, 10)
      else w.external_id
    end
  ) order by w.came_at, w.id), '[]')
  from (
    select t.*
    from autopilot.ml_models as m
    join autopilot.clusters as c on c.organization_id = m.organization_id and c.model_id = m.id
      and c.auto_respond_at is not null
    cross join autopilot.open_statuses(list_awaiting_tickets.tenant) as s
    cross join lateral (
      select t.*, least(t.created_at, t.source_created_at) as came_at from autopilot.tickets as t
      where t.organization_id = c.organization_id and t.cluster_id = c.id and md5(t.external_status) = s.key
        and t.response_state is null and t.resolved_at is null and t.resolution is null
        and least(t.created_at, t.source_created_at) > c.auto_respond_at and (s.is_sure or autopilot.is_open(t))
      order by least(t.created_at, t.source_created_at), t.id
      limit least(max_tickets, 1000)
    ) as t
    where m.organization_id = list_awaiting_tickets.tenant and m.active and c.config @> '{"auto_respond": true}'
      and c.kb_status = 'FOUND'
      and (autopilot.settings_of(list_awaiting_tickets.tenant)).response_tool_slug is not null
    order by t.came_at, t.id
    limit least(max_tickets, 1000)
  ) as w
$$;
revoke all on function autopilot.list_awaiting_tickets from public;
grant execute on function autopilot.list_awaiting_tickets to service_role, app_rw;
