-- Switch off the automatic response of a cluster that the caller has locked, because people declined one of its
-- answers. `reason` is `ticket_wrong` or `response_rejected`. Writes an audit row and, if the settings have a tool for
-- it, enqueues the message `cluster_notification`. Answers that were proposed before stay as they are. Does nothing if
-- the automatic response is off already.
-- call: internal
create or replace function autopilot.demote_cluster(
  cluster autopilot.clusters, reason text, ticket uuid, actor_type text, actor_id text, moment timestamptz,
  as_of timestamptz
)
returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  organization constant uuid := (demote_cluster.cluster).organization_id;
begin
  update autopilot.clusters as c
  set config = c.config || '{"auto_respond": false}', auto_respond_at = null
  where c.organization_id = organization and c.id = (demote_cluster.cluster).id
    and (c.auto_respond_at is not null or c.config @> '{"auto_respond": true}');
  if not found then
    return;
  end if;
  perform autopilot.add_audit(
    organization, demote_cluster.actor_type, demote_cluster.actor_id, 'cluster.demoted', jsonb_build_object(
      'cluster_id', (demote_cluster.cluster).id, 'reason', demote_cluster.reason, 'ticket_id', demote_cluster.ticket
    ), moment
  );
  perform autopilot.send_message(
    organization, (autopilot.settings_of(organization)).cluster_tool_slug, 'cluster_notification:' || gen_random_uuid(),
    (demote_cluster.cluster).id::text, jsonb_build_object(
      'type', 'cluster_notification', 'tenant_id', organization, 'cluster_id', (demote_cluster.cluster).id,
      'action', 'auto_respond_disabled'
    ), demote_cluster.actor_type, demote_cluster.actor_id, demote_cluster.as_of
  );
end
$$;
revoke all on function autopilot.demote_cluster from public;
