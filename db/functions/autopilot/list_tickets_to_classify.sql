-- The next tickets whose cluster is to be found: those that were not compared with the clusters of the active model
-- yet, and those whose text has changed since. They are sorted by id and begin after the id `after`: at most
-- `max_tickets` and about 4 MB of text, but at least one ticket; long descriptions are cut. For workers. Returns a list
-- of {id, subject, description, content_hash}.
-- call: repeatable
create or replace function autopilot.list_tickets_to_classify(
  tenant uuid, after uuid default '00000000-0000-0000-0000-000000000000', max_tickets integer default 500
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', b.id, 'subject', b.subject, 'description', left(coalesce(b.description, ''), 160000),
      'content_hash', b.content_hash
    )
    order by b.id
  ), '[]')
  from (
    select
      t.*, sum(octet_length(t.subject) + coalesce(octet_length(t.description), 0)) over (order by t.id)
        - octet_length(t.subject) - coalesce(octet_length(t.description), 0) as bytes_before
    from (
      select c.id, c.subject, c.description, c.content_hash from autopilot.tickets as c
      where c.organization_id = tenant and c.id > list_tickets_to_classify.after
        and c.classified_hash is distinct from c.content_hash
        and (c.cluster_id is null or c.classified_hash is not null)
      order by c.id
      limit least(max_tickets, 1000)
    ) as t
  ) as b
  where b.bytes_before < 4000000
$$;
revoke all on function autopilot.list_tickets_to_classify from public;
grant execute on function autopilot.list_tickets_to_classify to service_role, app_rw;
