-- Write the tools that one `source` of a provider offers now to a tenant's catalog, all or none. `tools` is the
-- complete list: rows of tool_catalog, each with `since`, `trusted` and `former` (explained in the body). New and
-- changed tools are quarantined until worker_api.decide_tool. Tools that the source no longer offers are removed, which
-- holds their envelopes.
-- Returns [{tool_slug, version, change, drift}], where `change` is new, added (new and trusted), unchanged, drifted,
-- reverted, returned or removed. Raises PT404 for an unknown tenant, and PT409 if the catalog has changed since the list
-- was read, or if another source has a tool with the same slug.
-- call: repeatable
create or replace function worker_api.sync_tools(
  tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamptz default null,
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  listed record;
  tool public.tool_catalog;
  accepted public.tool_catalog;    -- the version that was accepted
  candidate public.tool_catalog;   -- the version that replaced it at the provider, if any
  current public.tool_catalog;     -- which of the two the source lists
  trusted boolean;
  change text;
  has_returned boolean := false;   -- whether a removed tool is listed again
  called_slugs text[];             -- slugs of tools with open envelopes
  changes jsonb[] := '{}';
begin
  perform app_private.check_texts(
    'provider', sync_tools.provider, 'source', sync_tools.source, 'actor_type', sync_tools.actor_type,
    'actor_id', sync_tools.actor_id, 'door', sync_tools.door
  );
  if not exists (select from public.tenants as t where t.id = sync_tools.tenant) then
    raise exception 'tenant_id: no tenant %', sync_tools.tenant using errcode = 'PT404';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(format('%s %s %s', tenant, provider, source), 9));
  perform from app_private.lanes as l where l.tenant_id = sync_tools.tenant order by l.lane for update;
  perform from public.tool_catalog as c where c.tenant_id = sync_tools.tenant order by c.id for update;
  perform app_private.act_as(actor_type, actor_id, as_of, door);

  for listed in   -- one join with the catalog: a query for each tool would read the whole catalog each time
    with known as (
      select
        c.tool_slug,
        max(c.id) filter (where c.status in ('active', 'drifted', 'blocked', 'removed')) as accepted,
        max(c.id) filter (where c.status in ('quarantined', 'rejected')) as candidate,
        array_agg(c.id) filter (where c.status in ('active', 'drifted', 'blocked', 'removed')) as accepted_ids
      from public.tool_catalog as c
      where c.tenant_id = sync_tools.tenant
      group by c.tool_slug
    )
    select t.entry, a as accepted, b as candidate, k.accepted_ids
    from jsonb_array_elements(tools) as t (entry)
    left join known as k on k.tool_slug = t.entry ->> 'tool_slug'
    left join public.tool_catalog as a on a.tenant_id = sync_tools.tenant and a.id = k.accepted
    left join public.tool_catalog as b on b.tenant_id = sync_tools.tenant and b.id = k.candidate
    order by t.entry ->> 'tool_slug'
  loop
    -- An entry has three fields that are not columns of tool_catalog. `since`: the schema_hash of the accepted version
    -- with which `drift` compares ('' for none). `trusted`: the tool may be called although it is new. `former`: the
    -- hash that an earlier release computed for the same definition.
    tool := jsonb_populate_record(null::public.tool_catalog, listed.entry);
    accepted := listed.accepted;
    candidate := listed.candidate;
    trusted := coalesce((listed.entry ->> 'trusted')::boolean, false);

    if coalesce(accepted.provider, candidate.provider) <> sync_tools.provider
      or coalesce(accepted.source, candidate.source) not in ('', sync_tools.source) then
      raise exception 'tool_slug: % belongs to %; sync under another name', tool.tool_slug,
        rtrim(coalesce(accepted.provider || ' ' || accepted.source, candidate.provider || ' ' || candidate.source))
        using errcode = 'PT409';
    elsif coalesce(accepted.schema_hash, '') <> coalesce(listed.entry ->> 'since', '') then
      raise exception 'source: the catalog changed while % was read; sync again', sync_tools.source
        using errcode = 'PT409';
    end if;

    if accepted.source = '' then   -- a person added it, perhaps in several versions: all now belong to the source
      update public.tool_catalog as c set source = sync_tools.source
      where c.tenant_id = accepted.tenant_id and c.tool_slug = accepted.tool_slug and c.source = '';
      if accepted.schema = tool.schema then
        accepted.schema_hash := tool.schema_hash;
        update public.tool_catalog as c
        set schema_hash = tool.schema_hash, annotations = tool.annotations, description = tool.description
        where c.tenant_id = accepted.tenant_id and c.id = accepted.id;
      end if;
    end if;

    if listed.entry ->> 'former' in (accepted.schema_hash, candidate.schema_hash) then
      update public.tool_catalog as c set schema_hash = tool.schema_hash
      where c.tenant_id = sync_tools.tenant and c.id in (accepted.id, candidate.id)
        and c.schema_hash = listed.entry ->> 'former';
      accepted.schema_hash := replace(accepted.schema_hash, listed.entry ->> 'former', tool.schema_hash);
      candidate.schema_hash := replace(candidate.schema_hash, listed.entry ->> 'former', tool.schema_hash);
    end if;

    current := null;
    has_returned := has_returned or coalesce(accepted.status = 'removed', false);
    if accepted.schema_hash = tool.schema_hash then
      current := accepted;
      change := case accepted.status when 'active' then 'unchanged' when 'removed' then 'returned' else 'reverted' end;
    elsif candidate.schema_hash = tool.schema_hash then
      current := candidate;
      change := case
        when accepted.id is null and trusted and candidate.status = 'quarantined' then 'added' else 'unchanged'
      end;
    elsif accepted.id is not null then
      change := 'drifted';
    else   -- a tool that a person rejected is not trusted after a change
      change := case when trusted and candidate.status is distinct from 'rejected' then 'added' else 'new' end;
    end if;

    if current.id is not null then
      tool.version := current.version;
      tool.status := case when current.id = candidate.id and change = 'unchanged' then current.status else 'active' end;
      tool.drift := case when tool.status = 'active' then '{}' else current.drift end;
      update public.tool_catalog as c
      set status = tool.status, drift = tool.drift, display_name = tool.display_name, config = tool.config,
          risk = tool.risk, required_scopes = tool.required_scopes, idempotent = tool.idempotent,
          rate_bucket = tool.rate_bucket, scan = tool.scan, updated_at = moment
      where c.tenant_id = current.tenant_id and c.id = current.id
        and (c.status, c.drift, c.display_name, c.config, c.risk, c.required_scopes, c.idempotent, c.rate_bucket,
          c.scan)
          is distinct from (tool.status, tool.drift, tool.display_name, tool.config, tool.risk,
            tool.required_scopes, tool.idempotent, tool.rate_bucket, tool.scan);
    else
      tool.version := app_private.find_free_version(tenant, tool.tool_slug, tool.version);
      tool.status := case change when 'added' then 'active' else 'quarantined' end;
      tool.drift := case change when 'added' then '{}' else tool.drift end;
      insert into public.tool_catalog (
        tenant_id, tool_slug, version, display_name, description, risk, schema, required_scopes, provider, config,
        idempotent, rate_bucket, scan, source, annotations, schema_hash, status, drift, updated_at
      )
      values (
        sync_tools.tenant, tool.tool_slug, tool.version, tool.display_name, tool.description, tool.risk,
        tool.schema, tool.required_scopes, sync_tools.provider, tool.config, tool.idempotent, tool.rate_bucket,
        tool.scan, sync_tools.source, tool.annotations, tool.schema_hash, tool.status, tool.drift, moment
      );
    end if;
    if candidate.id is not null and candidate.id is distinct from current.id then
      update public.tool_catalog as c set status = 'retired', updated_at = moment
      where c.tenant_id = candidate.tenant_id and c.id = candidate.id;
      perform app_private.pin_to_version(tenant, tool.tool_slug, tool.version, moment);
    end if;
    -- Whatever version a call names, the provider executes its current tool: all accepted versions have one status.
    if change = 'drifted' then
      update public.tool_catalog as c set status = 'drifted', drift = tool.drift, updated_at = moment
      where c.tenant_id = accepted.tenant_id and c.id = any (listed.accepted_ids);
    elsif current.id = accepted.id then
      update public.tool_catalog as c set status = 'active', drift = '{}', updated_at = moment
      where c.tenant_id = accepted.tenant_id and c.id = any (listed.accepted_ids) and c.status <> 'active';
    end if;
    if change in ('drifted', 'reverted') then
      perform app_private.do_at_commit(
        moment,
        audited_tenants => array[sync_tools.tenant], actor_type => sync_tools.actor_type,
        actor_id => sync_tools.actor_id, categories => array['tool_catalog.' || change],
        payloads => array[jsonb_build_object(
          'tool_slug', tool.tool_slug, 'accepted_version', accepted.version, 'version', tool.version,
          'schema_hash', tool.schema_hash, 'drift', to_jsonb(tool.drift)
        )],
        made_at => moment
      );
    end if;
    -- Open envelopes are read once, not for each tool.
    if (change in ('reverted', 'returned') or change = 'added' and candidate.id is not null)
      and called_slugs is null then
      select coalesce(array_agg(distinct o.tool_slug), '{}') into called_slugs
      from app_private.open_envelopes as e
      join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
      where e.tenant_id = sync_tools.tenant;
    end if;
    if change in ('added', 'reverted', 'returned') and tool.tool_slug = any (called_slugs) then
      perform app_private.decide_tool_approvals(
        tenant, tool.tool_slug, tool.version, 'approved', actor_type, actor_id,
        case change when 'added' then 'the source of the tool is trusted'
          else 'the tool has its accepted definition again' end,
        moment
      );
    end if;
    changes := array_append(changes, jsonb_build_object(
      'tool_slug', tool.tool_slug, 'version', tool.version, 'change', change, 'drift', to_jsonb(tool.drift)
    ));
  end loop;

  if has_returned then
    perform app_private.release_held(tenant, array['tool'], moment);
  end if;

  for listed in
    with removed as (
      update public.tool_catalog as c
      set status = case when c.status in ('quarantined', 'rejected') then 'retired' else 'removed' end, updated_at = moment
      where c.tenant_id = sync_tools.tenant and c.provider = sync_tools.provider and c.source = sync_tools.source
        and c.status in ('active', 'drifted', 'blocked', 'quarantined', 'rejected')
        and c.tool_slug not in (select t.entry ->> 'tool_slug' from jsonb_array_elements(tools) as t (entry))
        and (
          c.status not in ('quarantined', 'rejected')
          or exists (   -- an earlier version of the tool was accepted; a tool that is new stays quarantined
            select from public.tool_catalog as a
            where a.tenant_id = c.tenant_id and a.tool_slug = c.tool_slug and a.status in ('active', 'drifted', 'blocked')
          )
        )
      returning c.id, c.tool_slug, c.version, c.status
    )
    select g.tool_slug, g.version, g.status,
      bool_or(g.status = 'retired') over slug as has_retired,
      first_value(g.version) over (slug order by g.status = 'removed' desc, g.id desc) as accepted_version
    from removed as g
    window slug as (partition by g.tool_slug)
    order by g.tool_slug, g.id
  loop
    continue when listed.status = 'retired';
    if listed.has_retired then
      perform app_private.pin_to_version(tenant, listed.tool_slug, listed.accepted_version, moment);
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
