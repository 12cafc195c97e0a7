-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion, constraint-missing-not-valid
-- squawk-ignore-file adding-foreign-key-constraint
--
-- Autopilot: tickets are classified when they come in, and people decide about clusters.
-- docs/decisions/067-people-decide-about-clusters.md says why.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- ---------------------------------------------------------------------------------------------------------------
-- Tickets
-- ---------------------------------------------------------------------------------------------------------------

-- A ticket that was compared with the active model and joined no cluster waits for the next training. It is not compared
-- again. A cluster that a workflow wrote, without a hash, stays.
create index idx_tickets_to_classify on autopilot.tickets (organization_id, id)
where classified_hash is distinct from content_hash and (cluster_id is null or classified_hash is not null);
drop index autopilot.idx_tickets_unclassified;

-- Lists of tickets, the newest first: of all, and of one cluster or of none.
create index idx_tickets_newest on autopilot.tickets (organization_id, (coalesce(source_created_at, created_at)), id);
create index idx_tickets_newest_of_cluster
  on autopilot.tickets (organization_id, cluster_id, (coalesce(source_created_at, created_at)), id);
drop index autopilot.idx_tickets_recent;

-- ---------------------------------------------------------------------------------------------------------------
-- How many tickets are in a cluster
-- ---------------------------------------------------------------------------------------------------------------

create table autopilot.ticket_counts (
  organization_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  cluster_id uuid,
  external_status text not null,
  tickets integer not null,
  primary key (organization_id, id)
);
comment on table autopilot.ticket_counts is
  'How many tickets are in a cluster and status: the sum of `tickets` over all its rows. Each statement adds rows, and changes none, so writers do not wait for each other.';
comment on column autopilot.ticket_counts.cluster_id is 'Null: the tickets in no cluster.';
comment on column autopilot.ticket_counts.external_status is 'Cut to 100 characters.';
create index idx_ticket_counts_cluster_id on autopilot.ticket_counts (organization_id, cluster_id);

insert into autopilot.ticket_counts (organization_id, cluster_id, external_status, tickets)
select t.organization_id, t.cluster_id, left(t.external_status, 100), count(*)
from autopilot.tickets as t
group by t.organization_id, t.cluster_id, left(t.external_status, 100);

-- Trigger functions: count what a statement changed. For one row in 64, by chance, the organization's rows are added up,
-- unless somebody else does it now: nobody waits.
create or replace function app_private.add_ticket_counts()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  folded uuid;
begin
  if tg_op = 'INSERT' then
    with added as (
      insert into autopilot.ticket_counts (organization_id, cluster_id, external_status, tickets)
      select n.organization_id, n.cluster_id, left(n.external_status, 100), count(*)
      from now_there as n
      group by n.organization_id, n.cluster_id, left(n.external_status, 100)
      returning organization_id
    )
    select (array_agg(a.organization_id))[1] into folded from added as a where random() < 1 / 64.0;
  elsif tg_op = 'DELETE' then
    with added as (
      insert into autopilot.ticket_counts (organization_id, cluster_id, external_status, tickets)
      select g.organization_id, g.cluster_id, left(g.external_status, 100), -count(*)
      from gone as g
      group by g.organization_id, g.cluster_id, left(g.external_status, 100)
      returning organization_id
    )
    select (array_agg(a.organization_id))[1] into folded from added as a where random() < 1 / 64.0;
  else
    with added as (
      insert into autopilot.ticket_counts (organization_id, cluster_id, external_status, tickets)
      select c.organization_id, c.cluster_id, c.status, sum(c.tickets)
      from (
        select n.organization_id, n.cluster_id, left(n.external_status, 100) as status, 1 as tickets
        from now_there as n
        union all
        select g.organization_id, g.cluster_id, left(g.external_status, 100), -1 from gone as g
      ) as c
      group by c.organization_id, c.cluster_id, c.status
      having sum(c.tickets) <> 0
      returning organization_id
    )
    select (array_agg(a.organization_id))[1] into folded from added as a where random() < 1 / 64.0;
  end if;
  if folded is not null and current_setting('transaction_isolation') = 'read committed'
    and pg_try_advisory_xact_lock(hashtextextended(folded::text, 69))
  then
    perform autopilot.fold_ticket_counts(folded);
  end if;
  return null;
