-- Subscribe to events of a tenant from now on. The caller chooses a new `id`. `kind` is webhook, slack or email.
-- `target` is the URL, the Slack channel or the addresses; `via` is the name of the Slack app. Returns the row. Raises
-- PT404 for an unknown tenant, and PT400 for an invalid argument or if the tenant has 20 subscriptions.
-- call: not repeatable
create or replace function worker_api.create_subscription(
  tenant uuid, id uuid, kind text, target text, event_types text[], actor_id text, via text default null,
  description text default '', as_of timestamptz default null, actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  created public.event_subscriptions;
begin
  perform app_private.check_texts(
    'kind', create_subscription.kind, 'target', create_subscription.target, 'via', create_subscription.via,
    'description', create_subscription.description,
    'actor_type', create_subscription.actor_type, 'actor_id', create_subscription.actor_id,
    'door', create_subscription.door
  );
  perform set_config('app.door', coalesce(create_subscription.door, ''), true);
  if create_subscription.kind is null or create_subscription.kind not in ('webhook', 'slack', 'email') then
    raise exception 'kind: must be webhook, slack or email' using errcode = 'PT400';
  elsif length(coalesce(create_subscription.target, '')) not between 1 and 1024 then
    raise exception 'target: must have 1 to 1024 characters' using errcode = 'PT400';
  elsif (create_subscription.kind = 'slack') <> (create_subscription.via is not null) then
    raise exception 'via: is required for slack, and allowed for nothing else' using errcode = 'PT400';
  elsif coalesce(cardinality(create_subscription.event_types), 0) not between 1 and 50 or exists (
    select from unnest(create_subscription.event_types) as pattern
    where pattern is null or pattern !~ '^[a-z_]{1,64}\.(\*|[a-z_]{1,64})$'
  ) then
    raise exception 'event_types: must list 1 to 50 types such as approval.requested or envelope.*' using errcode = 'PT400';
  elsif length(create_subscription.description) > 255 then
    raise exception 'description: must have at most 255 characters' using errcode = 'PT400';
  elsif not exists (select from public.tenants as t where t.id = create_subscription.tenant) then
    raise exception 'tenant_id: no tenant %', create_subscription.tenant using errcode = 'PT404';
  elsif (
    select count(*) >= 20 from public.event_subscriptions as s where s.tenant_id = create_subscription.tenant
  ) then
    raise exception 'subscriptions: a tenant has at most 20; delete some first' using errcode = 'PT400';
  end if;
  insert into public.event_subscriptions (
    tenant_id, id, kind, target, via, event_types, description, read_seq, mailed_at, created_at, created_by
  )
  values (
    create_subscription.tenant, create_subscription.id, create_subscription.kind, create_subscription.target,
    create_subscription.via, create_subscription.event_types, coalesce(create_subscription.description, ''),
    coalesce((select h.seq from app_private.audit_heads as h where h.tenant_id = create_subscription.tenant), 0),
    (   -- the last e-mail of a subscription that was deleted just before counts: deleting and creating a subscription
        -- again must not cause extra e-mail
      select max((a.payload ->> 'mailed_at')::timestamptz) from public.audit_log as a
      where create_subscription.kind = 'email' and a.tenant_id = create_subscription.tenant
        and a.created_at > moment - interval '1 minute' and a.category = 'event_subscription.deleted'
    ),
    moment, create_subscription.actor_id
  )
  returning * into created;
  perform app_private.audit_subscription(
    created, 'created', jsonb_build_object('kind', created.kind, 'event_types', created.event_types),
    create_subscription.actor_type, create_subscription.actor_id, moment
  );
  return to_jsonb(created);
end
$$;
revoke all on function worker_api.create_subscription from public;
grant execute on function worker_api.create_subscription to service_role, app_rw;
