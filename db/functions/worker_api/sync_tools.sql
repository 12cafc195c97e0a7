-- Write what a provider offers now into a tenant's catalog, all of it or nothing. `tools` is the whole listing of one
-- `source`: rows of tool_catalog, each with `since`, the schema_hash of the version that its `drift` was read against
-- ('' for none); `trusted`, whether it may be called though it is new; and `former`, a schema_hash that means the same
-- definition, hashed as an earlier version did. A tool that is new or changed is quarantined, and the version that a
-- changed one replaces may not be called either until worker_api.decide_tool; one that changed back is active again, and
-- what waited is judged anew. What is listed no more is removed, which holds its envelopes until it returns; a new tool
-- goes on waiting. Returns [{tool_slug, version, change, drift}], where `change` is one of new, added (new and trusted),
-- unchanged, drifted, reverted, returned, removed.
--
-- A tool that a person added for the same provider becomes the source's; where its schema is another one, it drifted. A
-- listing read against a catalog that has changed since is refused (PT409), and so is a slug that another source holds.
create or replace function worker_api.sync_tools(
  tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamptz default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  listed record;
  given public.tool_catalog;
  accepted public.tool_catalog;    -- the version that people and agents rely on
  candidate public.tool_catalog;   -- what took its place at the provider, if anything did
  current public.tool_catalog;     -- which of the two is listed
  trusted boolean;
  change text;
  came_back boolean := false;      -- whether a removed tool is listed again
  busy text[];                     -- tools that open envelopes call
  changes jsonb[] := '{}';
begin
  if not exists (select from public.tenants as t where t.id = sync_tools.tenant) then
    raise exception 'tenant_id: no tenant %', sync_tools.tenant using errcode = 'PT404';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(format('%s %s %s', tenant, provider, source), 9));
  perform from app_private.lanes as l where l.tenant_id = sync_tools.tenant order by l.lane for update;
  perform from public.tool_catalog as c where c.tenant_id = sync_tools.tenant order by c.id for update;
  perform app_private.act_as(actor_type, actor_id, as_of, door);

  for listed in   -- with what the catalog has of it, read at once: a question per tool would read the catalog per tool
    with known as (
      select
        c.tool_slug,
        max(c.id) filter (where c.status in ('active', 'drifted', 'blocked', 'removed')) as accepted,
        max(c.id) filter (where c.status in ('quarantined', 'rejected')) as candidate,
        array_agg(c.id) filter (where c.status in ('active', 'drifted', 'blocked', 'removed')) as standing
      from public.tool_catalog as c
      where c.tenant_id = sync_tools.tenant
      group by c.tool_slug
    )
    select t.entry, a as accepted, b as candidate, k.standing
    from jsonb_array_elements(tools) as t (entry)
    left join known as k on k.tool_slug = t.entry ->> 'tool_slug'
    left join public.tool_catalog as a on a.tenant_id = sync_tools.tenant and a.id = k.accepted
    left join public.tool_catalog as b on b.tenant_id = sync_tools.tenant and b.id = k.candidate
    order by t.entry ->> 'tool_slug'
  loop
    given := jsonb_populate_record(null::public.tool_catalog, listed.entry);
    accepted := listed.accepted;
    candidate := listed.candidate;
    trusted := coalesce((listed.entry ->> 'trusted')::boolean, false);

    if coalesce(accepted.provider, candidate.provider) <> sync_tools.provider
      or coalesce(accepted.source, candidate.source) not in ('', sync_tools.source) then
      raise exception 'tool_slug: % belongs to %; sync under another name', given.tool_slug,
        rtrim(coalesce(accepted.provider || ' ' || accepted.source, candidate.provider || ' ' || candidate.source))
        using errcode = 'PT409';
    elsif coalesce(accepted.schema_hash, '') <> coalesce(listed.entry ->> 'since', '') then
      raise exception 'source: the catalog changed while % was read; sync again', sync_tools.source
        using errcode = 'PT409';
    end if;

    if accepted.source = '' then   -- a person added it, perhaps in several versions: from now on they are the source's
      update public.tool_catalog as c set source = sync_tools.source
      where c.tenant_id = accepted.tenant_id and c.tool_slug = accepted.tool_slug and c.source = '';
      if accepted.schema = given.schema then
        accepted.schema_hash := given.schema_hash;
        update public.tool_catalog as c
        set schema_hash = given.schema_hash, annotations = given.annotations, description = given.description
        where c.tenant_id = accepted.tenant_id and c.id = accepted.id;
      end if;
    end if;

    if listed.entry ->> 'former' in (accepted.schema_hash, candidate.schema_hash) then
      update public.tool_catalog as c set schema_hash = given.schema_hash
      where c.tenant_id = sync_tools.tenant and c.id in (accepted.id, candidate.id)
        and c.schema_hash = listed.entry ->> 'former';
      accepted.schema_hash := replace(accepted.schema_hash, listed.entry ->> 'former', given.schema_hash);
      candidate.schema_hash := replace(candidate.schema_hash, listed.entry ->> 'former', given.schema_hash);
    end if;

    current := null;
    came_back := came_back or coalesce(accepted.status = 'removed', false);
    if accepted.schema_hash = given.schema_hash then
      current := accepted;
      change := case accepted.status when 'active' then 'unchanged' when 'removed' then 'returned' else 'reverted' end;
    elsif candidate.schema_hash = given.schema_hash then
      current := candidate;
      change := case
        when accepted.id is null and trusted and candidate.status = 'quarantined' then 'added' else 'unchanged'
      end;
    elsif accepted.id is not null then
      change := 'drifted';
    else   -- what a person rejected is not trusted either once it has changed
      change := case when trusted and candidate.status is distinct from 'rejected' then 'added' else 'new' end;
    end if;

    if current.id is not null then
      given.version := current.version;
      given.status := case when current.id = candidate.id and change = 'unchanged' then current.status else 'active' end;
      given.drift := case when given.status = 'active' then '{}' else current.drift end;
      update public.tool_catalog as c
      set status = given.status, drift = given.drift, display_name = given.display_name, config = given.config,
          risk = given.risk, required_scopes = given.required_scopes, idempotent = given.idempotent,
          rate_bucket = given.rate_bucket, scan = given.scan, updated_at = moment
      where c.tenant_id = current.tenant_id and c.id = current.id
        and (c.status, c.drift, c.display_name, c.config, c.risk, c.required_scopes, c.idempotent, c.rate_bucket,
          c.scan)
          is distinct from (given.status, given.drift, given.display_name, given.config, given.risk,
            given.required_scopes, given.idempotent, given.rate_bucket, given.scan);
    else
      given.version := app_private.free_version(tenant, given.tool_slug, given.version);
      given.status := case change when 'added' then 'active' else 'quarantined' end;
      given.drift := case change when 'added' then '{}' else given.drift end;
      insert into public.tool_catalog (
        tenant_id, tool_slug, version, display_name, description, risk, schema, required_scopes, provider, config,
        idempotent, rate_bucket, scan, source, annotations, schema_hash, status, drift, updated_at
      )
      values (
        sync_tools.tenant, given.tool_slug, given.version, given.display_name, given.description, given.risk,
        given.schema, given.required_scopes, sync_tools.provider, given.config, given.idempotent, given.rate_bucket,
        given.scan, sync_tools.source, given.annotations, given.schema_hash, given.status, given.drift, moment
      );
    end if;
    if candidate.id is not null and candidate.id is distinct from current.id then
      update public.tool_catalog as c set status = 'retired', updated_at = moment
      where c.tenant_id = candidate.tenant_id and c.id = candidate.id;
      perform app_private.pin_again(tenant, given.tool_slug, given.version, moment);
    end if;
    -- Whatever version a call names, behind the name answers the tool as it is now.
    if change = 'drifted' then
      update public.tool_catalog as c set status = 'drifted', drift = given.drift, updated_at = moment
      where c.tenant_id = accepted.tenant_id and c.id = any (listed.standing);
    elsif current.id = accepted.id then
      update public.tool_catalog as c set status = 'active', drift = '{}', updated_at = moment
      where c.tenant_id = accepted.tenant_id and c.id = any (listed.standing) and c.status <> 'active';
    end if;
    if change in ('drifted', 'reverted') then
      perform app_private.do_at_commit(
        moment,
        audited_tenants => array[sync_tools.tenant], actor_type => sync_tools.actor_type,
        actor_id => sync_tools.actor_id, categories => array['tool_catalog.' || change],
        payloads => array[jsonb_build_object(
          'tool_slug', given.tool_slug, 'accepted_version', accepted.version, 'version', given.version,
          'schema_hash', given.schema_hash, 'drift', to_jsonb(given.drift)
        )],
        made_at => moment
      );
    end if;
    -- The whole backlog is read once, not for every tool.
    if (change in ('reverted', 'returned') or change = 'added' and candidate.id is not null) and busy is null then
      select coalesce(array_agg(distinct o.tool_slug), '{}') into busy
      from app_private.open_envelopes as e
      join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
      where e.tenant_id = sync_tools.tenant;
    end if;
    if change in ('added', 'reverted', 'returned') and given.tool_slug = any (busy) then
      perform app_private.release_drifted(
        tenant, given.tool_slug, given.version, 'approved', actor_type, actor_id,
        case change when 'added' then 'the source of the tool is trusted' else 'the tool is as it was accepted' end, moment
      );
    end if;
    changes := array_append(changes, jsonb_build_object(
      'tool_slug', given.tool_slug, 'version', given.version, 'change', change, 'drift', to_jsonb(given.drift)
    ));
  end loop;

  if came_back then
    perform app_private.release_held(tenant, array['tool'], moment);
  end if;

  for listed in
    with gone as (
      update public.tool_catalog as c
      set status = case when c.status in ('quarantined', 'rejected') then 'retired' else 'removed' end, updated_at = moment
      where c.tenant_id = sync_tools.tenant and c.provider = sync_tools.provider and c.source = sync_tools.source
        and c.status in ('active', 'drifted', 'blocked', 'quarantined', 'rejected')
        and c.tool_slug not in (select t.entry ->> 'tool_slug' from jsonb_array_elements(tools) as t (entry))   -- hashed
        and (
          c.status not in ('quarantined', 'rejected')
          or exists (   -- of a tool that was accepted once; a new one goes on waiting
            select from public.tool_catalog as a
            where a.tenant_id = c.tenant_id and a.tool_slug = c.tool_slug and a.status in ('active', 'drifted', 'blocked')
          )
        )
      returning c.id, c.tool_slug, c.version, c.status
    )
    select g.tool_slug, g.version, g.status,
      bool_or(g.status = 'retired') over slug as has_retired,
      first_value(g.version) over (slug order by g.status = 'removed' desc, g.id desc) as accepted_version
    from gone as g
    window slug as (partition by g.tool_slug)
    order by g.tool_slug, g.id
  loop
    continue when listed.status = 'retired';
    if listed.has_retired then
      perform app_private.pin_again(tenant, listed.tool_slug, listed.accepted_version, moment);
    end if;
    changes := array_append(changes, jsonb_build_object(
      'tool_slug', listed.tool_slug, 'version', listed.version, 'change', 'removed', 'drift', '[]'::jsonb
    ));
  end loop;
  return to_jsonb(changes);
end
$$;
revoke all on function worker_api.sync_tools from public;
grant execute on function worker_api.sync_tools to service_role, app_rw;