end
$$;
revoke all on function app_private.add_ticket_counts() from public;
create trigger count_new_tickets after insert on autopilot.tickets
  referencing new table as now_there for each statement execute function app_private.add_ticket_counts();
create trigger count_changed_tickets after update on autopilot.tickets
  referencing old table as gone new table as now_there
  for each statement execute function app_private.add_ticket_counts();
create trigger count_lost_tickets after delete on autopilot.tickets
  referencing old table as gone for each statement execute function app_private.add_ticket_counts();

-- ---------------------------------------------------------------------------------------------------------------
-- Proposals
-- ---------------------------------------------------------------------------------------------------------------

create table autopilot.cluster_proposal_tickets (
  organization_id uuid not null references public.tenants (id),
  proposal_id uuid not null,
  ticket_id uuid not null,
  lineage_id uuid,
  primary key (organization_id, proposal_id, ticket_id),
  constraint cluster_proposal_tickets_proposal_id_fkey foreign key (organization_id, proposal_id)
    references autopilot.cluster_proposals (organization_id, id) on delete cascade,
  constraint cluster_proposal_tickets_ticket_id_fkey foreign key (organization_id, ticket_id)
    references autopilot.tickets (organization_id, id) on delete cascade
);
comment on table autopilot.cluster_proposal_tickets is 'The tickets that would be in another cluster.';
comment on column autopilot.cluster_proposal_tickets.lineage_id is
  'The lineage of the cluster in which the ticket was when the change was proposed. Null: it was in none.';
create index idx_cluster_proposal_tickets_ticket_id
  on autopilot.cluster_proposal_tickets (organization_id, ticket_id);
create index idx_cluster_proposals_status on autopilot.cluster_proposals (organization_id, status, created_at, id);

-- ---------------------------------------------------------------------------------------------------------------
-- New tables and columns follow the rules of the others: whose rows, which verbs, bounded, and without statistics over
-- all tenants
-- ---------------------------------------------------------------------------------------------------------------

do $$
declare
  new_table record;
  new_column record;
begin
  for new_table in
    select c.oid::regclass as name, c.relname from pg_catalog.pg_class as c
    where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r' and not c.relrowsecurity
    order by c.relname
  loop
    execute format('alter table %s enable row level security', new_table.name);
    execute format(
      'create policy %I on %s for select to authenticated using (
         organization_id = (select app_private.current_tenant_id_uuid())
         and greatest(organization_id, organization_id)
           = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
       )', new_table.relname || '_tenant', new_table.name
    );
    execute format(
      'create policy %I on %s for all to workflow_rw
         using (organization_id = (select app_private.current_organization_id()))',
      new_table.relname || '_workflow', new_table.name
    );
    execute format(
      'create policy %I on %s for all to app_rw using (true)', new_table.relname || '_app_rw', new_table.name
    );
    execute format(
      'create policy %I on %s for select to app_ro using (true)', new_table.relname || '_app_ro', new_table.name
    );
    execute format('revoke all on %s from anon, authenticated, service_role', new_table.name);
    execute format('grant select on %s to app_ro, workflow_rw', new_table.name);
    execute format('grant select, insert, update, delete on %s to service_role, app_rw', new_table.name);
    execute format(
      'alter table %s alter column organization_id set (n_distinct = -0.5), alter column organization_id set statistics 1',
      new_table.name
    );
  end loop;
  for new_column in
    select c.oid::regclass as name, c.relname, a.attname, a.attgenerated <> '' as is_generated, a.atttypid
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r'
      and not has_column_privilege('authenticated', c.oid, a.attnum, 'select')
    order by c.relname, a.attnum
  loop
    execute format('grant select (%I) on %s to authenticated', new_column.attname, new_column.name);
    if new_column.attname <> 'organization_id' then
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
