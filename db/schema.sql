-- What the migrations and functions give, to read and to compare with; it is not meant to be run. Written by
-- `python -m control_plane db snapshot`: change a migration or a function instead, and run that again.

-- Name: app_private; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA app_private;

-- Name: SCHEMA app_private; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA app_private TO app_owner;
GRANT USAGE ON SCHEMA app_private TO authenticated;
GRANT USAGE ON SCHEMA app_private TO supabase_auth_admin;
GRANT USAGE ON SCHEMA app_private TO workflow_rw;

-- Name: act_as(text, text, timestamp with time zone, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.act_as(actor_type text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select
    set_config('app.actor_type', act_as.actor_type, true),
    set_config('app.actor_id', act_as.actor_id, true),
    set_config('app.door', coalesce(act_as.door, ''), true),
    set_config('app.as_of', coalesce(act_as.as_of::text, ''), true)
$$;

-- Name: FUNCTION act_as(actor_type text, actor_id text, as_of timestamp with time zone, door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.act_as(actor_type text, actor_id text, as_of timestamp with time zone, door text) FROM PUBLIC;

-- Name: acting_at(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.acting_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case
    when nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' is not null then now()
    else coalesce(nullif(current_setting('app.as_of', true), '')::timestamptz, now())
  end
$$;

-- Name: FUNCTION acting_at(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.acting_at() FROM PUBLIC;

-- Name: append_audit(uuid[], text, text, text[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.append_audit(tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
declare
  actor constant text := ', ' || to_json(actor_type) || ', ' || to_json(actor_id) || ', ';
  made_at constant text := ', ' || (extract(epoch from as_of) * 1000000)::bigint || ']';
  heads uuid[];
  there integer;
  ordered_tenants uuid[];
  ordered_categories text[];
  ordered_payloads jsonb[];
  seqs bigint[];
  starts bytea[];
  digests bytea[];
  previous bytea[] := '{}';
  hashes bytea[] := '{}';
  running bytea;
  ends integer[] := '{}';   -- where each tenant's rows end
begin
  -- Makes the heads that are missing and locks the others, in one order for everybody.
  select array_agg(distinct t) into heads from unnest(tenants) as t;
  perform from app_private.audit_heads as h where h.tenant_id = any (heads) order by h.tenant_id for update;
  get diagnostics there = row_count;
  if there < cardinality(heads) then
    insert into app_private.audit_heads (tenant_id)
    select t from unnest(heads) as t order by 1
    on conflict (tenant_id) do update set seq = 0 where false;
  end if;

  with numbered as (
    select
      e.tenant_id, e.category, e.payload, e.position, h.hash, row_number() over chain as nth,
      h.seq + row_number() over chain as seq
    from unnest(tenants, categories, payloads) with ordinality as e (tenant_id, category, payload, position)
    join app_private.audit_heads as h using (tenant_id)
    window chain as (partition by e.tenant_id order by e.position)
  ), digested as (
    select
      n.tenant_id, n.category, n.payload, n.seq,
      case when n.nth = 1 then n.hash end as start,   -- null: goes on where the row before ends
      sha256(convert_to(
        concat('["', n.tenant_id, '", ', n.seq, actor, to_json(n.category), ', ', n.payload, made_at), 'UTF8'
      )) as digest
    from numbered as n
    order by n.tenant_id, n.position   -- as the window has sorted them
  )
  select
    array_agg(d.tenant_id), array_agg(d.category), array_agg(d.payload), array_agg(d.seq), array_agg(d.start),
    array_agg(d.digest)
  into ordered_tenants, ordered_categories, ordered_payloads, seqs, starts, digests
  from digested as d;

  for at in 1 .. coalesce(cardinality(digests), 0) loop
    if starts[at] is not null then
      running := starts[at];
      ends := ends || (at - 1);
    end if;
    previous[at] := running;
    running := sha256(running || digests[at]);
    hashes[at] := running;
  end loop;
  ends := ends || cardinality(digests);

  insert into public.audit_log
    (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
  select
    l.tenant_id, append_audit.actor_type, append_audit.actor_id, l.category, l.payload, as_of, l.seq, l.previous_hash,
    l.hash
  from unnest(ordered_tenants, ordered_categories, ordered_payloads, seqs, previous, hashes)
    as l (tenant_id, category, payload, seq, previous_hash, hash);

  update app_private.audit_heads as h
  set seq = seqs[e.position], hash = hashes[e.position]
  from unnest(ends) as e (position)
  where e.position > 0 and h.tenant_id = ordered_tenants[e.position];
end
$$;

-- Name: FUNCTION append_audit(tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.append_audit(tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: apply_staged(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.apply_staged() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS $$
declare
  staged app_private.staged_changes[];
  moment timestamptz;
  tenants uuid[];
  lanes smallint[];
  moments timestamptz[];
  keys text[];
  held record;
  said record;
begin
  if tg_table_schema <> 'app_private' then
    raise exception 'apply_staged serves app_private.staged_changes' using errcode = 'PT409';
  end if;
  if new.held_tenant is null and not exists (
    select from app_private.staged_changes as c where c.xact = new.xact and c.n > new.n
  ) then   -- nearly always
    delete from app_private.staged_changes as c where c.xact = new.xact and c.n = new.n;
    if new.woken_tenants is not null then
      moment := coalesce(new.as_of, clock_timestamp());
      perform app_private.wake_lanes(new.woken_tenants, new.woken_lanes, new.woken_moments, moment);
      if array_remove(new.woken_keys, null) <> '{}' then
        perform app_private.mark_waiting(new.woken_tenants, new.woken_lanes, new.woken_keys);
        perform app_private.wake_successors(new.woken_tenants, new.woken_keys, moment);
      end if;
    end if;
    if new.audited_tenants is not null then
      perform app_private.append_audit(
        new.audited_tenants, new.actor_type, new.actor_id, new.categories, new.payloads, new.made_at
      );
    end if;
    return null;
  end if;

  with taken as (
    delete from app_private.staged_changes as c where c.xact = new.xact returning c as change
  )
  select array_agg(t.change order by (t.change).n), coalesce(max((t.change).as_of), clock_timestamp())
  into staged, moment
  from taken as t;

  if exists (select from unnest(staged) as c where c.held_tenant is not null) then
    perform from app_private.lanes as l
    where (l.tenant_id, l.lane) in (
      select w.tenant_id, w.lane from unnest(staged) as c
      cross join lateral unnest(c.woken_tenants, c.woken_lanes) as w (tenant_id, lane)
      union
      select known.tenant_id, known.lane from app_private.lanes as known
      where known.tenant_id in (select c.held_tenant from unnest(staged) as c)
    )
    order by l.tenant_id, l.lane
    for update;
  end if;

  select array_agg(w.tenant_id), array_agg(w.lane), array_agg(w.at), array_agg(w.key)
  into tenants, lanes, moments, keys
  from unnest(staged) as c
  cross join lateral unnest(c.woken_tenants, c.woken_lanes, c.woken_moments, c.woken_keys) as w (tenant_id, lane, at, key);
  if tenants is not null then
    perform app_private.wake_lanes(tenants, lanes, moments, moment);
  end if;
  if array_remove(keys, null) <> '{}' then
    perform app_private.mark_waiting(tenants, lanes, keys);
    perform app_private.wake_successors(tenants, keys, moment);
  end if;

  for held in
    select c.held_tenant as tenant, array_agg(distinct g.guardrail) as guardrails
    from unnest(staged) as c
    cross join lateral unnest(c.held_by) as g (guardrail)
    group by 1
    order by 1
  loop
    perform app_private.release_held(held.tenant, held.guardrails, moment);
  end loop;

  perform from app_private.audit_heads as h
  where h.tenant_id in (select t.id from unnest(staged) as c cross join lateral unnest(c.audited_tenants) as t (id))
  order by h.tenant_id
  for update;
  for said in   -- in the order of the changes; those of one actor at one moment go together
    select
      s.actor_type, s.actor_id, s.made_at, array_agg(e.tenant_id order by s.n, e.position) as tenants,
      array_agg(e.category order by s.n, e.position) as categories,
      array_agg(e.payload order by s.n, e.position) as payloads
    from (
      select
        c.*, row_number() over (order by c.n)
          - row_number() over (partition by c.actor_type, c.actor_id, c.made_at order by c.n) as run
      from unnest(staged) as c
      where c.audited_tenants is not null
    ) as s
    cross join lateral unnest(s.audited_tenants, s.categories, s.payloads) with ordinality
      as e (tenant_id, category, payload, position)
    group by s.actor_type, s.actor_id, s.made_at, s.run
    order by min(s.n)
  loop
    perform app_private.append_audit(
      said.tenants, said.actor_type, said.actor_id, said.categories, said.payloads, said.made_at
    );
  end loop;
  return null;
end
$$;

-- Name: FUNCTION apply_staged(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.apply_staged() FROM PUBLIC;

-- Name: audit_change(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.audit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) end;
  known jsonb := before || after;
  changed jsonb;
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  by_tenant boolean := claims ->> 'tenant_id' is not null;   -- such a caller names itself by its JWT alone
begin
  if tg_table_schema <> 'public' then
    raise exception 'audit_change serves tables of schema public' using errcode = 'PT409';
  end if;
  select coalesce(jsonb_object_agg(
    key,
    case
      when key in ('metadata', 'schema', 'config', 'description', 'summary', 'annotations', 'drift') then to_jsonb('…'::text)
      else coalesce(after -> key, 'null')
    end
  ), '{}')
  into changed
  from jsonb_object_keys(known) as key
  where before -> key is distinct from after -> key
    and key not in ('created_at', 'updated_at', 'checked_at', 'scanned_at');   -- moments of looks, not changes
  if changed = '{}' then
    return null;
  end if;

  perform app_private.do_at_commit(
    app_private.acting_at(),
    audited_tenants => array[(known ->> case when tg_table_name = 'tenants' then 'id' else 'tenant_id' end)::uuid],
    actor_type => case
      when by_tenant then 'user'
      else coalesce(nullif(current_setting('app.actor_type', true), ''), 'system')
    end,
    actor_id => case
      when by_tenant then coalesce(claims ->> 'sub', 'unnamed')
      else coalesce(nullif(current_setting('app.actor_id', true), ''), session_user)
    end,
    categories => array[tg_table_name || '.' || lower(tg_op)],
    payloads => array[jsonb_build_object('id', known -> 'id', 'changed', changed)],
    made_at => app_private.acting_at()
  );
  return null;
end
$$;

-- Name: FUNCTION audit_change(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.audit_change() FROM PUBLIC;

-- Name: audit_heads; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.audit_heads (
    tenant_id uuid NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL
)
WITH (fillfactor='50');

-- Name: audit_heads audit_heads_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant_id);

-- Name: audit_heads; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.audit_heads ENABLE ROW LEVEL SECURITY;

-- Name: bury(uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.bury(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  moved public.outbox;
  dead public.outbox_dlq;
begin
  delete from public.outbox as o where o.tenant_id = bury.tenant and o.id = bury.envelope returning o.* into moved;

  insert into public.outbox_dlq (
    id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
    metadata, status, attempts, last_error, lane, verdicts, doubtful, settled_token, must_run_before,
    created_at, moved_at
  )
  values (
    moved.id, moved.tenant_id, moved.tool_slug, moved.tool_version, moved.arguments, moved.connected_account_id,
    moved.risk, moved.external_id, moved.trust_context, moved.metadata, 'failed', moved.attempts,
    coalesce(reason, moved.last_error, 'a person decided so'), moved.lane, worker_api.verdicts_of(moved), true, moved.settled_token,
    moved.must_run_before, moved.created_at, as_of
  )
  returning * into dead;

  perform app_private.do_at_commit(
    as_of,
    woken_tenants => array[moved.tenant_id], woken_lanes => array[moved.lane], woken_moments => array[null::timestamptz],
    woken_keys => array[moved.ordering_key],
    audited_tenants => array[dead.tenant_id], actor_type => bury.actor_type, actor_id => bury.actor_id,
    categories => array['envelope.resolved'],
    payloads => array[app_private.envelope_event(
      dead.id, dead.external_id, dead.tool_slug, jsonb_build_object('status', 'failed', 'reason', reason)
    )],
    made_at => as_of
  );
  if moved.ordering_key is not null then
    perform app_private.notify_workers();
  end if;
  return to_jsonb(dead);
end
$$;

-- Name: FUNCTION bury(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.bury(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: change_envelope(uuid, uuid, text, text, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.change_envelope(tenant uuid, envelope uuid, became text, event text, actor_type text, actor_id text, reason text, as_of timestamp with time zone, digest text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  changed public.outbox;
begin
  update public.outbox as o
  set
    status = became,
    next_run_at = case when became = 'pending' then as_of else o.next_run_at end,
    approved_digest = coalesce(digest, o.approved_digest),
    updated_at = as_of
  where o.tenant_id = change_envelope.tenant and o.id = change_envelope.envelope
  returning o.* into changed;

  perform app_private.do_at_commit(
    as_of,
    woken_tenants => array[changed.tenant_id], woken_lanes => array[changed.lane],
    woken_moments => array[case when became = 'pending' then as_of end], woken_keys => array[changed.ordering_key],
    audited_tenants => array[changed.tenant_id], actor_type => change_envelope.actor_type,
    actor_id => change_envelope.actor_id, categories => array['envelope.' || event],
    payloads => array[app_private.envelope_event(
      changed.id, changed.external_id, changed.tool_slug,
      jsonb_build_object('status', became, 'reason', reason, 'digest', digest)
    )],
    made_at => as_of
  );
  if became = 'pending' or changed.ordering_key is not null then
    perform app_private.notify_workers();
  end if;
  return to_jsonb(changed) || jsonb_build_object('verdicts', worker_api.verdicts_of(changed));
end
$$;

-- Name: FUNCTION change_envelope(tenant uuid, envelope uuid, became text, event text, actor_type text, actor_id text, reason text, as_of timestamp with time zone, digest text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.change_envelope(tenant uuid, envelope uuid, became text, event text, actor_type text, actor_id text, reason text, as_of timestamp with time zone, digest text) FROM PUBLIC;

-- Name: check_guardrails(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_guardrails() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  before public.guardrails;   -- nothing, for a new one
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if new.quiet_hours is distinct from before.quiet_hours then
    perform app_private.check_quiet_hours(new.quiet_hours);
  end if;
  if new.scopes is distinct from before.scopes then
    perform app_private.check_scopes(new.scopes);
  end if;
  if new.rate_limits is distinct from before.rate_limits then
    perform app_private.check_rate_limits(new.rate_limits);
  end if;
  if new.trust_threshold is distinct from before.trust_threshold then
    perform app_private.fits('trust_threshold', new.trust_threshold);
  end if;
  new.updated_at := app_private.acting_at();
  return new;
end
$$;

-- Name: FUNCTION check_guardrails(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_guardrails() FROM PUBLIC;

-- Name: check_objective(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_objective() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  before public.objectives;   -- nothing, for a new one
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  perform
    new.title is not distinct from before.title or app_private.fits('title', new.title, 16384),
    new.metric is not distinct from before.metric or app_private.fits('metric', new.metric, 1024),
    new.target is not distinct from before.target or app_private.fits('target', new.target, 16384),
    new.horizon is not distinct from before.horizon or app_private.fits('horizon', new.horizon, 16384),
    new.summary is not distinct from before.summary or app_private.fits('summary', new.summary, 65536),
    new.created_at is not distinct from before.created_at or app_private.fits('created_at', new.created_at),
    new.updated_at is not distinct from before.updated_at or app_private.fits('updated_at', new.updated_at);
  return new;
end
$$;

-- Name: FUNCTION check_objective(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_objective() FROM PUBLIC;

-- Name: check_proposed(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_proposed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  problem text;
begin
  -- Reading a document number by number is slow. Small integers are exact, and so is what has less than 16 digits.
  select d.field || inexact.path into problem
  from after as n
  cross join lateral (
    values ('arguments', n.arguments), ('trust_context', n.trust_context), ('metadata', n.metadata)
  ) as d (field, document)
  cross join lateral (
    select case
      when d.document <> '{}'
        and jsonb_path_exists(
          d.document, '$.** ? (@.type() == "number" && (@ >= 1000000000000000 || @ <= -1000000000000000 || @ != @.floor()))'
        )
        and d.document::text ~ '[0-9][0-9.]{15}'
        then app_private.inexact_number(d.document)
    end as path
  ) as inexact
  where inexact.path is not null
  limit 1;
  if found then
    raise exception '%: is a number that would not reach the tool as it is; send it as a string', problem
      using errcode = 'PT400';
  end if;

  -- Later than in the year 9998 some readers cannot tell.
  if exists (
    select from after as n
    where n.must_run_before <= n.next_run_at or n.must_run_before >= '9999-01-01 00:00+00'
  ) then
    raise exception 'must_run_before: must be later than now and than not_before, and before the year 9999'
      using errcode = 'PT400';
  end if;
  insert into app_private.deadlines (tenant_id, id, must_run_before)
  select n.tenant_id, n.id, n.must_run_before from after as n where n.must_run_before is not null
  on conflict do nothing;
  return null;
end
$_$;

-- Name: FUNCTION check_proposed(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_proposed() FROM PUBLIC;

-- Name: check_quiet_hours(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_quiet_hours(quiet_hours jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  nightly boolean;
  zone jsonb;
  known text[];
  span record;
  problem text;
begin
  if jsonb_typeof(quiet_hours) <> 'object' then
    raise exception 'quiet_hours: must be an object such as {"start": 22, "end": 6}' using errcode = 'PT400';
  end if;
  perform app_private.fits('quiet_hours', quiet_hours, 65536);
  nightly := quiet_hours ?| array['start', 'end'];
  known := case
    when nightly then array['start', 'end', 'time_zone', 'timezone']
    else array['time_zone', 'timezone', 'windows', 'holidays']
  end;
  select left(k, 40) into problem from jsonb_object_keys(quiet_hours) as k where k <> all (known) limit 1;
  if found then
    raise exception 'quiet_hours.%: is not known; leave it out or use %', problem, array_to_string(known, ', ')
      using errcode = 'PT400';
  elsif quiet_hours ?& array['time_zone', 'timezone'] then
    raise exception 'quiet_hours.timezone: says the same as time_zone; leave one of them out' using errcode = 'PT400';
  end if;

  zone := coalesce(quiet_hours -> 'time_zone', quiet_hours -> 'timezone');
  if zone is not null and (jsonb_typeof(zone) <> 'string'
    or not exists (select from pg_catalog.pg_timezone_names as z where z.name = zone #>> '{}')) then
    raise exception 'quiet_hours.time_zone: % is no IANA time zone; write one such as Europe/Berlin', left(zone::text, 60)
      using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(quiet_hours -> 'windows', '[]')) <> 'array'
    or jsonb_array_length(coalesce(quiet_hours -> 'windows', '[]')) > 100 then
    raise exception 'quiet_hours.windows: must be a list of at most 100, such as [{"start": "22:00", "end": "06:00"}]'
      using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(quiet_hours -> 'holidays', '[]')) <> 'array'
    or jsonb_array_length(coalesce(quiet_hours -> 'holidays', '[]')) > 1000 then
    raise exception 'quiet_hours.holidays: must be a list of at most 1000, such as ["2026-12-25"]'
      using errcode = 'PT400';
  end if;

  for span in
    select 'quiet_hours' as path, quiet_hours as written where nightly
    union all
    select format('quiet_hours.windows[%s]', w.place - 1), w.written
    from jsonb_array_elements(coalesce(quiet_hours -> 'windows', '[]')) with ordinality as w (written, place)
  loop
    if jsonb_typeof(span.written) <> 'object' then
      raise exception '%: must be an object such as {"days": ["mon"], "start": "22:00", "end": "06:00"}', span.path
        using errcode = 'PT400';
    elsif not nightly and span.written - array['days', 'start', 'end'] <> '{}' then
      raise exception '%: has a key that is not known; use days, start, end', span.path using errcode = 'PT400';
    elsif app_private.minutes_of(span.written -> 'start') is null or app_private.minutes_of(span.written -> 'end') is null then
      raise exception '%: start and end must each be an hour from 0 to 24 or a time such as "22:30"', span.path
        using errcode = 'PT400';
    elsif (app_private.minutes_of(span.written -> 'start') - app_private.minutes_of(span.written -> 'end')) % 1440 = 0
      and (app_private.minutes_of(span.written -> 'start'), app_private.minutes_of(span.written -> 'end')) <> (0, 1440) then
      raise exception '%.end: is the same as start; write 0 and 24 for the whole day, or another end', span.path
        using errcode = 'PT400';
    elsif span.written ? 'days' and not nightly and (
      jsonb_typeof(span.written -> 'days') <> 'array' or span.written -> 'days' = '[]' or exists (
        select from jsonb_array_elements(
          case jsonb_typeof(span.written -> 'days') when 'array' then span.written -> 'days' else '[]' end
        ) as d
        where jsonb_typeof(d) <> 'string' or lower(d #>> '{}') not in ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')
      )
    ) then
      raise exception '%.days: must be a list of days; use mon, tue, wed, thu, fri, sat, sun', span.path
        using errcode = 'PT400';
    end if;
  end loop;

  select left(h::text, 60) into problem
  from jsonb_array_elements(coalesce(quiet_hours -> 'holidays', '[]')) as h
  where jsonb_typeof(h) <> 'string' or h #>> '{}' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
  limit 1;
  if found then
    raise exception 'quiet_hours.holidays: % is not a date; write one such as 2026-12-25', problem
      using errcode = 'PT400';
  end if;
  begin
    perform (h #>> '{}')::date from jsonb_array_elements(coalesce(quiet_hours -> 'holidays', '[]')) as h;
  exception when datetime_field_overflow or invalid_datetime_format then
    raise exception 'quiet_hours.holidays: has a day that no month has; write one such as 2026-12-25'
      using errcode = 'PT400';
  end;

  if exists (   -- the week, and what reaches from its end into its beginning
    select
    from (
      select quiet_hours as written where nightly
      union all
      select w from jsonb_array_elements(coalesce(quiet_hours -> 'windows', '[]')) as w
    ) as w
    cross join unnest(array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) with ordinality as day (name, place)
    cross join (values (0), (-10080)) as week (shift)
    cross join lateral (
      select
        week.shift + (day.place::integer - 1) * 1440 + app_private.minutes_of(w.written -> 'start') as start,
        app_private.minutes_of(w.written -> 'end') - app_private.minutes_of(w.written -> 'start') as minutes
    ) as s
    where nightly or not w.written ? 'days' or lower((w.written -> 'days')::text)::jsonb ? day.name
    having int4multirange(int4range(0, 10080)) <@ range_agg(
      int4range(s.start, s.start + case when s.minutes > 0 then s.minutes else s.minutes + 1440 end)
    )
  ) then
    raise exception 'quiet_hours: leaves no free minute in the week; shorten a window, or pause the tenant'
      using errcode = 'PT400';
  end if;
end
$_$;

-- Name: FUNCTION check_quiet_hours(quiet_hours jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_quiet_hours(quiet_hours jsonb) FROM PUBLIC;

-- Name: check_rate_limits(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_rate_limits(rate_limits jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  is_count constant text := '^[1-9][0-9]{0,9}$';
  limited record;
  said jsonb;
begin
  if jsonb_typeof(rate_limits) <> 'object' then
    raise exception 'rate_limits: must be an object such as {"slack.minute": {"limit": 20, "per_seconds": 60}}'
      using errcode = 'PT400';
  end if;
  perform app_private.fits('rate_limits', rate_limits, 65536);
  for limited in select left(l.key, 40) as bucket, l.key, l.value from jsonb_each(rate_limits) as l loop
    if limited.key !~ '^\S+$' then
      raise exception 'rate_limits.%: is not a bucket; name it as the catalog does, such as slack.minute', limited.bucket
        using errcode = 'PT400';
    elsif jsonb_typeof(limited.value) = 'object' then
      if limited.value - array['limit', 'per_seconds'] <> '{}' then
        raise exception 'rate_limits.%: has a key that is not known; use limit, per_seconds', limited.bucket
          using errcode = 'PT400';
      end if;
      said := jsonb_build_array(limited.value -> 'limit', limited.value -> 'per_seconds');
    elsif lower(split_part(limited.key, '.', -1)) in ('second', 'minute', 'hour', 'day', 'daily') then
      said := jsonb_build_array(limited.value);
    else
      raise exception 'rate_limits.%: says no span; write {"limit": 20, "per_seconds": 60}', limited.bucket
        using errcode = 'PT400';
    end if;
    if exists (
      select from jsonb_array_elements(said) as s
      where case
        when jsonb_typeof(s) = 'number' and s #>> '{}' ~ is_count then (s #>> '{}')::numeric > 2147483647
        else true
      end
    ) then
      raise exception 'rate_limits.%: limit and per_seconds must each be a whole number from 1 to 2147483647',
        limited.bucket using errcode = 'PT400';
    end if;
  end loop;
end
$_$;

-- Name: FUNCTION check_rate_limits(rate_limits jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_rate_limits(rate_limits jsonb) FROM PUBLIC;

-- Name: check_scopes(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_scopes(scopes jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  problem text;
begin
  if jsonb_typeof(scopes) <> 'object' then
    raise exception 'scopes: must be an object such as {"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}'
      using errcode = 'PT400';
  end if;
  perform app_private.fits('scopes', scopes, 65536);
  select left(k, 40) into problem from jsonb_object_keys(scopes) as k where k <> 'allowed' limit 1;
  if found then
    raise exception 'scopes.%: is not known; leave it out or use allowed', problem using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(scopes -> 'allowed', '[]')) <> 'array' then
    raise exception 'scopes.allowed: must be a list such as ["GMAIL", "SLACK.CHAT:WRITE"]' using errcode = 'PT400';
  end if;
  select left(s::text, 60) into problem
  from jsonb_array_elements(coalesce(scopes -> 'allowed', '[]')) as s
  where jsonb_typeof(s) <> 'string' or s #>> '{}' !~ '^[^\s*]+$'
  limit 1;
  if found then
    raise exception 'scopes.allowed: % is not a scope; write a toolkit such as GMAIL (it covers all its scopes) or one scope',
      problem using errcode = 'PT400';
  end if;
end
$_$;

-- Name: FUNCTION check_scopes(scopes jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_scopes(scopes jsonb) FROM PUBLIC;

-- Name: check_tenant(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_tenant() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  before public.tenants;   -- nothing, for a new one
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  perform
    new.name is not distinct from before.name or app_private.fits('name', new.name, 1024),
    new.plan is not distinct from before.plan or app_private.fits('plan', new.plan, 1024),
    new.paused_reason is not distinct from before.paused_reason
      or app_private.fits('paused_reason', new.paused_reason, 16384),
    new.paused_at is not distinct from before.paused_at or app_private.fits('paused_at', new.paused_at),
    new.created_at is not distinct from before.created_at or app_private.fits('created_at', new.created_at),
    new.updated_at is not distinct from before.updated_at or app_private.fits('updated_at', new.updated_at);
  return new;
end
$$;

-- Name: FUNCTION check_tenant(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_tenant() FROM PUBLIC;

-- Name: check_tool(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_tool() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  before public.tool_catalog;   -- nothing, for a new one
  problem text;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  select d.field into problem
  from (values
    ('schema', new.schema, before.schema), ('config', new.config, before.config),
    ('annotations', new.annotations, before.annotations), ('scan', new.scan, before.scan)
  ) as d (field, document, was)
  where d.document is distinct from d.was and jsonb_typeof(d.document) <> 'object'
  limit 1;
  if found then
    raise exception '%: must be a JSON object', problem using errcode = 'PT400';
  end if;
  perform
    new.schema is not distinct from before.schema or app_private.fits('schema', new.schema, 262144),
    new.config is not distinct from before.config or app_private.fits('config', new.config, 65536),
    new.annotations is not distinct from before.annotations or app_private.fits('annotations', new.annotations, 65536),
    new.scan is not distinct from before.scan or app_private.fits('scan', new.scan, 65536),
    new.tool_slug is not distinct from before.tool_slug or app_private.fits('tool_slug', new.tool_slug, 1024),
    new.version is not distinct from before.version or app_private.fits('version', new.version, 1024),
    new.provider is not distinct from before.provider or app_private.fits('provider', new.provider, 1024),
    new.source is not distinct from before.source or app_private.fits('source', new.source, 4096),
    new.rate_bucket is not distinct from before.rate_bucket or app_private.fits('rate_bucket', new.rate_bucket, 1024),
    new.schema_hash is not distinct from before.schema_hash or app_private.fits('schema_hash', new.schema_hash, 1024),
    new.display_name is not distinct from before.display_name or app_private.fits('display_name', new.display_name, 16384),
    new.description is not distinct from before.description or app_private.fits('description', new.description, 65536),
    new.required_scopes is not distinct from before.required_scopes
      or app_private.fits('required_scopes', new.required_scopes),
    new.drift is not distinct from before.drift or app_private.fits('drift', new.drift),
    new.updated_at is not distinct from before.updated_at or app_private.fits('updated_at', new.updated_at);
  return new;
end
$$;

-- Name: FUNCTION check_tool(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_tool() FROM PUBLIC;

-- Name: current_organization_id(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.current_organization_id() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  select case
    when said ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then said::uuid
  end
  from (select current_setting('app.current_organization_id', true) as said) as setting
$_$;

-- Name: FUNCTION current_organization_id(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.current_organization_id() FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.current_organization_id() TO workflow_rw;

-- Name: current_tenant_id_uuid(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.current_tenant_id_uuid() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  select case
    when claim ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then claim::uuid
  end
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' as claim) as jwt
$_$;

-- Name: FUNCTION current_tenant_id_uuid(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.current_tenant_id_uuid() FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.current_tenant_id_uuid() TO authenticated;

-- Name: custom_access_token_hook(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.custom_access_token_hook(event jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  select jsonb_set(
    event,
    '{claims}',
    case
      when tenant ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      then jsonb_set(event -> 'claims', '{tenant_id}', to_jsonb(lower(tenant)))
      else (event -> 'claims') - 'tenant_id'
    end
  )
  from (select event #>> '{claims,app_metadata,tenant_id}' as tenant) as given
$_$;

-- Name: FUNCTION custom_access_token_hook(event jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.custom_access_token_hook(event jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.custom_access_token_hook(event jsonb) TO supabase_auth_admin;

-- Name: deadlines; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.deadlines (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    must_run_before timestamp with time zone NOT NULL
);

-- Name: TABLE deadlines; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.deadlines IS 'Envelopes that have a deadline, until it has come; made by a trigger of public.outbox.';

-- Name: deadlines deadlines_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.deadlines
    ADD CONSTRAINT deadlines_pkey PRIMARY KEY (tenant_id, id);

-- Name: deadlines_due_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX deadlines_due_idx ON app_private.deadlines USING btree (must_run_before, tenant_id, id);

-- Name: deadlines; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.deadlines ENABLE ROW LEVEL SECURITY;

-- Name: do_at_commit(timestamp with time zone, uuid[], smallint[], timestamp with time zone[], text[], uuid, text[], uuid[], text, text, text[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.do_at_commit(as_of timestamp with time zone, woken_tenants uuid[] DEFAULT NULL::uuid[], woken_lanes smallint[] DEFAULT NULL::smallint[], woken_moments timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], woken_keys text[] DEFAULT NULL::text[], held_tenant uuid DEFAULT NULL::uuid, held_by text[] DEFAULT NULL::text[], audited_tenants uuid[] DEFAULT NULL::uuid[], actor_type text DEFAULT NULL::text, actor_id text DEFAULT NULL::text, categories text[] DEFAULT NULL::text[], payloads jsonb[] DEFAULT NULL::jsonb[], made_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into app_private.staged_changes (
    is_first, as_of, woken_tenants, woken_lanes, woken_moments, woken_keys, held_tenant, held_by, audited_tenants,
    actor_type, actor_id, categories, payloads, made_at
  )
  values (
    not exists (select from app_private.staged_changes as c where c.xact = pg_current_xact_id()),
    nullif(do_at_commit.as_of, now()), do_at_commit.woken_tenants, do_at_commit.woken_lanes, do_at_commit.woken_moments,
    do_at_commit.woken_keys, do_at_commit.held_tenant, do_at_commit.held_by, do_at_commit.audited_tenants,
    do_at_commit.actor_type, do_at_commit.actor_id, do_at_commit.categories,
    app_private.through_door(do_at_commit.payloads, current_setting('app.door', true)), do_at_commit.made_at
  );
end
$$;

-- Name: FUNCTION do_at_commit(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], held_tenant uuid, held_by text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.do_at_commit(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], held_tenant uuid, held_by text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone) FROM PUBLIC;

-- Name: due_in_lane(uuid, smallint, uuid[], timestamp with time zone, integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.due_in_lane(tenant uuid, lane smallint, in_flight uuid[], as_of timestamp with time zone, at_most integer) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select array_agg(due.id order by due.next_run_at, due.id)
  from (
    select e.id, e.next_run_at
    from app_private.open_envelopes as e
    where e.tenant_id = due_in_lane.tenant
      and e.lane = due_in_lane.lane
      and e.status = 'pending'
      and not e.waits
      and e.next_run_at <= as_of
      and e.id <> all (in_flight)
      and (e.ordering_key is null or not exists (
        select from app_private.open_envelopes as older
        where older.tenant_id = e.tenant_id
          and older.ordering_key = e.ordering_key
          and (older.created_at, older.id) < (e.created_at, e.id)
      ))
    order by e.next_run_at, e.id
    limit at_most
  ) as due
$$;

-- Name: FUNCTION due_in_lane(tenant uuid, lane smallint, in_flight uuid[], as_of timestamp with time zone, at_most integer); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.due_in_lane(tenant uuid, lane smallint, in_flight uuid[], as_of timestamp with time zone, at_most integer) FROM PUBLIC;

-- Name: envelope_event(uuid, text, text, jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select jsonb_strip_nulls(
    jsonb_build_object('envelope_id', envelope, 'external_id', external_id, 'tool_slug', tool_slug) || detail
  )
$$;

-- Name: FUNCTION envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb) FROM PUBLIC;

-- Name: fits(text, date); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, day date) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if day not between '0001-01-01' and '9999-12-31' then
    raise exception '%: must lie between the years 1 and 9999', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- Name: fits(text, double precision); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, number double precision) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if number in ('NaN', 'Infinity', '-Infinity') then
    raise exception '%: must be a finite number', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- Name: fits(text, numeric); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, number numeric) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if number in ('NaN', 'Infinity', '-Infinity') then
    raise exception '%: must be a finite number', field using errcode = 'PT400';
  elsif octet_length(number::text) > 100 then
    raise exception '%: has more than 100 digits', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- Name: fits(text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, moment timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if moment not between '0001-01-02 00:00:00+00' and '9999-12-30 00:00:00+00' then
    raise exception '%: must lie between the years 1 and 9999', field using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- Name: fits(text, text[], integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, names text[], at_most integer DEFAULT 65536) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if array_ndims(names) > 1 then
    raise exception '%: must be a plain list, not a list of lists', field using errcode = 'PT400';
  elsif array_position(names, null) is not null or '' = any (names) then
    raise exception '%: has an empty entry; leave it out', field using errcode = 'PT400';
  elsif octet_length(names::text) > at_most then
    raise exception '%: is % bytes; at most % fit', field, octet_length(names::text), at_most using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- Name: fits(text, jsonb, integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, document jsonb, at_most integer DEFAULT 1048576) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  written constant text := document::text;
begin
  if octet_length(written) > at_most then
    raise exception '%: is % bytes as JSON; at most % fit', field, octet_length(written), at_most
      using errcode = 'PT400';
  elsif octet_length(written) > 200 and jsonb_path_exists(document, '$.**{101}') then
    raise exception '%: is nested more than 100 deep', field using errcode = 'PT400';
  elsif octet_length(written) > 308 and written ~ '[0-9]{200}[0-9]{109}' and jsonb_path_exists(   -- digits may stand in a string
    document, '$.** ? (@.type() == "number" && (@ > 1.7976931348623157e308 || @ < -1.7976931348623157e308))'
  ) then
    raise exception '%: has a number beyond 1.8e308, which readers take for infinity; send it as a string', field
      using errcode = 'PT400';
  end if;
  return true;
end
$_$;

-- Name: fits(text, text, integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, words text, at_most integer DEFAULT 1048576) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if octet_length(words) > at_most then
    raise exception '%: is % bytes; at most % fit', field, octet_length(words), at_most using errcode = 'PT400';
  end if;
  return true;
end
$$;

-- Name: FUNCTION fits(field text, day date); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, day date) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, day date) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, day date) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, day date) TO workflow_rw;

-- Name: FUNCTION fits(field text, number double precision); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, number double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, number double precision) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, number double precision) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, number double precision) TO workflow_rw;

-- Name: FUNCTION fits(field text, number numeric); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, number numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, number numeric) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, number numeric) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, number numeric) TO workflow_rw;

-- Name: FUNCTION fits(field text, moment timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, moment timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, moment timestamp with time zone) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, moment timestamp with time zone) TO workflow_rw;

-- Name: FUNCTION fits(field text, names text[], at_most integer); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, names text[], at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, names text[], at_most integer) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, names text[], at_most integer) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, names text[], at_most integer) TO workflow_rw;

-- Name: FUNCTION fits(field text, document jsonb, at_most integer); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, document jsonb, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, document jsonb, at_most integer) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, document jsonb, at_most integer) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, document jsonb, at_most integer) TO workflow_rw;

-- Name: FUNCTION fits(field text, words text, at_most integer); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.fits(field text, words text, at_most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.fits(field text, words text, at_most integer) TO app_rw;
GRANT ALL ON FUNCTION app_private.fits(field text, words text, at_most integer) TO service_role;
GRANT ALL ON FUNCTION app_private.fits(field text, words text, at_most integer) TO workflow_rw;

-- Name: follow_clock(timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.follow_clock(as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  lane app_private.lanes;
begin
  for lane in
    select l.* from app_private.lanes as l
    where l.set_at > as_of + interval '1 minute'
    order by l.set_at desc
    limit 500
    for update skip locked
  loop
    if lane.worker_id is null then
      update public.outbox as o
      set next_run_at = as_of
      from app_private.open_envelopes as e
      where e.tenant_id = lane.tenant_id and e.lane = lane.lane and e.status = 'pending' and e.next_run_at > as_of
        and o.tenant_id = e.tenant_id and o.id = e.id and o.updated_at > as_of and o.next_run_at <= o.updated_at;
    end if;
    update app_private.lanes as l
    set
      set_at = as_of,
      ready_at = case
        when lane.worker_id is not null then as_of + (lane.ready_at - lane.set_at)
        else app_private.lane_ready_at(lane.tenant_id, lane.lane, as_of)
      end
    where l.tenant_id = lane.tenant_id and l.lane = lane.lane;
  end loop;
end
$$;

-- Name: FUNCTION follow_clock(as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.follow_clock(as_of timestamp with time zone) FROM PUBLIC;

-- Name: free_version(uuid, text, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.free_version(tenant uuid, tool_slug text, wanted text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  n integer := 1;
  name text;
begin
  loop
    name := case when wanted = '' then n::text when n = 1 then wanted else format('%s+%s', wanted, n) end;
    exit when not exists (
      select from public.tool_catalog as c
      where c.tenant_id = free_version.tenant and c.tool_slug = free_version.tool_slug and c.version = name
    );
    n := n + 1;
  end loop;
  return name;
end
$$;

-- Name: FUNCTION free_version(tenant uuid, tool_slug text, wanted text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.free_version(tenant uuid, tool_slug text, wanted text) FROM PUBLIC;

-- Name: guard_account(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.guard_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  by_tenant constant boolean := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' is not null;
  earliest constant timestamptz := '1970-01-01 00:00:00+00';
  latest constant timestamptz := '9999-01-01 00:00:00+00';
  most_accounts constant integer := 200;
  most_octets constant integer := 524288;
  before public.connected_accounts;   -- nothing, for a new one
  others record;
  problem text;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if new.metadata is distinct from before.metadata and jsonb_typeof(new.metadata) <> 'object' then
    raise exception 'metadata: must be a JSON object' using errcode = 'PT400';
  elsif by_tenant and new.metadata -> 'composio_id' is distinct from before.metadata -> 'composio_id' then
    raise exception 'metadata.composio_id: only the operator says which login an account stands for'
      using errcode = 'PT403';
  elsif by_tenant then
    new.problem := before.problem;
    new.checked_at := before.checked_at;
    new.scanned_at := before.scanned_at;
  end if;
  if new.metadata is distinct from before.metadata and new.metadata ?| array[
    'token', 'access_token', 'refresh_token', 'id_token', 'secret', 'client_secret', 'password', 'api_key', 'apikey',
    'private_key', 'credentials'
  ] then
    raise exception 'metadata: breaks its rule (a login''s secrets are kept elsewhere; refer to them)'
      using errcode = 'PT400';
  end if;
  select m.field into problem
  from (values
    ('linked_at', new.linked_at), ('expires_at', new.expires_at), ('created_at', new.created_at),
    ('updated_at', new.updated_at), ('checked_at', new.checked_at), ('scanned_at', new.scanned_at)
  ) as m (field, moment)
  where m.moment not between earliest and latest
  limit 1;
  if found then
    raise exception '%: must lie between the years 1970 and 9999', problem using errcode = 'PT400';
  end if;

  if (new.tenant_id, new.metadata, new.scopes) is distinct from (before.tenant_id, before.metadata, before.scopes) then
    perform app_private.fits('metadata', new.metadata, 65536), app_private.fits('scopes', new.scopes);
    -- One writer at a time: each counts what the one before it has committed.
    perform pg_advisory_xact_lock(hashtextextended('accounts of ' || new.tenant_id, 12));
    select count(*) as accounts, coalesce(sum(octet_length(a.metadata::text) + octet_length(a.scopes::text)), 0) as octets
    into others
    from public.connected_accounts as a
    where a.tenant_id = new.tenant_id and a.id <> new.id;
    if others.accounts >= most_accounts then
      raise exception 'connected_accounts: the tenant has % accounts; at most % fit, so delete some first',
        others.accounts, most_accounts using errcode = 'PT400';
    elsif others.octets + octet_length(new.metadata::text) + octet_length(new.scopes::text) > most_octets then
      raise exception 'metadata: with it the tenant''s accounts hold more than % bytes of metadata and scopes; keep less',
        most_octets using errcode = 'PT400';
    end if;
  end if;
  return new;
end
$$;

-- Name: FUNCTION guard_account(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.guard_account() FROM PUBLIC;

-- Name: inexact_number(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.inexact_number(document jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET extra_float_digits TO '1'
    AS $$
  with recursive node (path, value) as (
    select '', document
    union all
    select node.path || inner_node.step, inner_node.value
    from node
    cross join lateral (
      select '.' || o.key as step, o.value
      from jsonb_each(case jsonb_typeof(node.value) when 'object' then node.value end) as o
      union all
      select format('[%s]', a.position - 1), a.value
      from jsonb_array_elements(case jsonb_typeof(node.value) when 'array' then node.value end)
        with ordinality as a (value, position)
    ) as inner_node
  )
  select node.path
  from node
  cross join lateral (
    select case jsonb_typeof(node.value) when 'number' then node.value::numeric end as value
  ) as number
  where case
    when number.value is null or number.value = 0 then false
    when scale(number.value) = 0 then number.value not between -9223372036854775808 and 9223372036854775807
    -- between these two, a cast to float8 raises no error
    when abs(number.value) not between 5e-324 and 9223372036854775807 then true
    else number.value::float8::text::numeric <> number.value
  end
  limit 1
$$;

-- Name: FUNCTION inexact_number(document jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.inexact_number(document jsonb) FROM PUBLIC;

-- Name: job_runs; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.job_runs (
    job text NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    due_at timestamp with time zone,
    status text DEFAULT 'running'::text NOT NULL,
    worker_id text NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    error text,
    CONSTRAINT job_runs_finished_check CHECK (((finished_at IS NULL) = (status = 'running'::text))),
    CONSTRAINT job_runs_status_check CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'lost'::text])))
);

-- Name: TABLE job_runs; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.job_runs IS 'One row per run of a job; the last thousand of each job are kept.';

-- Name: COLUMN job_runs.due_at; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.job_runs.due_at IS 'The moment of the schedule that it stands for; null where a person asked.';

-- Name: COLUMN job_runs.status; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.job_runs.status IS 'lost: whoever ran it went away before the end.';

-- Name: job_runs job_runs_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.job_runs
    ADD CONSTRAINT job_runs_pkey PRIMARY KEY (job, id);

-- Name: job_runs_running_uidx; Type: INDEX; Schema: app_private; Owner: -
CREATE UNIQUE INDEX job_runs_running_uidx ON app_private.job_runs USING btree (job) WHERE (status = 'running'::text);

-- Name: job_runs_started_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX job_runs_started_idx ON app_private.job_runs USING btree (job, started_at DESC, id);

-- Name: job_runs; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.job_runs ENABLE ROW LEVEL SECURITY;

-- Name: lane_ready_at(uuid, smallint, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.lane_ready_at(tenant uuid, lane smallint, as_of timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce((
    select e.next_run_at
    from app_private.open_envelopes as e
    where e.tenant_id = lane_ready_at.tenant
      and e.lane = lane_ready_at.lane
      and e.status = 'pending'
      and not e.waits
      and (e.ordering_key is null or not exists (
        select from app_private.open_envelopes as older
        where older.tenant_id = e.tenant_id
          and older.ordering_key = e.ordering_key
          and (older.created_at, older.id) < (e.created_at, e.id)
      ))
    order by e.next_run_at, e.id
    limit 1
  ), (
    select as_of + interval '1 minute'
    from app_private.open_envelopes as e
    where e.tenant_id = lane_ready_at.tenant and e.lane = lane_ready_at.lane and e.status = 'pending' and not e.waits
    limit 1
  ))
$$;

-- Name: FUNCTION lane_ready_at(tenant uuid, lane smallint, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.lane_ready_at(tenant uuid, lane smallint, as_of timestamp with time zone) FROM PUBLIC;

-- Name: lanes; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.lanes (
    tenant_id uuid NOT NULL,
    lane smallint NOT NULL,
    ready_at timestamp with time zone,
    worker_id text,
    token bigint DEFAULT 0 NOT NULL,
    in_flight uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    tokens bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    sent uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    claim_id uuid,
    lost boolean DEFAULT false NOT NULL,
    set_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT lanes_expiry_check CHECK (((worker_id IS NULL) OR (ready_at IS NOT NULL))),
    CONSTRAINT lanes_lease_check CHECK (((worker_id IS NULL) = (in_flight = '{}'::uuid[]))),
    CONSTRAINT lanes_sent_check CHECK ((sent <@ in_flight)),
    CONSTRAINT lanes_tokens_check CHECK ((cardinality(tokens) = cardinality(in_flight)))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

-- Name: COLUMN lanes.token; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.lanes.token IS 'Fencing token: grows with every claim.';

-- Name: COLUMN lanes.tokens; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.lanes.tokens IS 'Under which claim each envelope in flight was handed out; a settlement under another token is refused.';

-- Name: COLUMN lanes.sent; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.lanes.sent IS 'In flight and marked as sent to a tool that does not honour the idempotency key.';

-- Name: COLUMN lanes.claim_id; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.lanes.claim_id IS 'The claim that last leased the lane: sent again, it gets the same answer.';

-- Name: COLUMN lanes.lost; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.lanes.lost IS 'That claim took the lane over from a lease that ran out.';

-- Name: COLUMN lanes.set_at; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.lanes.set_at IS 'When `ready_at` was written; later than now: the clock was set back since.';

-- Name: lanes lanes_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (tenant_id, lane);

-- Name: lanes_leased_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX lanes_leased_idx ON app_private.lanes USING btree (ready_at) WHERE (worker_id IS NOT NULL);

-- Name: lanes_ready_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX lanes_ready_idx ON app_private.lanes USING btree (ready_at, tenant_id, lane);

-- Name: lanes_set_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX lanes_set_idx ON app_private.lanes USING btree (set_at);

-- Name: lanes_worker_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX lanes_worker_idx ON app_private.lanes USING btree (worker_id) WHERE (worker_id IS NOT NULL);

-- Name: lanes; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.lanes ENABLE ROW LEVEL SECURITY;

-- Name: lease_lane(app_private.lanes, uuid[], text, uuid, timestamp with time zone, interval); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.lease_lane(lane app_private.lanes, picked uuid[], worker_id text, claim_id uuid, as_of timestamp with time zone, lease_for interval) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  is_mine constant boolean := coalesce(lane.worker_id = lease_lane.worker_id and lane.ready_at > as_of, false);
begin
  if picked is null then
    update app_private.lanes as l
    set worker_id = null, in_flight = '{}', tokens = '{}', sent = '{}',
        ready_at = app_private.lane_ready_at(l.tenant_id, l.lane, as_of), set_at = as_of
    where l.tenant_id = lane.tenant_id and l.lane = lane.lane;
    return;
  end if;
  update app_private.lanes as l
  set
    worker_id = lease_lane.worker_id,
    claim_id = lease_lane.claim_id,
    lost = lane.worker_id is not null and not is_mine,
    token = l.token + 1,
    ready_at = as_of + lease_for,
    set_at = as_of,
    in_flight = case when is_mine then l.in_flight || picked else picked end,
    tokens = case when is_mine then l.tokens else '{}' end || array_fill(l.token + 1, array[cardinality(picked)]),
    sent = case when is_mine then l.sent else array(select unnest(l.sent) intersect select unnest(picked)) end
  where l.tenant_id = lane.tenant_id and l.lane = lane.lane;
end
$$;

-- Name: FUNCTION lease_lane(lane app_private.lanes, picked uuid[], worker_id text, claim_id uuid, as_of timestamp with time zone, lease_for interval); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.lease_lane(lane app_private.lanes, picked uuid[], worker_id text, claim_id uuid, as_of timestamp with time zone, lease_for interval) FROM PUBLIC;

-- Name: lock_lane(uuid, uuid); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.lock_lane(tenant uuid, envelope uuid) RETURNS boolean
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select l.worker_id is not null and lock_lane.envelope = any (l.in_flight)
  from app_private.lanes as l
  where (l.tenant_id, l.lane) = (
    select o.tenant_id, o.lane from public.outbox as o where o.id = lock_lane.envelope and o.tenant_id = lock_lane.tenant
  )
  for update
$$;

-- Name: FUNCTION lock_lane(tenant uuid, envelope uuid); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.lock_lane(tenant uuid, envelope uuid) FROM PUBLIC;

-- Name: mark_waiting(uuid[], smallint[], text[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.mark_waiting(tenants uuid[], lanes smallint[], keys text[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  update app_private.open_envelopes as e
  set waits = place.n > 1
  from (
    select distinct k.* from unnest(tenants, lanes, keys) as k (tenant_id, lane, key) where k.key is not null
  ) as changed
  cross join lateral (
    select o.id, row_number() over (order by o.created_at, o.id) as n
    from app_private.open_envelopes as o
    where o.tenant_id = changed.tenant_id and o.ordering_key = changed.key and o.lane = changed.lane
    order by o.created_at, o.id
    limit 2
  ) as place
  where e.tenant_id = changed.tenant_id and e.id = place.id and e.waits <> (place.n > 1)
$$;

-- Name: FUNCTION mark_waiting(tenants uuid[], lanes smallint[], keys text[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.mark_waiting(tenants uuid[], lanes smallint[], keys text[]) FROM PUBLIC;

-- Name: minutes_of(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.minutes_of(value jsonb) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  select minutes
  from (
    select case
      when jsonb_typeof(value) = 'number' and value #>> '{}' ~ '^[0-9]{1,2}$' then (value #>> '{}')::integer * 60
      when jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[0-9]{1,2}:[0-5][0-9]$'
        then split_part(value #>> '{}', ':', 1)::integer * 60 + split_part(value #>> '{}', ':', 2)::integer
    end as minutes
  ) as read
  where minutes <= 24 * 60
$_$;

-- Name: FUNCTION minutes_of(value jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.minutes_of(value jsonb) FROM PUBLIC;

-- Name: notify_workers(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.notify_workers() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select pg_notify('outbox_due', '')
$$;

-- Name: FUNCTION notify_workers(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.notify_workers() FROM PUBLIC;

-- Name: number_row(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.number_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  if tg_table_schema not in ('public', 'rca') then
    raise exception 'number_row serves tables of schemas public and rca' using errcode = 'PT409';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(format('%s %s', new.tenant_id, tg_relid), 12));
  execute format('select coalesce(max(id), 0) + 1 from %I.%I where tenant_id = $1', tg_table_schema, tg_table_name)
  into new.id using new.tenant_id;
  return new;
end
$_$;

-- Name: FUNCTION number_row(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.number_row() FROM PUBLIC;

-- Name: open_envelopes; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.open_envelopes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    lane smallint NOT NULL,
    status text NOT NULL,
    next_run_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ordering_key text,
    retrying boolean NOT NULL,
    waits boolean DEFAULT false NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_threshold='5000');

-- Name: TABLE open_envelopes; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.open_envelopes IS 'One row per open envelope of public.outbox, kept by its triggers.';

-- Name: COLUMN open_envelopes.retrying; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.open_envelopes.retrying IS 'It was tried before: attempts > 0.';

-- Name: COLUMN open_envelopes.waits; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.open_envelopes.waits IS 'Behind another of its lane with its ordering key.';

-- Name: open_envelopes open_envelopes_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.open_envelopes
    ADD CONSTRAINT open_envelopes_pkey PRIMARY KEY (tenant_id, id);

-- Name: open_envelopes_due_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX open_envelopes_due_idx ON app_private.open_envelopes USING btree (tenant_id, lane, next_run_at, id) WHERE ((status = 'pending'::text) AND (NOT waits));

-- Name: open_envelopes_order_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX open_envelopes_order_idx ON app_private.open_envelopes USING btree (tenant_id, ordering_key, created_at, id) WHERE (ordering_key IS NOT NULL);

-- Name: open_envelopes_retrying_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX open_envelopes_retrying_idx ON app_private.open_envelopes USING btree (tenant_id, next_run_at, id) WHERE ((status = 'pending'::text) AND retrying);

-- Name: open_envelopes; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.open_envelopes ENABLE ROW LEVEL SECURITY;

-- Name: pin_again(uuid, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.pin_again(tenant uuid, tool_slug text, version text, as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  update public.outbox as o
  set tool_version = pin_again.version, updated_at = as_of
  from app_private.open_envelopes as e
  where e.tenant_id = pin_again.tenant and o.tenant_id = e.tenant_id and o.id = e.id
    and o.tool_slug = pin_again.tool_slug and e.status in ('pending', 'awaiting_approval')
    and exists (
      select from public.tool_catalog as c
      where c.tenant_id = o.tenant_id and c.tool_slug = o.tool_slug and c.version = o.tool_version
        and c.status = 'retired'
    )
$$;

-- Name: FUNCTION pin_again(tenant uuid, tool_slug text, version text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.pin_again(tenant uuid, tool_slug text, version text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: rate_buckets; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.rate_buckets (
    tenant_id uuid NOT NULL,
    bucket text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamp with time zone NOT NULL,
    answers jsonb DEFAULT '[]'::jsonb NOT NULL
)
WITH (fillfactor='50');

-- Name: COLUMN rate_buckets.answers; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.rate_buckets.answers IS 'What the last 20 asks were granted: [{ask_id, granted, free_at}].';

-- Name: rate_buckets rate_buckets_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.rate_buckets
    ADD CONSTRAINT rate_buckets_pkey PRIMARY KEY (tenant_id, bucket);

-- Name: rate_buckets; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.rate_buckets ENABLE ROW LEVEL SECURITY;

-- Name: refuse_change(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  raise exception 'audit_log: rows are never changed or deleted' using errcode = 'PT409';
end
$$;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.refuse_change() FROM PUBLIC;

-- Name: refused(uuid[], bigint[], uuid[], bigint[], bigint[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.refused(tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select jsonb_build_object(
    'refused', coalesce(jsonb_agg(distinct s.id) filter (
      where s.position <> all (busy)
        and not exists (
          select from public.outbox as o where (o.tenant_id, o.id, o.settled_token) = (s.tenant_id, s.id, s.token)
        )
        and not exists (
          select from public.outbox_dlq as d where (d.tenant_id, d.id, d.settled_token) = (s.tenant_id, s.id, s.token)
        )
    ), '[]'),
    'busy', coalesce(jsonb_agg(distinct s.id) filter (where s.position = any (busy)), '[]')
  )
  from unnest(tenants, tokens, envelopes) with ordinality as s (tenant_id, token, id, position)
  where s.position <> all (accepted)
$$;

-- Name: FUNCTION refused(tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.refused(tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]) FROM PUBLIC;

-- Name: release_drifted(uuid, text, text, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.release_drifted(tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text, as_of timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  waiting uuid;
  count integer := 0;
begin
  if release_drifted.version is not null then
    perform app_private.pin_again(tenant, tool_slug, version, as_of);
  end if;

  for waiting in
    select o.id
    from app_private.open_envelopes as e
    join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
    where e.tenant_id = release_drifted.tenant and e.status = 'awaiting_approval'
      and o.tool_slug = release_drifted.tool_slug
      and o.verdicts @> '[{"guardrail": "tool", "decision": "needs_approval"}]'
    order by o.id
    for update of o
  loop
    update public.approvals as a
    set decision = release_drifted.decision, decided_by = actor_id, decided_at = as_of, decision_reason = release_drifted.reason
    where a.tenant_id = release_drifted.tenant and a.envelope_id = waiting and a.decision is null;
    perform app_private.change_envelope(
      release_drifted.tenant, waiting, case release_drifted.decision when 'approved' then 'pending' else 'rejected' end,
      release_drifted.decision, actor_type, actor_id, reason, as_of
    );
    count := count + 1;
  end loop;
  return count;
end
$$;

-- Name: FUNCTION release_drifted(tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.release_drifted(tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: release_held(uuid, text[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.release_held(tenant uuid, guardrails text[], as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  woken smallint[];
begin
  with released as (
    update public.outbox as o
    set next_run_at = as_of, updated_at = as_of
    from app_private.open_envelopes as e
    where e.tenant_id = release_held.tenant
      and e.status = 'pending'
      and e.next_run_at > as_of
      and o.tenant_id = e.tenant_id
      and o.id = e.id
      and exists (
        select from jsonb_array_elements(o.verdicts) as v
        where v ->> 'decision' = 'hold' and v ->> 'guardrail' = any (release_held.guardrails)
      )
    returning o.lane
  )
  select array_agg(distinct r.lane) into woken from released as r;

  if woken is not null then
    perform app_private.wake_lanes(array_fill(tenant, array[cardinality(woken)]), woken,
                                   array_fill(as_of, array[cardinality(woken)]), as_of);
    perform app_private.notify_workers();
  end if;
end
$$;

-- Name: FUNCTION release_held(tenant uuid, guardrails text[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.release_held(tenant uuid, guardrails text[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: release_on_change(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.release_on_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  looked_at constant text[] := array['checked_at', 'scanned_at', 'expires_at', 'problem', 'updated_at'];
begin
  if tg_table_schema <> 'public' then
    raise exception 'release_on_change serves tables of schema public' using errcode = 'PT409';
  end if;
  if tg_op = 'UPDATE' and tg_table_name = 'connected_accounts'
    and to_jsonb(old) - looked_at = to_jsonb(new) - looked_at then
    return null;
  end if;
  perform app_private.do_at_commit(
    app_private.acting_at(),
    held_tenant => case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end,
    held_by => case tg_table_name
      when 'guardrails' then array['quiet_hours', 'rate', 'scopes', 'readable']
      else array['account', 'scopes', 'readable']
    end
  );
  return null;
end
$$;

-- Name: FUNCTION release_on_change(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.release_on_change() FROM PUBLIC;

-- Name: renewals; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.renewals (
    worker_id text NOT NULL,
    until timestamp with time zone NOT NULL
);

-- Name: TABLE renewals; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.renewals IS 'Leases that could not be renewed in their lane, for it was locked.';

-- Name: renewals renewals_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.renewals
    ADD CONSTRAINT renewals_pkey PRIMARY KEY (worker_id);

-- Name: renewals; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.renewals ENABLE ROW LEVEL SECURITY;

-- Name: staged_changes; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE UNLOGGED TABLE app_private.staged_changes (
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    n bigint NOT NULL,
    is_first boolean NOT NULL,
    as_of timestamp with time zone,
    woken_tenants uuid[],
    woken_lanes smallint[],
    woken_moments timestamp with time zone[],
    woken_keys text[],
    held_tenant uuid,
    held_by text[],
    audited_tenants uuid[],
    actor_type text,
    actor_id text,
    categories text[],
    payloads jsonb[],
    made_at timestamp with time zone
);
ALTER TABLE ONLY app_private.staged_changes ALTER COLUMN woken_tenants SET STORAGE EXTERNAL;
ALTER TABLE ONLY app_private.staged_changes ALTER COLUMN audited_tenants SET STORAGE EXTERNAL;
ALTER TABLE ONLY app_private.staged_changes ALTER COLUMN categories SET STORAGE EXTERNAL;
ALTER TABLE ONLY app_private.staged_changes ALTER COLUMN payloads SET STORAGE EXTERNAL;

-- Name: TABLE staged_changes; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.staged_changes IS 'What is left to do at the commit of the transaction `xact`.';

-- Name: COLUMN staged_changes.as_of; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.staged_changes.as_of IS 'The moment of the clock that a test passed; null: the database''s own.';

-- Name: COLUMN staged_changes.woken_lanes; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.staged_changes.woken_lanes IS 'Lanes in which something is due at `woken_moments`; of an ordering key, or null.';

-- Name: COLUMN staged_changes.held_by; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.staged_changes.held_by IS 'Guardrails whose held envelopes of `held_tenant` are judged again.';

-- Name: COLUMN staged_changes.made_at; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.staged_changes.made_at IS 'When the audited change was made.';

-- Name: staged_changes staged_changes_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.staged_changes
    ADD CONSTRAINT staged_changes_pkey PRIMARY KEY (xact, n);

-- Name: staged_changes staged_changes_applied; Type: TRIGGER; Schema: app_private; Owner: -
CREATE CONSTRAINT TRIGGER staged_changes_applied AFTER INSERT ON app_private.staged_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.is_first) EXECUTE FUNCTION app_private.apply_staged();

-- Name: staged_changes; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.staged_changes ENABLE ROW LEVEL SECURITY;

-- Name: staged_changes_n_seq; Type: SEQUENCE; Schema: app_private; Owner: app_owner
ALTER TABLE app_private.staged_changes ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app_private.staged_changes_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: through_door(jsonb[], text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.through_door(payloads jsonb[], door text) RETURNS jsonb[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case
    when coalesce(door, '') = '' then payloads
    else (
      select array_agg(p.payload || jsonb_build_object('door', door) order by p.position)
      from unnest(payloads) with ordinality as p (payload, position)
    )
  end
$$;

-- Name: FUNCTION through_door(payloads jsonb[], door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.through_door(payloads jsonb[], door text) FROM PUBLIC;

-- Name: touch_updated_at(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  new.updated_at := now();
  return new;
end
$$;

-- Name: FUNCTION touch_updated_at(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.touch_updated_at() FROM PUBLIC;

-- Name: track_open(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.track_open() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
declare
  tenants uuid[];
  lanes smallint[];
  keys text[];
begin
  if tg_table_schema <> 'public' then
    raise exception 'track_open serves tables of schema public' using errcode = 'PT409';
  end if;
  if tg_op = 'INSERT' then
    insert into app_private.open_envelopes (
      tenant_id, id, lane, status, next_run_at, created_at, ordering_key, retrying, waits
    )
    select
      n.tenant_id, n.id, n.lane, n.status, n.next_run_at, n.created_at, n.ordering_key, n.attempts > 0,
      n.ordering_key is not null and (
        row_number() over (partition by n.tenant_id, n.ordering_key, n.lane order by n.created_at, n.id) > 1
        or exists (
          select from app_private.open_envelopes as older
          where older.tenant_id = n.tenant_id and older.ordering_key = n.ordering_key and older.lane = n.lane
            and (older.created_at, older.id) < (n.created_at, n.id)
        )
      )
    from after as n
    where n.status in ('pending', 'awaiting_approval', 'unknown');
  elsif tg_op = 'UPDATE' then
    with closed as (
      delete from app_private.open_envelopes as e
      using after as n
      where e.tenant_id = n.tenant_id and e.id = n.id and n.status not in ('pending', 'awaiting_approval', 'unknown')
      returning e.tenant_id, e.lane, e.ordering_key
    )
    select array_agg(c.tenant_id), array_agg(c.lane), array_agg(c.ordering_key) into tenants, lanes, keys
    from closed as c
    where c.ordering_key is not null;

    update app_private.open_envelopes as e
    set status = n.status, next_run_at = n.next_run_at, retrying = n.attempts > 0
    from after as n
    where e.tenant_id = n.tenant_id and e.id = n.id and n.status in ('pending', 'awaiting_approval', 'unknown')
      and (e.status, e.next_run_at, e.retrying) is distinct from (n.status, n.next_run_at, n.attempts > 0);
  elsif tg_op = 'DELETE' then
    with gone as (
      delete from app_private.open_envelopes as e
      using before as o
      where e.tenant_id = o.tenant_id and e.id = o.id
      returning e.tenant_id, e.lane, e.ordering_key
    )
    select array_agg(g.tenant_id), array_agg(g.lane), array_agg(g.ordering_key) into tenants, lanes, keys
    from gone as g
    where g.ordering_key is not null;
  else
    truncate app_private.open_envelopes;
  end if;
  if keys is not null then
    perform app_private.mark_waiting(tenants, lanes, keys);
  end if;
  return null;
end
$$;

-- Name: FUNCTION track_open(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.track_open() FROM PUBLIC;

-- Name: wake_lanes(uuid[], smallint[], timestamp with time zone[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.wake_lanes(tenants uuid[], lanes smallint[], moments timestamp with time zone[], as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  insert into app_private.lanes as known (tenant_id, lane, ready_at, set_at)
  select due.tenant_id, due.lane, min(case when due.at is not null then greatest(due.at, as_of) end), as_of
  from unnest(tenants, lanes, moments) as due (tenant_id, lane, at)
  group by 1, 2
  order by 1, 2
  on conflict (tenant_id, lane) do update
  set ready_at = case
    when known.worker_id is null then least(known.ready_at, excluded.ready_at)
    else known.ready_at
  end,
  set_at = case
    when known.worker_id is null and (known.ready_at is null or excluded.ready_at < known.ready_at) then excluded.set_at
    else known.set_at
  end
$$;

-- Name: FUNCTION wake_lanes(tenants uuid[], lanes smallint[], moments timestamp with time zone[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.wake_lanes(tenants uuid[], lanes smallint[], moments timestamp with time zone[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: wake_successors(uuid[], text[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.wake_successors(tenants uuid[], keys text[], as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  with due as (
    select head.tenant_id, head.lane, min(greatest(head.next_run_at, as_of)) as at
    from (
      select distinct k.* from unnest(tenants, keys) as k (tenant_id, key) where k.key is not null
    ) as freed
    cross join lateral (
      select e.tenant_id, e.lane, e.next_run_at, e.status
      from app_private.open_envelopes as e
      where e.tenant_id = freed.tenant_id and e.ordering_key = freed.key
      order by e.created_at, e.id
      limit 1
    ) as head
    where head.status = 'pending'
    group by 1, 2
  ), free as (
    select l.tenant_id, l.lane
    from app_private.lanes as l
    where (l.tenant_id, l.lane) in (select d.tenant_id, d.lane from due as d) and l.worker_id is null
    order by l.tenant_id, l.lane
    for update skip locked
  )
  update app_private.lanes as l
  set ready_at = d.at, set_at = as_of
  from free as f
  join due as d on d.tenant_id = f.tenant_id and d.lane = f.lane
  where l.tenant_id = f.tenant_id and l.lane = f.lane and (l.ready_at is null or l.ready_at > d.at)
$$;

-- Name: FUNCTION wake_successors(tenants uuid[], keys text[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.wake_successors(tenants uuid[], keys text[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: autopilot; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA autopilot;

-- Name: SCHEMA autopilot; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA autopilot TO app_owner;
GRANT USAGE ON SCHEMA autopilot TO app_ro;
GRANT USAGE ON SCHEMA autopilot TO app_rw;
GRANT USAGE ON SCHEMA autopilot TO authenticated;
GRANT USAGE ON SCHEMA autopilot TO service_role;
GRANT USAGE ON SCHEMA autopilot TO workflow_rw;

-- Name: analytics_cluster_daily; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.analytics_cluster_daily (
    organization_id uuid NOT NULL,
    cluster_id uuid NOT NULL,
    day date NOT NULL,
    total_tickets integer DEFAULT 0 NOT NULL,
    automated_count integer DEFAULT 0 NOT NULL,
    kb_gap_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT analytics_cluster_daily_counts_check CHECK (((total_tickets >= 0) AND (automated_count >= 0) AND (kb_gap_count >= 0)))
);
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN cluster_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN day SET STATISTICS 0;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN total_tickets SET STATISTICS 0;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN automated_count SET STATISTICS 0;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN kb_gap_count SET STATISTICS 0;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.analytics_cluster_daily ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: analytics_cluster_daily analytics_cluster_daily_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.analytics_cluster_daily
    ADD CONSTRAINT analytics_cluster_daily_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: analytics_cluster_daily analytics_cluster_daily_day_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.analytics_cluster_daily
    ADD CONSTRAINT analytics_cluster_daily_day_fits CHECK (app_private.fits('day'::text, day)) NOT VALID;

-- Name: analytics_cluster_daily analytics_cluster_daily_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.analytics_cluster_daily
    ADD CONSTRAINT analytics_cluster_daily_pkey PRIMARY KEY (organization_id, cluster_id, day);

-- Name: analytics_cluster_daily analytics_cluster_daily_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.analytics_cluster_daily
    ADD CONSTRAINT analytics_cluster_daily_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: analytics_cluster_daily set_analytics_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_analytics_updated_at BEFORE UPDATE ON autopilot.analytics_cluster_daily FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: analytics_cluster_daily analytics_cluster_daily_cluster_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.analytics_cluster_daily
    ADD CONSTRAINT analytics_cluster_daily_cluster_id_fkey FOREIGN KEY (organization_id, cluster_id) REFERENCES autopilot.clusters(organization_id, id) ON DELETE CASCADE;

-- Name: analytics_cluster_daily analytics_cluster_daily_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.analytics_cluster_daily
    ADD CONSTRAINT analytics_cluster_daily_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: analytics_cluster_daily; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.analytics_cluster_daily ENABLE ROW LEVEL SECURITY;

-- Name: analytics_cluster_daily analytics_cluster_daily_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY analytics_cluster_daily_app_ro ON autopilot.analytics_cluster_daily FOR SELECT TO app_ro USING (true);

-- Name: analytics_cluster_daily analytics_cluster_daily_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY analytics_cluster_daily_app_rw ON autopilot.analytics_cluster_daily TO app_rw USING (true);

-- Name: analytics_cluster_daily analytics_cluster_daily_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY analytics_cluster_daily_tenant ON autopilot.analytics_cluster_daily FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: analytics_cluster_daily analytics_cluster_daily_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY analytics_cluster_daily_workflow ON autopilot.analytics_cluster_daily TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE analytics_cluster_daily; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.analytics_cluster_daily TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.analytics_cluster_daily TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.analytics_cluster_daily TO service_role;
GRANT SELECT,INSERT,UPDATE ON TABLE autopilot.analytics_cluster_daily TO workflow_rw;

-- Name: COLUMN analytics_cluster_daily.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.cluster_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(cluster_id) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.day; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(day) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.total_tickets; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(total_tickets) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.automated_count; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(automated_count) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.kb_gap_count; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(kb_gap_count) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: COLUMN analytics_cluster_daily.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.analytics_cluster_daily TO authenticated;

-- Name: clusters; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.clusters (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    model_id uuid NOT NULL,
    name text NOT NULL,
    subcluster_name text,
    config jsonb DEFAULT '{}'::jsonb NOT NULL,
    kb_status text DEFAULT 'PENDING'::text NOT NULL,
    validation_target integer,
    validation_current integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT clusters_config_check CHECK (((jsonb_typeof(config) = 'object'::text) AND (octet_length((config)::text) <= 65536))),
    CONSTRAINT clusters_kb_status_check CHECK ((kb_status = ANY (ARRAY['PENDING'::text, 'FOUND'::text, 'GAP'::text]))),
    CONSTRAINT clusters_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255))),
    CONSTRAINT clusters_subcluster_name_check CHECK ((length(subcluster_name) <= 255)),
    CONSTRAINT clusters_validation_current_check CHECK ((validation_current >= 0)),
    CONSTRAINT clusters_validation_target_check CHECK ((validation_target >= 0))
);
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN model_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN subcluster_name SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN config SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN kb_status SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN validation_target SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN validation_current SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.clusters ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN clusters.model_id; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.clusters.model_id IS 'The model that made this cluster.';

-- Name: COLUMN clusters.config; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.clusters.config IS 'auto_respond, auto_populate.';

-- Name: COLUMN clusters.validation_target; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.clusters.validation_target IS 'How many tickets people must approve before automation unlocks; null while nobody said.';

-- Name: clusters clusters_config_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters
    ADD CONSTRAINT clusters_config_fits CHECK (app_private.fits('config'::text, config)) NOT VALID;

-- Name: clusters clusters_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters
    ADD CONSTRAINT clusters_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: clusters clusters_kb_status_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters
    ADD CONSTRAINT clusters_kb_status_fits CHECK (app_private.fits('kb_status'::text, kb_status)) NOT VALID;

-- Name: clusters clusters_name_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters
    ADD CONSTRAINT clusters_name_fits CHECK (app_private.fits('name'::text, name)) NOT VALID;

-- Name: clusters clusters_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.clusters
    ADD CONSTRAINT clusters_pkey PRIMARY KEY (organization_id, id);

-- Name: clusters clusters_subcluster_name_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters
    ADD CONSTRAINT clusters_subcluster_name_fits CHECK (app_private.fits('subcluster_name'::text, subcluster_name)) NOT VALID;

-- Name: clusters clusters_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters
    ADD CONSTRAINT clusters_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: idx_clusters_model_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_clusters_model_id ON autopilot.clusters USING btree (model_id);

-- Name: uq_clusters_org_model_name_subcluster; Type: INDEX; Schema: autopilot; Owner: -
CREATE UNIQUE INDEX uq_clusters_org_model_name_subcluster ON autopilot.clusters USING btree (organization_id, model_id, name, COALESCE(subcluster_name, ''::text));

-- Name: clusters set_clusters_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_clusters_updated_at BEFORE UPDATE ON autopilot.clusters FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: clusters clusters_model_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.clusters
    ADD CONSTRAINT clusters_model_id_fkey FOREIGN KEY (organization_id, model_id) REFERENCES autopilot.ml_models(organization_id, id) ON DELETE CASCADE;

-- Name: clusters clusters_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.clusters
    ADD CONSTRAINT clusters_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: clusters; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.clusters ENABLE ROW LEVEL SECURITY;

-- Name: clusters clusters_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY clusters_app_ro ON autopilot.clusters FOR SELECT TO app_ro USING (true);

-- Name: clusters clusters_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY clusters_app_rw ON autopilot.clusters TO app_rw USING (true);

-- Name: clusters clusters_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY clusters_tenant ON autopilot.clusters FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: clusters clusters_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY clusters_workflow ON autopilot.clusters TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE clusters; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.clusters TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.clusters TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.clusters TO service_role;
GRANT SELECT,INSERT,UPDATE ON TABLE autopilot.clusters TO workflow_rw;

-- Name: COLUMN clusters.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.model_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(model_id) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.name; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(name) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.subcluster_name; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(subcluster_name) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.config; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(config) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.kb_status; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(kb_status) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.validation_target; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(validation_target) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.validation_current; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(validation_current) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.clusters TO authenticated;

-- Name: COLUMN clusters.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.clusters TO authenticated;

-- Name: data_source_connections; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.data_source_connections (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    connection_type text NOT NULL,
    latest_options jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT data_source_connections_connection_type_check CHECK ((connection_type = ANY (ARRAY['servicenow'::text, 'jira'::text]))),
    CONSTRAINT data_source_connections_latest_options_check CHECK (((jsonb_typeof(latest_options) = 'object'::text) AND (octet_length((latest_options)::text) <= 65536)))
);
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN connection_type SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN latest_options SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN data_source_connections.latest_options; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.data_source_connections.latest_options IS 'The settings a sync is started with; never a secret: credentials are looked up by organization and connection.';

-- Name: data_source_connections data_source_connections_connection_type_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_connection_type_fits CHECK (app_private.fits('connection_type'::text, connection_type)) NOT VALID;

-- Name: data_source_connections data_source_connections_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: data_source_connections data_source_connections_latest_options_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_latest_options_fits CHECK (app_private.fits('latest_options'::text, latest_options)) NOT VALID;

-- Name: data_source_connections data_source_connections_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_pkey PRIMARY KEY (organization_id, id);

-- Name: data_source_connections data_source_connections_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: data_source_connections set_data_source_connections_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_data_source_connections_updated_at BEFORE UPDATE ON autopilot.data_source_connections FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: data_source_connections data_source_connections_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: data_source_connections; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections ENABLE ROW LEVEL SECURITY;

-- Name: data_source_connections data_source_connections_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY data_source_connections_app_ro ON autopilot.data_source_connections FOR SELECT TO app_ro USING (true);

-- Name: data_source_connections data_source_connections_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY data_source_connections_app_rw ON autopilot.data_source_connections TO app_rw USING (true);

-- Name: data_source_connections data_source_connections_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY data_source_connections_tenant ON autopilot.data_source_connections FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: data_source_connections data_source_connections_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY data_source_connections_workflow ON autopilot.data_source_connections TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE data_source_connections; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.data_source_connections TO app_ro;
GRANT SELECT ON TABLE autopilot.data_source_connections TO workflow_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.data_source_connections TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.data_source_connections TO service_role;

-- Name: COLUMN data_source_connections.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.connection_type; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(connection_type) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.latest_options; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(latest_options) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: ingestion_runs; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.ingestion_runs (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_connection_id uuid,
    started_by text,
    status text DEFAULT 'pending'::text NOT NULL,
    records_processed integer DEFAULT 0 NOT NULL,
    records_failed integer DEFAULT 0 NOT NULL,
    error_message text,
    error_detail jsonb,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ingestion_runs_completed_check CHECK (((completed_at IS NULL) OR (status = ANY (ARRAY['completed'::text, 'failed'::text])))),
    CONSTRAINT ingestion_runs_error_detail_check CHECK (((jsonb_typeof(error_detail) = 'object'::text) AND (octet_length((error_detail)::text) <= 65536))),
    CONSTRAINT ingestion_runs_records_check CHECK (((records_processed >= 0) AND (records_failed >= 0))),
    CONSTRAINT ingestion_runs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text])))
);
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN data_source_connection_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN started_by SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN records_processed SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN records_failed SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN error_message SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN error_detail SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN completed_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN ingestion_runs.started_by; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.started_by IS 'The user who asked for it; null when a clock did.';

-- Name: COLUMN ingestion_runs.error_message; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.error_message IS 'A code such as authentication_failed; error_detail has its numbers.';

-- Name: ingestion_runs ingestion_runs_completed_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_completed_at_fits CHECK (app_private.fits('completed_at'::text, completed_at)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_error_detail_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_error_detail_fits CHECK (app_private.fits('error_detail'::text, error_detail)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_error_message_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_error_message_fits CHECK (app_private.fits('error_message'::text, error_message)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_pkey PRIMARY KEY (organization_id, id);

-- Name: ingestion_runs ingestion_runs_started_by_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_started_by_fits CHECK (app_private.fits('started_by'::text, started_by)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_status_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: idx_ingestion_runs_data_source_connection_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_ingestion_runs_data_source_connection_id ON autopilot.ingestion_runs USING btree (organization_id, data_source_connection_id);

-- Name: ingestion_runs set_ingestion_runs_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_ingestion_runs_updated_at BEFORE UPDATE ON autopilot.ingestion_runs FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: ingestion_runs ingestion_runs_data_source_connection_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_data_source_connection_id_fkey FOREIGN KEY (organization_id, data_source_connection_id) REFERENCES autopilot.data_source_connections(organization_id, id) ON DELETE SET NULL (data_source_connection_id);

-- Name: ingestion_runs ingestion_runs_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: ingestion_runs; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs ENABLE ROW LEVEL SECURITY;

-- Name: ingestion_runs ingestion_runs_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ingestion_runs_app_ro ON autopilot.ingestion_runs FOR SELECT TO app_ro USING (true);

-- Name: ingestion_runs ingestion_runs_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ingestion_runs_app_rw ON autopilot.ingestion_runs TO app_rw USING (true);

-- Name: ingestion_runs ingestion_runs_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ingestion_runs_tenant ON autopilot.ingestion_runs FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: ingestion_runs ingestion_runs_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ingestion_runs_workflow ON autopilot.ingestion_runs TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE ingestion_runs; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.ingestion_runs TO app_ro;
GRANT SELECT ON TABLE autopilot.ingestion_runs TO workflow_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.ingestion_runs TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.ingestion_runs TO service_role;

-- Name: COLUMN ingestion_runs.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.data_source_connection_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(data_source_connection_id) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.started_by; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(started_by) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.status; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(status) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(status) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: COLUMN ingestion_runs.records_processed; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(records_processed) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(records_processed) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: COLUMN ingestion_runs.records_failed; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(records_failed) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(records_failed) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: COLUMN ingestion_runs.error_message; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(error_message) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(error_message) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: COLUMN ingestion_runs.error_detail; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(error_detail) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(error_detail) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: COLUMN ingestion_runs.completed_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(completed_at) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(completed_at) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: COLUMN ingestion_runs.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.ingestion_runs TO authenticated;
GRANT UPDATE(updated_at) ON TABLE autopilot.ingestion_runs TO workflow_rw;

-- Name: knowledge_articles; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.knowledge_articles (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    cluster_id uuid,
    external_id text NOT NULL,
    title text NOT NULL,
    url text,
    relevance_score double precision,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT knowledge_articles_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT knowledge_articles_relevance_score_check CHECK (((relevance_score >= (0)::double precision) AND (relevance_score <= (1)::double precision))),
    CONSTRAINT knowledge_articles_status_check CHECK ((status = ANY (ARRAY['active'::text, 'broken'::text, 'archived'::text])))
);
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN cluster_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN title SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN url SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN relevance_score SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.knowledge_articles ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: knowledge_articles knowledge_articles_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: knowledge_articles knowledge_articles_external_id_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: knowledge_articles knowledge_articles_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_pkey PRIMARY KEY (organization_id, id);

-- Name: knowledge_articles knowledge_articles_relevance_score_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_relevance_score_fits CHECK (app_private.fits('relevance_score'::text, relevance_score)) NOT VALID;

-- Name: knowledge_articles knowledge_articles_status_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: knowledge_articles knowledge_articles_title_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_title_fits CHECK (app_private.fits('title'::text, title)) NOT VALID;

-- Name: knowledge_articles knowledge_articles_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: knowledge_articles knowledge_articles_url_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_url_fits CHECK (app_private.fits('url'::text, url)) NOT VALID;

-- Name: knowledge_articles uq_knowledge_articles_external_id_org; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.knowledge_articles
    ADD CONSTRAINT uq_knowledge_articles_external_id_org UNIQUE (organization_id, external_id);

-- Name: idx_knowledge_articles_cluster_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_knowledge_articles_cluster_id ON autopilot.knowledge_articles USING btree (organization_id, cluster_id);

-- Name: knowledge_articles set_knowledge_articles_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_knowledge_articles_updated_at BEFORE UPDATE ON autopilot.knowledge_articles FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: knowledge_articles knowledge_articles_cluster_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_cluster_id_fkey FOREIGN KEY (organization_id, cluster_id) REFERENCES autopilot.clusters(organization_id, id) ON DELETE SET NULL (cluster_id);

-- Name: knowledge_articles knowledge_articles_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.knowledge_articles
    ADD CONSTRAINT knowledge_articles_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: knowledge_articles; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.knowledge_articles ENABLE ROW LEVEL SECURITY;

-- Name: knowledge_articles knowledge_articles_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY knowledge_articles_app_ro ON autopilot.knowledge_articles FOR SELECT TO app_ro USING (true);

-- Name: knowledge_articles knowledge_articles_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY knowledge_articles_app_rw ON autopilot.knowledge_articles TO app_rw USING (true);

-- Name: knowledge_articles knowledge_articles_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY knowledge_articles_tenant ON autopilot.knowledge_articles FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: knowledge_articles knowledge_articles_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY knowledge_articles_workflow ON autopilot.knowledge_articles TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE knowledge_articles; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.knowledge_articles TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.knowledge_articles TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.knowledge_articles TO service_role;
GRANT SELECT,INSERT,UPDATE ON TABLE autopilot.knowledge_articles TO workflow_rw;

-- Name: COLUMN knowledge_articles.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.cluster_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(cluster_id) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.external_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(external_id) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.title; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(title) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.url; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(url) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.relevance_score; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(relevance_score) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.status; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(status) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: COLUMN knowledge_articles.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.knowledge_articles TO authenticated;

-- Name: ml_models; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.ml_models (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    external_model_id text NOT NULL,
    model_name text NOT NULL,
    training_start_date date,
    training_end_date date,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    active boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ml_models_external_model_id_check CHECK (((length(external_model_id) >= 1) AND (length(external_model_id) <= 255))),
    CONSTRAINT ml_models_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536))),
    CONSTRAINT ml_models_training_check CHECK ((training_end_date >= training_start_date))
);
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN external_model_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN model_name SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN training_start_date SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN training_end_date SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN active SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ml_models ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN ml_models.active; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ml_models.active IS 'Whether this is the active model for the organization; one each at most.';

-- Name: ml_models idx_ml_models_active; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ml_models
    ADD CONSTRAINT idx_ml_models_active EXCLUDE USING btree (organization_id WITH =, active WITH =) WHERE (active) DEFERRABLE INITIALLY DEFERRED;

-- Name: ml_models ml_models_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: ml_models ml_models_external_model_id_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_external_model_id_fits CHECK (app_private.fits('external_model_id'::text, external_model_id)) NOT VALID;

-- Name: ml_models ml_models_metadata_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: ml_models ml_models_model_name_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_model_name_fits CHECK (app_private.fits('model_name'::text, model_name)) NOT VALID;

-- Name: ml_models ml_models_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ml_models
    ADD CONSTRAINT ml_models_pkey PRIMARY KEY (organization_id, id);

-- Name: ml_models ml_models_training_end_date_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_training_end_date_fits CHECK (app_private.fits('training_end_date'::text, training_end_date)) NOT VALID;

-- Name: ml_models ml_models_training_start_date_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_training_start_date_fits CHECK (app_private.fits('training_start_date'::text, training_start_date)) NOT VALID;

-- Name: ml_models ml_models_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models
    ADD CONSTRAINT ml_models_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: ml_models uq_ml_models_external_id_org; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ml_models
    ADD CONSTRAINT uq_ml_models_external_id_org UNIQUE (organization_id, external_model_id);

-- Name: ml_models set_ml_models_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_ml_models_updated_at BEFORE UPDATE ON autopilot.ml_models FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: ml_models ml_models_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ml_models
    ADD CONSTRAINT ml_models_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: ml_models; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ml_models ENABLE ROW LEVEL SECURITY;

-- Name: ml_models ml_models_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ml_models_app_ro ON autopilot.ml_models FOR SELECT TO app_ro USING (true);

-- Name: ml_models ml_models_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ml_models_app_rw ON autopilot.ml_models TO app_rw USING (true);

-- Name: ml_models ml_models_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ml_models_tenant ON autopilot.ml_models FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: ml_models ml_models_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY ml_models_workflow ON autopilot.ml_models TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE ml_models; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.ml_models TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.ml_models TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.ml_models TO service_role;
GRANT SELECT,INSERT,UPDATE ON TABLE autopilot.ml_models TO workflow_rw;

-- Name: COLUMN ml_models.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.external_model_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(external_model_id) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.model_name; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(model_name) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.training_start_date; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(training_start_date) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.training_end_date; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(training_end_date) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.metadata; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(metadata) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.active; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(active) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.ml_models TO authenticated;

-- Name: COLUMN ml_models.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.ml_models TO authenticated;

-- Name: organizations; Type: VIEW; Schema: autopilot; Owner: app_owner
CREATE VIEW autopilot.organizations WITH (security_invoker='true') AS
 SELECT id,
    name,
    created_at,
    updated_at
   FROM public.tenants;

-- Name: TABLE organizations; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.organizations TO app_ro;
GRANT SELECT ON TABLE autopilot.organizations TO app_rw;
GRANT SELECT ON TABLE autopilot.organizations TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.organizations TO service_role;

-- Name: tickets; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.tickets (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    cluster_id uuid,
    data_source_connection_id uuid,
    external_id text NOT NULL,
    subject text NOT NULL,
    external_status text NOT NULL,
    source_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tickets_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT tickets_source_metadata_check CHECK (((jsonb_typeof(source_metadata) = 'object'::text) AND (octet_length((source_metadata)::text) <= 1048576)))
);
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN cluster_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN data_source_connection_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN external_status SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN source_metadata SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN tickets.cluster_id; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.cluster_id IS 'Null while no model has classified the ticket.';

-- Name: COLUMN tickets.source_metadata; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.source_metadata IS 'The record as the ticket system sent it; at most 1 MiB.';

-- Name: tickets tickets_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: tickets tickets_external_id_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: tickets tickets_external_status_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_external_status_fits CHECK (app_private.fits('external_status'::text, external_status)) NOT VALID;

-- Name: tickets tickets_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (organization_id, id);

-- Name: tickets tickets_source_metadata_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_source_metadata_fits CHECK (app_private.fits('source_metadata'::text, source_metadata)) NOT VALID;

-- Name: tickets tickets_subject_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_subject_fits CHECK (app_private.fits('subject'::text, subject)) NOT VALID;

-- Name: tickets tickets_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: tickets uq_tickets_external_id_org; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT uq_tickets_external_id_org UNIQUE (organization_id, external_id);

-- Name: idx_tickets_cluster_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_tickets_cluster_id ON autopilot.tickets USING btree (organization_id, cluster_id);

-- Name: idx_tickets_data_source_connection_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_tickets_data_source_connection_id ON autopilot.tickets USING btree (organization_id, data_source_connection_id);

-- Name: tickets set_tickets_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_tickets_updated_at BEFORE UPDATE ON autopilot.tickets FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: tickets tickets_cluster_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT tickets_cluster_id_fkey FOREIGN KEY (organization_id, cluster_id) REFERENCES autopilot.clusters(organization_id, id) ON DELETE SET NULL (cluster_id);

-- Name: tickets tickets_data_source_connection_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT tickets_data_source_connection_id_fkey FOREIGN KEY (organization_id, data_source_connection_id) REFERENCES autopilot.data_source_connections(organization_id, id) ON DELETE SET NULL (data_source_connection_id);

-- Name: tickets tickets_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT tickets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: tickets; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets ENABLE ROW LEVEL SECURITY;

-- Name: tickets tickets_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY tickets_app_ro ON autopilot.tickets FOR SELECT TO app_ro USING (true);

-- Name: tickets tickets_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY tickets_app_rw ON autopilot.tickets TO app_rw USING (true);

-- Name: tickets tickets_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY tickets_tenant ON autopilot.tickets FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: tickets tickets_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY tickets_workflow ON autopilot.tickets TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE tickets; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.tickets TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.tickets TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.tickets TO service_role;
GRANT SELECT,INSERT,UPDATE ON TABLE autopilot.tickets TO workflow_rw;

-- Name: COLUMN tickets.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.cluster_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(cluster_id) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.data_source_connection_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(data_source_connection_id) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.external_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(external_id) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.subject; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(subject) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.external_status; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(external_status) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.source_metadata; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(source_metadata) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.tickets TO authenticated;

-- Name: INDEX uq_clusters_org_model_name_subcluster; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON INDEX autopilot.uq_clusters_org_model_name_subcluster IS 'The natural key that upserts name.';

-- Name: drafts; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA drafts;

-- Name: SCHEMA drafts; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA drafts TO app_owner;
GRANT USAGE ON SCHEMA drafts TO app_ro;
GRANT USAGE ON SCHEMA drafts TO app_rw;
GRANT USAGE ON SCHEMA drafts TO authenticated;
GRANT USAGE ON SCHEMA drafts TO service_role;

-- Name: attachments; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.attachments (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    message_id uuid NOT NULL,
    file_name text NOT NULL,
    mime_type text NOT NULL,
    size_bytes integer NOT NULL,
    file_url text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT attachments_size_bytes_check CHECK ((size_bytes >= 0))
);
ALTER TABLE ONLY drafts.attachments ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.attachments ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN message_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN file_name SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN mime_type SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN size_bytes SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN file_url SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN attachments.file_url; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.attachments.file_url IS 'A signed address; the file itself is kept elsewhere.';

-- Name: attachments attachments_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments
    ADD CONSTRAINT attachments_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: attachments attachments_file_name_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments
    ADD CONSTRAINT attachments_file_name_fits CHECK (app_private.fits('file_name'::text, file_name)) NOT VALID;

-- Name: attachments attachments_file_url_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments
    ADD CONSTRAINT attachments_file_url_fits CHECK (app_private.fits('file_url'::text, file_url)) NOT VALID;

-- Name: attachments attachments_mime_type_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments
    ADD CONSTRAINT attachments_mime_type_fits CHECK (app_private.fits('mime_type'::text, mime_type)) NOT VALID;

-- Name: attachments attachments_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_attachment_message; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_attachment_message ON drafts.attachments USING btree (tenant_id, message_id);

-- Name: attachments attachments_message_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.attachments
    ADD CONSTRAINT attachments_message_id_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES drafts.messages(tenant_id, id);

-- Name: attachments attachments_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.attachments
    ADD CONSTRAINT attachments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: attachments; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments ENABLE ROW LEVEL SECURITY;

-- Name: attachments attachments_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY attachments_app_ro ON drafts.attachments FOR SELECT TO app_ro USING (true);

-- Name: attachments attachments_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY attachments_app_rw ON drafts.attachments TO app_rw USING (true);

-- Name: attachments attachments_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY attachments_tenant ON drafts.attachments FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE attachments; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.attachments TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.attachments TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.attachments TO service_role;

-- Name: COLUMN attachments.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.message_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(message_id) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.file_name; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(file_name) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.mime_type; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(mime_type) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.size_bytes; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(size_bytes) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.file_url; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(file_url) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.attachments TO authenticated;

-- Name: channels; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.channels (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT channels_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT channels_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536))),
    CONSTRAINT channels_type_check CHECK ((type = ANY (ARRAY['email'::text, 'chat'::text, 'shopify'::text, 'slack'::text])))
);
ALTER TABLE ONLY drafts.channels ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.channels ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.channels ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN type SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: channels channels_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: channels channels_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: channels channels_metadata_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: channels channels_name_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_name_fits CHECK (app_private.fits('name'::text, name)) NOT VALID;

-- Name: channels channels_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (tenant_id, id);

-- Name: channels channels_type_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_type_fits CHECK (app_private.fits('type'::text, type)) NOT VALID;

-- Name: channels channels_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: channels uq_channels_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.channels
    ADD CONSTRAINT uq_channels_external_id UNIQUE (tenant_id, external_id);

-- Name: idx_channel_account_type; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_channel_account_type ON drafts.channels USING btree (tenant_id, type);

-- Name: channels set_channels_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_channels_updated_at BEFORE UPDATE ON drafts.channels FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: channels channels_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.channels
    ADD CONSTRAINT channels_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: channels; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.channels ENABLE ROW LEVEL SECURITY;

-- Name: channels channels_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY channels_app_ro ON drafts.channels FOR SELECT TO app_ro USING (true);

-- Name: channels channels_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY channels_app_rw ON drafts.channels TO app_rw USING (true);

-- Name: channels channels_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY channels_tenant ON drafts.channels FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE channels; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.channels TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.channels TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.channels TO service_role;

-- Name: COLUMN channels.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.type; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(type) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.external_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(external_id) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.name; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(name) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.metadata; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(metadata) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.channels TO authenticated;

-- Name: conversations; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.conversations (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    channel_id uuid NOT NULL,
    external_id text NOT NULL,
    subject text,
    status text DEFAULT 'open'::text NOT NULL,
    customer_email text,
    customer_name text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT conversations_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT conversations_status_check CHECK (((length(status) >= 1) AND (length(status) <= 255)))
);
ALTER TABLE ONLY drafts.conversations ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.conversations ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN channel_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN customer_email SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN customer_name SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN conversations.status; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.status IS 'open until the channel says otherwise, in its own words.';

-- Name: conversations conversations_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: conversations conversations_customer_email_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_customer_email_fits CHECK (app_private.fits('customer_email'::text, customer_email)) NOT VALID;

-- Name: conversations conversations_customer_name_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_customer_name_fits CHECK (app_private.fits('customer_name'::text, customer_name)) NOT VALID;

-- Name: conversations conversations_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: conversations conversations_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id);

-- Name: conversations conversations_status_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: conversations conversations_subject_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_subject_fits CHECK (app_private.fits('subject'::text, subject)) NOT VALID;

-- Name: conversations conversations_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: conversations uq_conversations_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.conversations
    ADD CONSTRAINT uq_conversations_external_id UNIQUE (tenant_id, external_id);

-- Name: idx_conversation_account_status; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_account_status ON drafts.conversations USING btree (tenant_id, status);

-- Name: idx_conversation_channel_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_channel_created ON drafts.conversations USING btree (tenant_id, channel_id, created_at);

-- Name: conversations set_conversations_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_conversations_updated_at BEFORE UPDATE ON drafts.conversations FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: conversations conversations_channel_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.conversations
    ADD CONSTRAINT conversations_channel_id_fkey FOREIGN KEY (tenant_id, channel_id) REFERENCES drafts.channels(tenant_id, id);

-- Name: conversations conversations_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.conversations
    ADD CONSTRAINT conversations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: conversations; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations ENABLE ROW LEVEL SECURITY;

-- Name: conversations conversations_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY conversations_app_ro ON drafts.conversations FOR SELECT TO app_ro USING (true);

-- Name: conversations conversations_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY conversations_app_rw ON drafts.conversations TO app_rw USING (true);

-- Name: conversations conversations_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY conversations_tenant ON drafts.conversations FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE conversations; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.conversations TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.conversations TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.conversations TO service_role;

-- Name: COLUMN conversations.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.channel_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(channel_id) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.external_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(external_id) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.subject; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(subject) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.status; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(status) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.customer_email; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(customer_email) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.customer_name; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(customer_name) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.conversations TO authenticated;

-- Name: draft_actions; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.draft_actions (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    draft_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    final_text text,
    final_html text,
    sent_msg_id text,
    notes text,
    diff_json jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    message_id uuid,
    CONSTRAINT draft_actions_diff_json_check CHECK (((jsonb_typeof(diff_json) = 'object'::text) AND (octet_length((diff_json)::text) <= 65536))),
    CONSTRAINT draft_actions_type_check CHECK ((type = ANY (ARRAY['approve'::text, 'edit'::text, 'reject'::text])))
);
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN draft_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN user_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN type SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN final_text SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN final_html SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN sent_msg_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN notes SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN diff_json SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN message_id SET STATISTICS 0;

-- Name: COLUMN draft_actions.sent_msg_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.draft_actions.sent_msg_id IS 'What the channel calls the message that was sent.';

-- Name: COLUMN draft_actions.diff_json; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.draft_actions.diff_json IS 'The edit, to be replayed: {operations: […]}.';

-- Name: draft_actions draft_actions_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: draft_actions draft_actions_diff_json_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_diff_json_fits CHECK (app_private.fits('diff_json'::text, diff_json)) NOT VALID;

-- Name: draft_actions draft_actions_final_html_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_final_html_fits CHECK (app_private.fits('final_html'::text, final_html)) NOT VALID;

-- Name: draft_actions draft_actions_final_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_final_text_fits CHECK (app_private.fits('final_text'::text, final_text)) NOT VALID;

-- Name: draft_actions draft_actions_notes_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_notes_fits CHECK (app_private.fits('notes'::text, notes)) NOT VALID;

-- Name: draft_actions draft_actions_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.draft_actions
    ADD CONSTRAINT draft_actions_pkey PRIMARY KEY (tenant_id, id);

-- Name: draft_actions draft_actions_sent_msg_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_sent_msg_id_fits CHECK (app_private.fits('sent_msg_id'::text, sent_msg_id)) NOT VALID;

-- Name: draft_actions draft_actions_type_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_type_fits CHECK (app_private.fits('type'::text, type)) NOT VALID;

-- Name: idx_action_draft; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_action_draft ON drafts.draft_actions USING btree (tenant_id, draft_id);

-- Name: idx_action_message; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_action_message ON drafts.draft_actions USING btree (tenant_id, message_id);

-- Name: idx_action_user_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_action_user_created ON drafts.draft_actions USING btree (tenant_id, user_id, created_at);

-- Name: draft_actions draft_actions_draft_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.draft_actions
    ADD CONSTRAINT draft_actions_draft_id_fkey FOREIGN KEY (tenant_id, draft_id) REFERENCES drafts.drafts(tenant_id, id);

-- Name: draft_actions draft_actions_message_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.draft_actions
    ADD CONSTRAINT draft_actions_message_id_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES drafts.messages(tenant_id, id) ON DELETE SET NULL (message_id);

-- Name: draft_actions draft_actions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.draft_actions
    ADD CONSTRAINT draft_actions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: draft_actions draft_actions_user_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.draft_actions
    ADD CONSTRAINT draft_actions_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES drafts.users(tenant_id, id);

-- Name: draft_actions; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions ENABLE ROW LEVEL SECURITY;

-- Name: draft_actions draft_actions_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY draft_actions_app_ro ON drafts.draft_actions FOR SELECT TO app_ro USING (true);

-- Name: draft_actions draft_actions_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY draft_actions_app_rw ON drafts.draft_actions TO app_rw USING (true);

-- Name: draft_actions draft_actions_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY draft_actions_tenant ON drafts.draft_actions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE draft_actions; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.draft_actions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.draft_actions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.draft_actions TO service_role;

-- Name: COLUMN draft_actions.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.draft_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(draft_id) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.user_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(user_id) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.type; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(type) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.final_text; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(final_text) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.final_html; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(final_html) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.sent_msg_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(sent_msg_id) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.notes; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(notes) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.diff_json; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(diff_json) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.message_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(message_id) ON TABLE drafts.draft_actions TO authenticated;

-- Name: drafts; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.drafts (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    trigger_message_id uuid,
    author_user_id uuid,
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    suggested_text text NOT NULL,
    suggested_html text,
    top_sources jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT drafts_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'superseded'::text, 'archived'::text]))),
    CONSTRAINT drafts_top_sources_check CHECK (((jsonb_typeof(top_sources) = 'array'::text) AND (octet_length((top_sources)::text) <= 65536)))
);
ALTER TABLE ONLY drafts.drafts ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.drafts ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN conversation_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN trigger_message_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN author_user_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN model_key SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN prompt_version SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN suggested_text SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN suggested_html SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN top_sources SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN drafts.top_sources; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.top_sources IS 'Where the text comes from: a list of {title, url, score}.';

-- Name: drafts drafts_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: drafts drafts_model_key_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_model_key_fits CHECK (app_private.fits('model_key'::text, model_key)) NOT VALID;

-- Name: drafts drafts_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (tenant_id, id);

-- Name: drafts drafts_prompt_version_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_prompt_version_fits CHECK (app_private.fits('prompt_version'::text, prompt_version)) NOT VALID;

-- Name: drafts drafts_status_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: drafts drafts_suggested_html_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_suggested_html_fits CHECK (app_private.fits('suggested_html'::text, suggested_html)) NOT VALID;

-- Name: drafts drafts_suggested_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_suggested_text_fits CHECK (app_private.fits('suggested_text'::text, suggested_text)) NOT VALID;

-- Name: drafts drafts_top_sources_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_top_sources_fits CHECK (app_private.fits('top_sources'::text, top_sources)) NOT VALID;

-- Name: drafts drafts_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: drafts uq_drafts_trigger_message_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT uq_drafts_trigger_message_id UNIQUE (tenant_id, trigger_message_id);

-- Name: idx_draft_author; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_author ON drafts.drafts USING btree (tenant_id, author_user_id);

-- Name: idx_draft_conversation_status; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_conversation_status ON drafts.drafts USING btree (tenant_id, conversation_id, status);

-- Name: idx_draft_status_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_status_created ON drafts.drafts USING btree (tenant_id, status, created_at);

-- Name: drafts set_drafts_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_drafts_updated_at BEFORE UPDATE ON drafts.drafts FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: drafts drafts_author_user_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_author_user_id_fkey FOREIGN KEY (tenant_id, author_user_id) REFERENCES drafts.users(tenant_id, id) ON DELETE SET NULL (author_user_id);

-- Name: drafts drafts_conversation_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES drafts.conversations(tenant_id, id);

-- Name: drafts drafts_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: drafts drafts_trigger_message_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_trigger_message_id_fkey FOREIGN KEY (tenant_id, trigger_message_id) REFERENCES drafts.messages(tenant_id, id) ON DELETE SET NULL (trigger_message_id);

-- Name: drafts; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts ENABLE ROW LEVEL SECURITY;

-- Name: drafts drafts_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY drafts_app_ro ON drafts.drafts FOR SELECT TO app_ro USING (true);

-- Name: drafts drafts_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY drafts_app_rw ON drafts.drafts TO app_rw USING (true);

-- Name: drafts drafts_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY drafts_tenant ON drafts.drafts FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE drafts; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.drafts TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.drafts TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.drafts TO service_role;

-- Name: COLUMN drafts.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.conversation_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(conversation_id) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.trigger_message_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(trigger_message_id) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.author_user_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(author_user_id) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.model_key; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(model_key) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.prompt_version; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(prompt_version) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.status; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(status) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.suggested_text; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(suggested_text) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.suggested_html; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(suggested_html) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.top_sources; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(top_sources) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.drafts TO authenticated;

-- Name: job_runs; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.job_runs (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    error text,
    metrics jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT job_runs_metrics_check CHECK (((jsonb_typeof(metrics) = 'object'::text) AND (octet_length((metrics)::text) <= 65536))),
    CONSTRAINT job_runs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text]))),
    CONSTRAINT job_runs_type_check CHECK ((type = ANY (ARRAY['crawl'::text, 'ingest_goldens'::text, 'corrections_sync'::text])))
);
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN type SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN started_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN finished_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN error SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN metrics SET STATISTICS 0;
ALTER TABLE ONLY drafts.job_runs ALTER COLUMN created_at SET STATISTICS 0;

-- Name: job_runs job_runs_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: job_runs job_runs_error_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_error_fits CHECK (app_private.fits('error'::text, error)) NOT VALID;

-- Name: job_runs job_runs_finished_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_finished_at_fits CHECK (app_private.fits('finished_at'::text, finished_at)) NOT VALID;

-- Name: job_runs job_runs_metrics_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_metrics_fits CHECK (app_private.fits('metrics'::text, metrics)) NOT VALID;

-- Name: job_runs job_runs_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.job_runs
    ADD CONSTRAINT job_runs_pkey PRIMARY KEY (tenant_id, id);

-- Name: job_runs job_runs_started_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_started_at_fits CHECK (app_private.fits('started_at'::text, started_at)) NOT VALID;

-- Name: job_runs job_runs_status_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: job_runs job_runs_type_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs
    ADD CONSTRAINT job_runs_type_fits CHECK (app_private.fits('type'::text, type)) NOT VALID;

-- Name: idx_jobrun_account_type_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_jobrun_account_type_created ON drafts.job_runs USING btree (tenant_id, type, created_at);

-- Name: job_runs job_runs_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.job_runs
    ADD CONSTRAINT job_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: job_runs; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.job_runs ENABLE ROW LEVEL SECURITY;

-- Name: job_runs job_runs_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY job_runs_app_ro ON drafts.job_runs FOR SELECT TO app_ro USING (true);

-- Name: job_runs job_runs_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY job_runs_app_rw ON drafts.job_runs TO app_rw USING (true);

-- Name: job_runs job_runs_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY job_runs_tenant ON drafts.job_runs FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE job_runs; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.job_runs TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.job_runs TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.job_runs TO service_role;

-- Name: COLUMN job_runs.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.type; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(type) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.status; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(status) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.started_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(started_at) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.finished_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(finished_at) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.error; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(error) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.metrics; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(metrics) ON TABLE drafts.job_runs TO authenticated;

-- Name: COLUMN job_runs.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.job_runs TO authenticated;

-- Name: learning_samples; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.learning_samples (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    draft_id uuid NOT NULL,
    action_id uuid NOT NULL,
    diff_json jsonb NOT NULL,
    embeddings_json jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT learning_samples_diff_json_check CHECK (((jsonb_typeof(diff_json) = 'object'::text) AND (octet_length((diff_json)::text) <= 65536))),
    CONSTRAINT learning_samples_embeddings_json_check CHECK ((octet_length((embeddings_json)::text) <= 65536))
);
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN draft_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN action_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN diff_json SET STATISTICS 0;
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN embeddings_json SET STATISTICS 0;
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN created_at SET STATISTICS 0;

-- Name: learning_samples learning_samples_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.learning_samples
    ADD CONSTRAINT learning_samples_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: learning_samples learning_samples_diff_json_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.learning_samples
    ADD CONSTRAINT learning_samples_diff_json_fits CHECK (app_private.fits('diff_json'::text, diff_json)) NOT VALID;

-- Name: learning_samples learning_samples_embeddings_json_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.learning_samples
    ADD CONSTRAINT learning_samples_embeddings_json_fits CHECK (app_private.fits('embeddings_json'::text, embeddings_json)) NOT VALID;

-- Name: learning_samples learning_samples_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.learning_samples
    ADD CONSTRAINT learning_samples_pkey PRIMARY KEY (tenant_id, id);

-- Name: learning_samples uq_learning_samples_action_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.learning_samples
    ADD CONSTRAINT uq_learning_samples_action_id UNIQUE (tenant_id, action_id);

-- Name: learning_samples uq_learning_samples_draft_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.learning_samples
    ADD CONSTRAINT uq_learning_samples_draft_id UNIQUE (tenant_id, draft_id);

-- Name: learning_samples learning_samples_action_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.learning_samples
    ADD CONSTRAINT learning_samples_action_id_fkey FOREIGN KEY (tenant_id, action_id) REFERENCES drafts.draft_actions(tenant_id, id);

-- Name: learning_samples learning_samples_draft_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.learning_samples
    ADD CONSTRAINT learning_samples_draft_id_fkey FOREIGN KEY (tenant_id, draft_id) REFERENCES drafts.drafts(tenant_id, id);

-- Name: learning_samples learning_samples_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.learning_samples
    ADD CONSTRAINT learning_samples_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: learning_samples; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.learning_samples ENABLE ROW LEVEL SECURITY;

-- Name: learning_samples learning_samples_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY learning_samples_app_ro ON drafts.learning_samples FOR SELECT TO app_ro USING (true);

-- Name: learning_samples learning_samples_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY learning_samples_app_rw ON drafts.learning_samples TO app_rw USING (true);

-- Name: learning_samples learning_samples_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY learning_samples_tenant ON drafts.learning_samples FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE learning_samples; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.learning_samples TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.learning_samples TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.learning_samples TO service_role;

-- Name: COLUMN learning_samples.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.learning_samples TO authenticated;

-- Name: COLUMN learning_samples.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.learning_samples TO authenticated;

-- Name: COLUMN learning_samples.draft_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(draft_id) ON TABLE drafts.learning_samples TO authenticated;

-- Name: COLUMN learning_samples.action_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(action_id) ON TABLE drafts.learning_samples TO authenticated;

-- Name: COLUMN learning_samples.diff_json; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(diff_json) ON TABLE drafts.learning_samples TO authenticated;

-- Name: COLUMN learning_samples.embeddings_json; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(embeddings_json) ON TABLE drafts.learning_samples TO authenticated;

-- Name: COLUMN learning_samples.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.learning_samples TO authenticated;

-- Name: messages; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.messages (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    external_id text,
    direction text NOT NULL,
    subject text,
    body_text text NOT NULL,
    body_html text,
    sent_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'system'::text]))),
    CONSTRAINT messages_external_id_check CHECK (((octet_length(external_id) >= 1) AND (octet_length(external_id) <= 998))),
    CONSTRAINT messages_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536)))
);
ALTER TABLE ONLY drafts.messages ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.messages ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.messages ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN conversation_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN direction SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN body_text SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN body_html SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN sent_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN metadata SET STATISTICS 0;

-- Name: messages messages_body_html_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_body_html_fits CHECK (app_private.fits('body_html'::text, body_html)) NOT VALID;

-- Name: messages messages_body_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_body_text_fits CHECK (app_private.fits('body_text'::text, body_text)) NOT VALID;

-- Name: messages messages_direction_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_direction_fits CHECK (app_private.fits('direction'::text, direction)) NOT VALID;

-- Name: messages messages_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: messages messages_metadata_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id);

-- Name: messages messages_sent_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_sent_at_fits CHECK (app_private.fits('sent_at'::text, sent_at)) NOT VALID;

-- Name: messages messages_subject_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_subject_fits CHECK (app_private.fits('subject'::text, subject)) NOT VALID;

-- Name: messages uq_messages_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT uq_messages_external_id UNIQUE (tenant_id, conversation_id, external_id);

-- Name: idx_message_conversation_sent; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_conversation_sent ON drafts.messages USING btree (tenant_id, conversation_id, sent_at);

-- Name: messages messages_conversation_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES drafts.conversations(tenant_id, id);

-- Name: messages messages_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: messages; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.messages ENABLE ROW LEVEL SECURITY;

-- Name: messages messages_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY messages_app_ro ON drafts.messages FOR SELECT TO app_ro USING (true);

-- Name: messages messages_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY messages_app_rw ON drafts.messages TO app_rw USING (true);

-- Name: messages messages_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY messages_tenant ON drafts.messages FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE messages; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.messages TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.messages TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.messages TO service_role;

-- Name: COLUMN messages.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.conversation_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(conversation_id) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.external_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(external_id) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.direction; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(direction) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.subject; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(subject) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.body_text; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(body_text) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.body_html; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(body_html) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.sent_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(sent_at) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.metadata; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(metadata) ON TABLE drafts.messages TO authenticated;

-- Name: notifications; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.notifications (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    type text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    read_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notifications_payload_check CHECK (((jsonb_typeof(payload) = 'object'::text) AND (octet_length((payload)::text) <= 65536)))
);
ALTER TABLE ONLY drafts.notifications ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.notifications ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.notifications ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.notifications ALTER COLUMN user_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.notifications ALTER COLUMN type SET STATISTICS 0;
ALTER TABLE ONLY drafts.notifications ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE ONLY drafts.notifications ALTER COLUMN read_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.notifications ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN notifications.user_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.notifications.user_id IS 'Whom it is for; null: everybody of the tenant.';

-- Name: notifications notifications_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.notifications
    ADD CONSTRAINT notifications_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: notifications notifications_payload_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.notifications
    ADD CONSTRAINT notifications_payload_fits CHECK (app_private.fits('payload'::text, payload)) NOT VALID;

-- Name: notifications notifications_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (tenant_id, id);

-- Name: notifications notifications_read_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.notifications
    ADD CONSTRAINT notifications_read_at_fits CHECK (app_private.fits('read_at'::text, read_at)) NOT VALID;

-- Name: notifications notifications_type_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.notifications
    ADD CONSTRAINT notifications_type_fits CHECK (app_private.fits('type'::text, type)) NOT VALID;

-- Name: idx_notification_account_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_notification_account_created ON drafts.notifications USING btree (tenant_id, created_at);

-- Name: idx_notification_user_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_notification_user_created ON drafts.notifications USING btree (tenant_id, user_id, created_at);

-- Name: notifications notifications_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.notifications
    ADD CONSTRAINT notifications_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: notifications notifications_user_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES drafts.users(tenant_id, id) ON DELETE SET NULL (user_id);

-- Name: notifications; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.notifications ENABLE ROW LEVEL SECURITY;

-- Name: notifications notifications_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY notifications_app_ro ON drafts.notifications FOR SELECT TO app_ro USING (true);

-- Name: notifications notifications_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY notifications_app_rw ON drafts.notifications TO app_rw USING (true);

-- Name: notifications notifications_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY notifications_tenant ON drafts.notifications FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE notifications; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.notifications TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.notifications TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.notifications TO service_role;

-- Name: COLUMN notifications.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.notifications TO authenticated;

-- Name: COLUMN notifications.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.notifications TO authenticated;

-- Name: COLUMN notifications.user_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(user_id) ON TABLE drafts.notifications TO authenticated;

-- Name: COLUMN notifications.type; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(type) ON TABLE drafts.notifications TO authenticated;

-- Name: COLUMN notifications.payload; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(payload) ON TABLE drafts.notifications TO authenticated;

-- Name: COLUMN notifications.read_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(read_at) ON TABLE drafts.notifications TO authenticated;

-- Name: COLUMN notifications.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.notifications TO authenticated;

-- Name: source_documents; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.source_documents (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    source_url text NOT NULL,
    title text,
    hash text,
    indexed_at timestamp with time zone NOT NULL,
    next_refresh_at timestamp with time zone,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT source_documents_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536))),
    CONSTRAINT source_documents_source_url_check CHECK (((octet_length(source_url) >= 1) AND (octet_length(source_url) <= 2048)))
);
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN source_url SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN title SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN hash SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN indexed_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN next_refresh_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN metadata SET STATISTICS 0;

-- Name: source_documents source_documents_hash_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_hash_fits CHECK (app_private.fits('hash'::text, hash)) NOT VALID;

-- Name: source_documents source_documents_indexed_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_indexed_at_fits CHECK (app_private.fits('indexed_at'::text, indexed_at)) NOT VALID;

-- Name: source_documents source_documents_metadata_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: source_documents source_documents_next_refresh_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_next_refresh_at_fits CHECK (app_private.fits('next_refresh_at'::text, next_refresh_at)) NOT VALID;

-- Name: source_documents source_documents_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.source_documents
    ADD CONSTRAINT source_documents_pkey PRIMARY KEY (tenant_id, id);

-- Name: source_documents source_documents_source_url_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_source_url_fits CHECK (app_private.fits('source_url'::text, source_url)) NOT VALID;

-- Name: source_documents source_documents_title_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_title_fits CHECK (app_private.fits('title'::text, title)) NOT VALID;

-- Name: source_documents uq_source_documents_source_url; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.source_documents
    ADD CONSTRAINT uq_source_documents_source_url UNIQUE (tenant_id, source_url);

-- Name: source_documents source_documents_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.source_documents
    ADD CONSTRAINT source_documents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: source_documents; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents ENABLE ROW LEVEL SECURITY;

-- Name: source_documents source_documents_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY source_documents_app_ro ON drafts.source_documents FOR SELECT TO app_ro USING (true);

-- Name: source_documents source_documents_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY source_documents_app_rw ON drafts.source_documents TO app_rw USING (true);

-- Name: source_documents source_documents_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY source_documents_tenant ON drafts.source_documents FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE source_documents; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.source_documents TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.source_documents TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.source_documents TO service_role;

-- Name: COLUMN source_documents.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.source_url; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(source_url) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.title; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(title) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.hash; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(hash) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.indexed_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(indexed_at) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.next_refresh_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(next_refresh_at) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.metadata; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(metadata) ON TABLE drafts.source_documents TO authenticated;

-- Name: users; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.users (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    role text DEFAULT 'agent'::text NOT NULL,
    auth_provider text NOT NULL,
    auth_subject text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_check CHECK (((length(email) >= 1) AND (length(email) <= 320)))
);
ALTER TABLE ONLY drafts.users ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.users ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.users ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN email SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN display_name SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN role SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN auth_provider SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN auth_subject SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.users ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: users uq_users_email; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.users
    ADD CONSTRAINT uq_users_email UNIQUE (tenant_id, email);

-- Name: users users_auth_provider_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_auth_provider_fits CHECK (app_private.fits('auth_provider'::text, auth_provider)) NOT VALID;

-- Name: users users_auth_subject_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_auth_subject_fits CHECK (app_private.fits('auth_subject'::text, auth_subject)) NOT VALID;

-- Name: users users_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: users users_display_name_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_display_name_fits CHECK (app_private.fits('display_name'::text, display_name)) NOT VALID;

-- Name: users users_email_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_email_fits CHECK (app_private.fits('email'::text, email)) NOT VALID;

-- Name: users users_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id);

-- Name: users users_role_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_role_fits CHECK (app_private.fits('role'::text, role)) NOT VALID;

-- Name: users users_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: users set_users_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_users_updated_at BEFORE UPDATE ON drafts.users FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: users users_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: users; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.users ENABLE ROW LEVEL SECURITY;

-- Name: users users_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY users_app_ro ON drafts.users FOR SELECT TO app_ro USING (true);

-- Name: users users_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY users_app_rw ON drafts.users TO app_rw USING (true);

-- Name: users users_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY users_tenant ON drafts.users FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE users; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.users TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.users TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.users TO service_role;

-- Name: COLUMN users.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.email; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(email) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.display_name; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(display_name) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.role; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(role) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.auth_provider; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(auth_provider) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.auth_subject; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(auth_subject) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.users TO authenticated;

-- Name: COLUMN users.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.users TO authenticated;

-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA public TO app_owner;
GRANT USAGE ON SCHEMA public TO app_ro;
GRANT USAGE ON SCHEMA public TO app_rw;

-- Name: approvals; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.approvals (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    envelope_id uuid NOT NULL,
    digest text NOT NULL,
    reason text NOT NULL,
    decision text,
    decided_by text,
    decided_at timestamp with time zone,
    decision_reason text,
    requested_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT approvals_decided_check CHECK ((((decision IS NULL) = (decided_at IS NULL)) AND ((decision IS NULL) = (decided_by IS NULL)))),
    CONSTRAINT approvals_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'rejected'::text, 'expired'::text])))
);
ALTER TABLE ONLY public.approvals ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.approvals ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.approvals ALTER COLUMN envelope_id SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN digest SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN decision SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN decided_by SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN decided_at SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN decision_reason SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN requested_at SET STATISTICS 0;
ALTER TABLE ONLY public.approvals ALTER COLUMN expires_at SET STATISTICS 0;

-- Name: approvals approvals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (tenant_id, id);

-- Name: approvals_expiry_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_expiry_idx ON public.approvals USING btree (expires_at) WHERE (decision IS NULL);

-- Name: approvals_open_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX approvals_open_uidx ON public.approvals USING btree (tenant_id, envelope_id) WHERE (decision IS NULL);

-- Name: approvals_tenant_envelope_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_tenant_envelope_idx ON public.approvals USING btree (tenant_id, envelope_id);

-- Name: approvals approvals_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: approvals; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.approvals ENABLE ROW LEVEL SECURITY;

-- Name: approvals approvals_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY approvals_app ON public.approvals FOR SELECT TO app_ro, app_rw USING (true);

-- Name: approvals approvals_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY approvals_select ON public.approvals FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE approvals; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.approvals TO app_ro;
GRANT SELECT ON TABLE public.approvals TO app_rw;
GRANT SELECT ON TABLE public.approvals TO service_role;

-- Name: COLUMN approvals.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.envelope_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(envelope_id) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.digest; Type: ACL; Schema: public; Owner: -
GRANT SELECT(digest) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(reason) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.decision; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decision) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.decided_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decided_by) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.decided_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decided_at) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.decision_reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decision_reason) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.requested_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(requested_at) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.expires_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(expires_at) ON TABLE public.approvals TO authenticated;

-- Name: audit_log; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.audit_log (
    tenant_id uuid NOT NULL,
    actor_type text NOT NULL,
    actor_id text NOT NULL,
    category text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seq bigint NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    id bigint GENERATED ALWAYS AS (seq) STORED
);
ALTER TABLE ONLY public.audit_log ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.audit_log ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.audit_log ALTER COLUMN actor_type SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN actor_id SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN category SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN seq SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN previous_hash SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN hash SET STATISTICS 0;
ALTER TABLE ONLY public.audit_log ALTER COLUMN id SET STATISTICS 0;

-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, seq);

-- Name: audit_log_tenant_created_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX audit_log_tenant_created_idx ON public.audit_log USING btree (tenant_id, created_at DESC);

-- Name: audit_log audit_log_append_only; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION app_private.refuse_change();

-- Name: audit_log; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

-- Name: audit_log audit_log_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY audit_log_app ON public.audit_log FOR SELECT TO app_ro, app_rw USING (true);

-- Name: audit_log audit_log_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY audit_log_select ON public.audit_log FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE audit_log; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.audit_log TO app_ro;
GRANT SELECT ON TABLE public.audit_log TO app_rw;
GRANT SELECT ON TABLE public.audit_log TO service_role;

-- Name: COLUMN audit_log.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.actor_type; Type: ACL; Schema: public; Owner: -
GRANT SELECT(actor_type) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.actor_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(actor_id) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.category; Type: ACL; Schema: public; Owner: -
GRANT SELECT(category) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.payload; Type: ACL; Schema: public; Owner: -
GRANT SELECT(payload) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.seq; Type: ACL; Schema: public; Owner: -
GRANT SELECT(seq) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.previous_hash; Type: ACL; Schema: public; Owner: -
GRANT SELECT(previous_hash) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.hash; Type: ACL; Schema: public; Owner: -
GRANT SELECT(hash) ON TABLE public.audit_log TO authenticated;

-- Name: COLUMN audit_log.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.audit_log TO authenticated;

-- Name: connected_accounts; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.connected_accounts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    provider text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    linked_at timestamp with time zone,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    checked_at timestamp with time zone,
    scanned_at timestamp with time zone,
    problem text,
    CONSTRAINT connected_accounts_metadata_check CHECK (((octet_length((metadata)::text) <= 65536) AND (NOT jsonb_path_exists(metadata, '$.**{101}'::jsonpath)))),
    CONSTRAINT connected_accounts_problem_check CHECK ((length(problem) <= 500)),
    CONSTRAINT connected_accounts_provider_check CHECK (((length(provider) >= 1) AND (length(provider) <= 255))),
    CONSTRAINT connected_accounts_scopes_check CHECK ((octet_length((scopes)::text) <= 65536)),
    CONSTRAINT connected_accounts_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'connected'::text, 'expiring'::text, 'expired'::text, 'revoked'::text, 'error'::text])))
);
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN provider SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN scopes SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN linked_at SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN expires_at SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN checked_at SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN scanned_at SET STATISTICS 0;
ALTER TABLE ONLY public.connected_accounts ALTER COLUMN problem SET STATISTICS 0;

-- Name: COLUMN connected_accounts.problem; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.connected_accounts.problem IS 'Why it is not well, as the last look said.';

-- Name: connected_accounts connected_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.connected_accounts
    ADD CONSTRAINT connected_accounts_pkey PRIMARY KEY (tenant_id, id);

-- Name: connected_accounts_tenant_provider_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX connected_accounts_tenant_provider_idx ON public.connected_accounts USING btree (tenant_id, provider);

-- Name: connected_accounts_unscanned_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX connected_accounts_unscanned_idx ON public.connected_accounts USING btree (linked_at, id) WHERE ((status = ANY (ARRAY['connected'::text, 'expiring'::text])) AND ((scanned_at IS NULL) OR (scanned_at < linked_at)));

-- Name: connected_accounts connected_accounts_applied; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER connected_accounts_applied AFTER INSERT OR UPDATE ON public.connected_accounts FOR EACH ROW EXECUTE FUNCTION app_private.release_on_change();

-- Name: connected_accounts connected_accounts_audited; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER connected_accounts_audited AFTER INSERT OR DELETE OR UPDATE ON public.connected_accounts FOR EACH ROW EXECUTE FUNCTION app_private.audit_change();

-- Name: connected_accounts connected_accounts_guarded; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER connected_accounts_guarded BEFORE INSERT OR UPDATE ON public.connected_accounts FOR EACH ROW EXECUTE FUNCTION app_private.guard_account();

-- Name: connected_accounts connected_accounts_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.connected_accounts
    ADD CONSTRAINT connected_accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: connected_accounts; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.connected_accounts ENABLE ROW LEVEL SECURITY;

-- Name: connected_accounts connected_accounts_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_app ON public.connected_accounts FOR SELECT TO app_ro, app_rw USING (true);

-- Name: connected_accounts connected_accounts_delete; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_delete ON public.connected_accounts FOR DELETE TO authenticated USING ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)));

-- Name: connected_accounts connected_accounts_insert; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_insert ON public.connected_accounts FOR INSERT TO authenticated WITH CHECK ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)));

-- Name: connected_accounts connected_accounts_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_select ON public.connected_accounts FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: connected_accounts connected_accounts_update; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_update ON public.connected_accounts FOR UPDATE TO authenticated USING ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid))) WITH CHECK ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)));

-- Name: TABLE connected_accounts; Type: ACL; Schema: public; Owner: -
GRANT INSERT,DELETE,UPDATE ON TABLE public.connected_accounts TO authenticated;
GRANT SELECT ON TABLE public.connected_accounts TO app_ro;
GRANT SELECT ON TABLE public.connected_accounts TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.connected_accounts TO service_role;

-- Name: COLUMN connected_accounts.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.provider; Type: ACL; Schema: public; Owner: -
GRANT SELECT(provider) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.status; Type: ACL; Schema: public; Owner: -
GRANT SELECT(status) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.scopes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(scopes) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.linked_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(linked_at) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.metadata; Type: ACL; Schema: public; Owner: -
GRANT SELECT(metadata) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.updated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(updated_at) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.expires_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(expires_at) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.checked_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(checked_at) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.scanned_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(scanned_at) ON TABLE public.connected_accounts TO authenticated;

-- Name: COLUMN connected_accounts.problem; Type: ACL; Schema: public; Owner: -
GRANT SELECT(problem) ON TABLE public.connected_accounts TO authenticated;

-- Name: evidence; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.evidence (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tool_slug text NOT NULL,
    connected_account_id uuid,
    sha256 text NOT NULL,
    content jsonb NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT evidence_content_check CHECK ((octet_length((content)::text) <= 4194304)),
    CONSTRAINT evidence_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE ONLY public.evidence ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.evidence ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.evidence ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.evidence ALTER COLUMN tool_slug SET STATISTICS 0;
ALTER TABLE ONLY public.evidence ALTER COLUMN connected_account_id SET STATISTICS 0;
ALTER TABLE ONLY public.evidence ALTER COLUMN sha256 SET STATISTICS 0;
ALTER TABLE ONLY public.evidence ALTER COLUMN content SET STATISTICS 0;
ALTER TABLE ONLY public.evidence ALTER COLUMN observed_at SET STATISTICS 0;
ALTER TABLE ONLY public.evidence ALTER COLUMN seen_at SET STATISTICS 0;

-- Name: TABLE evidence; Type: COMMENT; Schema: public; Owner: -
COMMENT ON TABLE public.evidence IS 'What a tool answered to a scan, once per answer; text from outside.';

-- Name: COLUMN evidence.sha256; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.evidence.sha256 IS 'Of the content as canonical JSON: services/canonical.py.';

-- Name: COLUMN evidence.observed_at; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.evidence.observed_at IS 'When a scan read it first; seen_at: last.';

-- Name: evidence evidence_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (tenant_id, id);

-- Name: evidence_content_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX evidence_content_uidx ON public.evidence USING btree (tenant_id, tool_slug, connected_account_id, sha256) NULLS NOT DISTINCT;

-- Name: evidence_tenant_seen_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX evidence_tenant_seen_idx ON public.evidence USING btree (tenant_id, seen_at DESC, id);

-- Name: evidence evidence_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: evidence; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.evidence ENABLE ROW LEVEL SECURITY;

-- Name: evidence evidence_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY evidence_app ON public.evidence FOR SELECT TO app_ro, app_rw USING (true);

-- Name: evidence evidence_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY evidence_select ON public.evidence FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE evidence; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.evidence TO app_ro;
GRANT SELECT ON TABLE public.evidence TO app_rw;
GRANT SELECT ON TABLE public.evidence TO service_role;

-- Name: COLUMN evidence.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.tool_slug; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_slug) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.connected_account_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(connected_account_id) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.sha256; Type: ACL; Schema: public; Owner: -
GRANT SELECT(sha256) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.content; Type: ACL; Schema: public; Owner: -
GRANT SELECT(content) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.observed_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(observed_at) ON TABLE public.evidence TO authenticated;

-- Name: COLUMN evidence.seen_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(seen_at) ON TABLE public.evidence TO authenticated;

-- Name: guardrails; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.guardrails (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    quiet_hours jsonb DEFAULT '{}'::jsonb NOT NULL,
    trust_threshold numeric DEFAULT 0 NOT NULL,
    scopes jsonb DEFAULT '{}'::jsonb NOT NULL,
    require_evidence boolean DEFAULT false NOT NULL,
    rate_limits jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    evidence_max_age integer,
    CONSTRAINT guardrails_evidence_max_age_check CHECK ((evidence_max_age > 0)),
    CONSTRAINT guardrails_quiet_hours_check CHECK (((jsonb_typeof(quiet_hours) = 'object'::text) AND (octet_length((quiet_hours)::text) <= 65536))),
    CONSTRAINT guardrails_rate_limits_check CHECK (((jsonb_typeof(rate_limits) = 'object'::text) AND (octet_length((rate_limits)::text) <= 65536))),
    CONSTRAINT guardrails_scopes_check CHECK (((jsonb_typeof(scopes) = 'object'::text) AND (octet_length((scopes)::text) <= 65536))),
    CONSTRAINT guardrails_trust_threshold_check CHECK (((trust_threshold >= (0)::numeric) AND (trust_threshold <= (1)::numeric)))
);
ALTER TABLE ONLY public.guardrails ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.guardrails ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.guardrails ALTER COLUMN quiet_hours SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN trust_threshold SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN scopes SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN require_evidence SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN rate_limits SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY public.guardrails ALTER COLUMN evidence_max_age SET STATISTICS 0;

-- Name: COLUMN guardrails.evidence_max_age; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.guardrails.evidence_max_age IS 'Seconds: with require_evidence, a proposal must name evidence that a scan has seen since. Null: naming some is enough.';

-- Name: guardrails guardrails_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.guardrails
    ADD CONSTRAINT guardrails_pkey PRIMARY KEY (tenant_id, id);

-- Name: guardrails_tenant_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX guardrails_tenant_uidx ON public.guardrails USING btree (tenant_id);

-- Name: guardrails guardrails_applied; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER guardrails_applied AFTER INSERT OR DELETE OR UPDATE ON public.guardrails FOR EACH ROW EXECUTE FUNCTION app_private.release_on_change();

-- Name: guardrails guardrails_audited; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER guardrails_audited AFTER INSERT OR DELETE OR UPDATE ON public.guardrails FOR EACH ROW EXECUTE FUNCTION app_private.audit_change();

-- Name: guardrails guardrails_checked; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER guardrails_checked BEFORE INSERT OR UPDATE ON public.guardrails FOR EACH ROW EXECUTE FUNCTION app_private.check_guardrails();

-- Name: guardrails guardrails_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.guardrails
    ADD CONSTRAINT guardrails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: guardrails; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.guardrails ENABLE ROW LEVEL SECURITY;

-- Name: guardrails guardrails_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY guardrails_app ON public.guardrails FOR SELECT TO app_ro, app_rw USING (true);

-- Name: guardrails guardrails_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY guardrails_select ON public.guardrails FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: guardrails guardrails_update; Type: POLICY; Schema: public; Owner: -
CREATE POLICY guardrails_update ON public.guardrails FOR UPDATE TO authenticated USING ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid))) WITH CHECK ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)));

-- Name: TABLE guardrails; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.guardrails TO app_ro;
GRANT SELECT ON TABLE public.guardrails TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.guardrails TO service_role;

-- Name: COLUMN guardrails.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.quiet_hours; Type: ACL; Schema: public; Owner: -
GRANT SELECT(quiet_hours),UPDATE(quiet_hours) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.trust_threshold; Type: ACL; Schema: public; Owner: -
GRANT SELECT(trust_threshold),UPDATE(trust_threshold) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.scopes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(scopes),UPDATE(scopes) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.require_evidence; Type: ACL; Schema: public; Owner: -
GRANT SELECT(require_evidence),UPDATE(require_evidence) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.rate_limits; Type: ACL; Schema: public; Owner: -
GRANT SELECT(rate_limits),UPDATE(rate_limits) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.updated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(updated_at),UPDATE(updated_at) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.evidence_max_age; Type: ACL; Schema: public; Owner: -
GRANT SELECT(evidence_max_age),UPDATE(evidence_max_age) ON TABLE public.guardrails TO authenticated;

-- Name: objectives; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.objectives (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    title text NOT NULL,
    metric text NOT NULL,
    target text,
    horizon text,
    summary text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY public.objectives ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.objectives ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.objectives ALTER COLUMN title SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN metric SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN target SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN horizon SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN summary SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.objectives ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: objectives objectives_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.objectives
    ADD CONSTRAINT objectives_pkey PRIMARY KEY (tenant_id, id);

-- Name: objectives_tenant_metric_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX objectives_tenant_metric_idx ON public.objectives USING btree (tenant_id, metric);

-- Name: objectives objectives_audited; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER objectives_audited AFTER INSERT OR DELETE OR UPDATE ON public.objectives FOR EACH ROW EXECUTE FUNCTION app_private.audit_change();

-- Name: objectives objectives_checked; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER objectives_checked BEFORE INSERT OR UPDATE ON public.objectives FOR EACH ROW EXECUTE FUNCTION app_private.check_objective();

-- Name: objectives objectives_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.objectives
    ADD CONSTRAINT objectives_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: objectives; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.objectives ENABLE ROW LEVEL SECURITY;

-- Name: objectives objectives_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY objectives_app ON public.objectives FOR SELECT TO app_ro, app_rw USING (true);

-- Name: objectives objectives_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY objectives_select ON public.objectives FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE objectives; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.objectives TO app_ro;
GRANT SELECT ON TABLE public.objectives TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.objectives TO service_role;

-- Name: COLUMN objectives.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.title; Type: ACL; Schema: public; Owner: -
GRANT SELECT(title) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.metric; Type: ACL; Schema: public; Owner: -
GRANT SELECT(metric) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.target; Type: ACL; Schema: public; Owner: -
GRANT SELECT(target) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.horizon; Type: ACL; Schema: public; Owner: -
GRANT SELECT(horizon) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.summary; Type: ACL; Schema: public; Owner: -
GRANT SELECT(summary) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.objectives TO authenticated;

-- Name: COLUMN objectives.updated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(updated_at) ON TABLE public.objectives TO authenticated;

-- Name: outbox; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.outbox (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    tool_slug text NOT NULL,
    tool_version text,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    connected_account_id text,
    risk text DEFAULT 'low'::text NOT NULL,
    external_id text NOT NULL,
    trust_context jsonb DEFAULT '{}'::jsonb NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_run_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    lane smallint DEFAULT 0 NOT NULL,
    ordering_key text GENERATED ALWAYS AS ((metadata ->> 'ordering_key'::text)) STORED,
    verdicts jsonb DEFAULT '[]'::jsonb NOT NULL,
    result jsonb,
    approved_digest text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_token bigint,
    verdict_set uuid,
    must_run_before timestamp with time zone,
    CONSTRAINT outbox_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT outbox_external_id_check CHECK (((external_id <> ''::text) AND (length(external_id) <= 255))),
    CONSTRAINT outbox_next_run_at_check CHECK (isfinite(next_run_at)),
    CONSTRAINT outbox_risk_check CHECK ((risk = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
    CONSTRAINT outbox_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'awaiting_approval'::text, 'unknown'::text, 'success'::text, 'conflict'::text, 'rejected'::text, 'expired'::text, 'cancelled'::text]))),
    CONSTRAINT outbox_tool_slug_check CHECK ((tool_slug <> ''::text))
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.outbox ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.outbox ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.outbox ALTER COLUMN tool_slug SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN tool_version SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN arguments SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN connected_account_id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN risk SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN trust_context SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN attempts SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN next_run_at SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN last_error SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN lane SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN ordering_key SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN verdicts SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN result SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN approved_digest SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN settled_token SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN verdict_set SET STATISTICS 0;
ALTER TABLE ONLY public.outbox ALTER COLUMN must_run_before SET STATISTICS 0;

-- Name: COLUMN outbox.settled_token; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.settled_token IS 'Under which claim its last attempt was settled: the same settlement sent again is no lost lease.';

-- Name: COLUMN outbox.verdict_set; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.verdict_set IS 'Where an attempt was let through: its verdicts, in verdict_sets. Otherwise they are in the column verdicts.';

-- Name: COLUMN outbox.must_run_before; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.must_run_before IS 'No call to its tool begins at this moment or later: the envelope expires instead. Null: there is no such moment.';

-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

-- Name: outbox_external_id_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX outbox_external_id_uidx ON public.outbox USING btree (tenant_id, external_id);

-- Name: outbox_tenant_created_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX outbox_tenant_created_idx ON public.outbox USING btree (tenant_id, created_at DESC, id DESC);

-- Name: outbox outbox_emptied; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER outbox_emptied AFTER TRUNCATE ON public.outbox FOR EACH STATEMENT EXECUTE FUNCTION app_private.track_open();

-- Name: outbox outbox_moved; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER outbox_moved AFTER UPDATE ON public.outbox REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION app_private.track_open();

-- Name: outbox outbox_opened; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER outbox_opened AFTER INSERT ON public.outbox REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION app_private.track_open();

-- Name: outbox outbox_proposed; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER outbox_proposed AFTER INSERT ON public.outbox REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION app_private.check_proposed();

-- Name: outbox outbox_removed; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER outbox_removed AFTER DELETE ON public.outbox REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION app_private.track_open();

-- Name: outbox outbox_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: outbox; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

-- Name: outbox outbox_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY outbox_app ON public.outbox FOR SELECT TO app_ro, app_rw USING (true);

-- Name: outbox outbox_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY outbox_select ON public.outbox FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.outbox TO app_ro;
GRANT SELECT ON TABLE public.outbox TO app_rw;
GRANT SELECT ON TABLE public.outbox TO service_role;

-- Name: COLUMN outbox.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.tool_slug; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_slug) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.tool_version; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_version) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.arguments; Type: ACL; Schema: public; Owner: -
GRANT SELECT(arguments) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.connected_account_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(connected_account_id) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.risk; Type: ACL; Schema: public; Owner: -
GRANT SELECT(risk) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.external_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(external_id) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.trust_context; Type: ACL; Schema: public; Owner: -
GRANT SELECT(trust_context) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.metadata; Type: ACL; Schema: public; Owner: -
GRANT SELECT(metadata) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.status; Type: ACL; Schema: public; Owner: -
GRANT SELECT(status) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.attempts; Type: ACL; Schema: public; Owner: -
GRANT SELECT(attempts) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.next_run_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(next_run_at) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.last_error; Type: ACL; Schema: public; Owner: -
GRANT SELECT(last_error) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.lane; Type: ACL; Schema: public; Owner: -
GRANT SELECT(lane) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.ordering_key; Type: ACL; Schema: public; Owner: -
GRANT SELECT(ordering_key) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.verdicts; Type: ACL; Schema: public; Owner: -
GRANT SELECT(verdicts) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.result; Type: ACL; Schema: public; Owner: -
GRANT SELECT(result) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.approved_digest; Type: ACL; Schema: public; Owner: -
GRANT SELECT(approved_digest) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.updated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(updated_at) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.settled_token; Type: ACL; Schema: public; Owner: -
GRANT SELECT(settled_token) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.verdict_set; Type: ACL; Schema: public; Owner: -
GRANT SELECT(verdict_set) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.must_run_before; Type: ACL; Schema: public; Owner: -
GRANT SELECT(must_run_before) ON TABLE public.outbox TO authenticated;

-- Name: outbox_dlq; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.outbox_dlq (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    tool_slug text NOT NULL,
    tool_version text,
    arguments jsonb NOT NULL,
    connected_account_id text,
    risk text NOT NULL,
    external_id text NOT NULL,
    trust_context jsonb NOT NULL,
    metadata jsonb NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    last_error text NOT NULL,
    lane smallint DEFAULT 0 NOT NULL,
    verdicts jsonb DEFAULT '[]'::jsonb NOT NULL,
    doubtful boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    moved_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_token bigint,
    must_run_before timestamp with time zone,
    CONSTRAINT outbox_dlq_status_check CHECK ((status = ANY (ARRAY['failed'::text, 'denied'::text])))
);
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN tool_slug SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN tool_version SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN arguments SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN connected_account_id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN risk SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN trust_context SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN attempts SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN last_error SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN lane SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN verdicts SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN doubtful SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN moved_at SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN settled_token SET STATISTICS 0;
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN must_run_before SET STATISTICS 0;

-- Name: COLUMN outbox_dlq.doubtful; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox_dlq.doubtful IS 'Its effect may have happened: only a person who names it gives it back to the queue.';

-- Name: outbox_dlq outbox_dlq_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox_dlq
    ADD CONSTRAINT outbox_dlq_pkey PRIMARY KEY (tenant_id, id);

-- Name: outbox_dlq_external_id_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX outbox_dlq_external_id_uidx ON public.outbox_dlq USING btree (tenant_id, external_id);

-- Name: outbox_dlq_tenant_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX outbox_dlq_tenant_idx ON public.outbox_dlq USING btree (tenant_id, moved_at DESC);

-- Name: outbox_dlq outbox_dlq_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox_dlq
    ADD CONSTRAINT outbox_dlq_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: outbox_dlq; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.outbox_dlq ENABLE ROW LEVEL SECURITY;

-- Name: outbox_dlq outbox_dlq_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY outbox_dlq_app ON public.outbox_dlq FOR SELECT TO app_ro, app_rw USING (true);

-- Name: outbox_dlq outbox_dlq_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY outbox_dlq_select ON public.outbox_dlq FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE outbox_dlq; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.outbox_dlq TO app_ro;
GRANT SELECT ON TABLE public.outbox_dlq TO app_rw;
GRANT SELECT ON TABLE public.outbox_dlq TO service_role;

-- Name: COLUMN outbox_dlq.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.tool_slug; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_slug) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.tool_version; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_version) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.arguments; Type: ACL; Schema: public; Owner: -
GRANT SELECT(arguments) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.connected_account_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(connected_account_id) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.risk; Type: ACL; Schema: public; Owner: -
GRANT SELECT(risk) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.external_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(external_id) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.trust_context; Type: ACL; Schema: public; Owner: -
GRANT SELECT(trust_context) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.metadata; Type: ACL; Schema: public; Owner: -
GRANT SELECT(metadata) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.status; Type: ACL; Schema: public; Owner: -
GRANT SELECT(status) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.attempts; Type: ACL; Schema: public; Owner: -
GRANT SELECT(attempts) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.last_error; Type: ACL; Schema: public; Owner: -
GRANT SELECT(last_error) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.lane; Type: ACL; Schema: public; Owner: -
GRANT SELECT(lane) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.verdicts; Type: ACL; Schema: public; Owner: -
GRANT SELECT(verdicts) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.doubtful; Type: ACL; Schema: public; Owner: -
GRANT SELECT(doubtful) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.moved_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(moved_at) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.settled_token; Type: ACL; Schema: public; Owner: -
GRANT SELECT(settled_token) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.must_run_before; Type: ACL; Schema: public; Owner: -
GRANT SELECT(must_run_before) ON TABLE public.outbox_dlq TO authenticated;

-- Name: signals; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.signals (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tool_slug text NOT NULL,
    connected_account_id uuid,
    value jsonb NOT NULL,
    evidence_id uuid NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.signals ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.signals ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.signals ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.signals ALTER COLUMN tool_slug SET STATISTICS 0;
ALTER TABLE ONLY public.signals ALTER COLUMN connected_account_id SET STATISTICS 0;
ALTER TABLE ONLY public.signals ALTER COLUMN value SET STATISTICS 0;
ALTER TABLE ONLY public.signals ALTER COLUMN evidence_id SET STATISTICS 0;
ALTER TABLE ONLY public.signals ALTER COLUMN observed_at SET STATISTICS 0;
ALTER TABLE ONLY public.signals ALTER COLUMN changed_at SET STATISTICS 0;

-- Name: TABLE signals; Type: COMMENT; Schema: public; Owner: -
COMMENT ON TABLE public.signals IS 'What each tool said last to a scan, in short, and since when.';

-- Name: signals signals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.signals
    ADD CONSTRAINT signals_pkey PRIMARY KEY (tenant_id, id);

-- Name: signals_evidence_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX signals_evidence_idx ON public.signals USING btree (tenant_id, evidence_id);

-- Name: signals_tool_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX signals_tool_uidx ON public.signals USING btree (tenant_id, tool_slug, connected_account_id) NULLS NOT DISTINCT;

-- Name: signals signals_evidence_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.signals
    ADD CONSTRAINT signals_evidence_fkey FOREIGN KEY (tenant_id, evidence_id) REFERENCES public.evidence(tenant_id, id);

-- Name: signals signals_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.signals
    ADD CONSTRAINT signals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: signals; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.signals ENABLE ROW LEVEL SECURITY;

-- Name: signals signals_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY signals_app ON public.signals FOR SELECT TO app_ro, app_rw USING (true);

-- Name: signals signals_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY signals_select ON public.signals FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE signals; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.signals TO app_ro;
GRANT SELECT ON TABLE public.signals TO app_rw;
GRANT SELECT ON TABLE public.signals TO service_role;

-- Name: COLUMN signals.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.tool_slug; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_slug) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.connected_account_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(connected_account_id) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.value; Type: ACL; Schema: public; Owner: -
GRANT SELECT(value) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.evidence_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(evidence_id) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.observed_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(observed_at) ON TABLE public.signals TO authenticated;

-- Name: COLUMN signals.changed_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(changed_at) ON TABLE public.signals TO authenticated;

-- Name: tenants; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.tenants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    plan text DEFAULT 'standard'::text NOT NULL,
    lanes smallint DEFAULT 1 NOT NULL,
    paused_at timestamp with time zone,
    paused_reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_lanes_check CHECK (((lanes >= 1) AND (lanes <= 256))),
    CONSTRAINT tenants_name_check CHECK ((name <> ''::text)),
    CONSTRAINT tenants_paused_check CHECK (((paused_at IS NOT NULL) OR (paused_reason IS NULL)))
);
ALTER TABLE ONLY public.tenants ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN plan SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN lanes SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN paused_at SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN paused_reason SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN tenants.lanes; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tenants.lanes IS 'How many workers may serve this tenant at once; order is kept per ordering key.';

-- Name: tenants tenants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

-- Name: tenants_plan_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX tenants_plan_idx ON public.tenants USING btree (plan);

-- Name: tenants tenants_audited; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER tenants_audited AFTER INSERT OR DELETE OR UPDATE ON public.tenants FOR EACH ROW EXECUTE FUNCTION app_private.audit_change();

-- Name: tenants tenants_checked; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER tenants_checked BEFORE INSERT OR UPDATE ON public.tenants FOR EACH ROW EXECUTE FUNCTION app_private.check_tenant();

-- Name: tenants; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

-- Name: tenants tenants_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY tenants_app ON public.tenants FOR SELECT TO app_ro, app_rw USING (true);

-- Name: tenants tenants_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY tenants_select ON public.tenants FOR SELECT TO authenticated USING ((id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)));

-- Name: TABLE tenants; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.tenants TO app_ro;
GRANT SELECT ON TABLE public.tenants TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenants TO service_role;

-- Name: COLUMN tenants.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.name; Type: ACL; Schema: public; Owner: -
GRANT SELECT(name) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.plan; Type: ACL; Schema: public; Owner: -
GRANT SELECT(plan) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.lanes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(lanes) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.paused_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(paused_at) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.paused_reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(paused_reason) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.updated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(updated_at) ON TABLE public.tenants TO authenticated;

-- Name: tool_catalog; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.tool_catalog (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    tool_slug text NOT NULL,
    display_name text DEFAULT ''::text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    version text NOT NULL,
    risk text DEFAULT 'low'::text NOT NULL,
    schema jsonb DEFAULT '{}'::jsonb NOT NULL,
    required_scopes text[] DEFAULT '{}'::text[] NOT NULL,
    provider text DEFAULT 'composio'::text NOT NULL,
    config jsonb DEFAULT '{}'::jsonb NOT NULL,
    idempotent boolean DEFAULT false NOT NULL,
    rate_bucket text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    annotations jsonb DEFAULT '{}'::jsonb NOT NULL,
    schema_hash text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    drift text[] DEFAULT '{}'::text[] NOT NULL,
    scan jsonb,
    CONSTRAINT tool_catalog_drift_check CHECK ((octet_length((drift)::text) <= 65536)),
    CONSTRAINT tool_catalog_risk_check CHECK ((risk = ANY (ARRAY['low'::text, 'medium'::text, 'high'::text]))),
    CONSTRAINT tool_catalog_status_check CHECK ((status = ANY (ARRAY['active'::text, 'drifted'::text, 'blocked'::text, 'quarantined'::text, 'rejected'::text, 'retired'::text, 'removed'::text]))),
    CONSTRAINT tool_catalog_tool_slug_check CHECK ((tool_slug <> ''::text)),
    CONSTRAINT tool_catalog_version_check CHECK ((version <> ''::text))
);
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN tool_slug SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN display_name SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN version SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN risk SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN schema SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN required_scopes SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN provider SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN config SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN idempotent SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN rate_bucket SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN source SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN annotations SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN schema_hash SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN drift SET STATISTICS 0;
ALTER TABLE ONLY public.tool_catalog ALTER COLUMN scan SET STATISTICS 0;

-- Name: COLUMN tool_catalog.source; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tool_catalog.source IS 'Where the provider found it: a server, a toolkit, a manifest. Empty for a tool that a person added.';

-- Name: COLUMN tool_catalog.schema_hash; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tool_catalog.schema_hash IS 'SHA-256 of what the provider said of the tool, as canonical JSON: services/catalog/definition.py.';

-- Name: COLUMN tool_catalog.status; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tool_catalog.status IS 'active: may be called. drifted, blocked: the provider changed it, and nobody has decided, or somebody said no; quarantined, rejected: the changed definition, or a tool that is new. retired: another version took its place. removed: not offered now.';

-- Name: COLUMN tool_catalog.drift; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tool_catalog.drift IS 'What changed against the accepted version, a line each; text from outside.';

-- Name: COLUMN tool_catalog.scan; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tool_catalog.scan IS 'How scans call it: {category, arguments}; null where they do not.';

-- Name: tool_catalog tool_catalog_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.tool_catalog
    ADD CONSTRAINT tool_catalog_pkey PRIMARY KEY (tenant_id, id);

-- Name: tool_catalog_tenant_slug_version_idx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX tool_catalog_tenant_slug_version_idx ON public.tool_catalog USING btree (tenant_id, tool_slug, version);

-- Name: tool_catalog number_row; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON public.tool_catalog FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: tool_catalog tool_catalog_audited; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER tool_catalog_audited AFTER INSERT OR DELETE OR UPDATE ON public.tool_catalog FOR EACH ROW EXECUTE FUNCTION app_private.audit_change();

-- Name: tool_catalog tool_catalog_checked; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER tool_catalog_checked BEFORE INSERT OR UPDATE ON public.tool_catalog FOR EACH ROW EXECUTE FUNCTION app_private.check_tool();

-- Name: tool_catalog tool_catalog_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.tool_catalog
    ADD CONSTRAINT tool_catalog_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: tool_catalog; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.tool_catalog ENABLE ROW LEVEL SECURITY;

-- Name: tool_catalog tool_catalog_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY tool_catalog_app ON public.tool_catalog FOR SELECT TO app_ro, app_rw USING (true);

-- Name: tool_catalog tool_catalog_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY tool_catalog_select ON public.tool_catalog FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE tool_catalog; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.tool_catalog TO app_ro;
GRANT SELECT ON TABLE public.tool_catalog TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tool_catalog TO service_role;

-- Name: COLUMN tool_catalog.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.tool_slug; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_slug) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.display_name; Type: ACL; Schema: public; Owner: -
GRANT SELECT(display_name) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.description; Type: ACL; Schema: public; Owner: -
GRANT SELECT(description) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.version; Type: ACL; Schema: public; Owner: -
GRANT SELECT(version) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.risk; Type: ACL; Schema: public; Owner: -
GRANT SELECT(risk) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.schema; Type: ACL; Schema: public; Owner: -
GRANT SELECT(schema) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.required_scopes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(required_scopes) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.provider; Type: ACL; Schema: public; Owner: -
GRANT SELECT(provider) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.config; Type: ACL; Schema: public; Owner: -
GRANT SELECT(config) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.idempotent; Type: ACL; Schema: public; Owner: -
GRANT SELECT(idempotent) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.rate_bucket; Type: ACL; Schema: public; Owner: -
GRANT SELECT(rate_bucket) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.updated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(updated_at) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.source; Type: ACL; Schema: public; Owner: -
GRANT SELECT(source) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.annotations; Type: ACL; Schema: public; Owner: -
GRANT SELECT(annotations) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.schema_hash; Type: ACL; Schema: public; Owner: -
GRANT SELECT(schema_hash) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.status; Type: ACL; Schema: public; Owner: -
GRANT SELECT(status) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.drift; Type: ACL; Schema: public; Owner: -
GRANT SELECT(drift) ON TABLE public.tool_catalog TO authenticated;

-- Name: COLUMN tool_catalog.scan; Type: ACL; Schema: public; Owner: -
GRANT SELECT(scan) ON TABLE public.tool_catalog TO authenticated;

-- Name: verdict_sets; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.verdict_sets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    verdicts jsonb NOT NULL
);
ALTER TABLE ONLY public.verdict_sets ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.verdict_sets ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY public.verdict_sets ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY public.verdict_sets ALTER COLUMN verdicts SET STATISTICS 0;

-- Name: TABLE verdict_sets; Type: COMMENT; Schema: public; Owner: -
COMMENT ON TABLE public.verdict_sets IS 'Verdicts that outbox.verdict_set refers to; id is made of their text.';

-- Name: verdict_sets verdict_sets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.verdict_sets
    ADD CONSTRAINT verdict_sets_pkey PRIMARY KEY (tenant_id, id);

-- Name: verdict_sets verdict_sets_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.verdict_sets
    ADD CONSTRAINT verdict_sets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: verdict_sets; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.verdict_sets ENABLE ROW LEVEL SECURITY;

-- Name: verdict_sets verdict_sets_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY verdict_sets_app ON public.verdict_sets FOR SELECT TO app_ro, app_rw USING (true);

-- Name: verdict_sets verdict_sets_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY verdict_sets_select ON public.verdict_sets FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE verdict_sets; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.verdict_sets TO app_ro;
GRANT SELECT ON TABLE public.verdict_sets TO app_rw;
GRANT SELECT ON TABLE public.verdict_sets TO service_role;

-- Name: COLUMN verdict_sets.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.verdict_sets TO authenticated;

-- Name: COLUMN verdict_sets.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.verdict_sets TO authenticated;

-- Name: COLUMN verdict_sets.verdicts; Type: ACL; Schema: public; Owner: -
GRANT SELECT(verdicts) ON TABLE public.verdict_sets TO authenticated;

-- Name: rca; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA rca;

-- Name: SCHEMA rca; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA rca TO app_owner;
GRANT USAGE ON SCHEMA rca TO app_ro;
GRANT USAGE ON SCHEMA rca TO app_rw;
GRANT USAGE ON SCHEMA rca TO authenticated;
GRANT USAGE ON SCHEMA rca TO service_role;

-- Name: business_labels; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.business_labels (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    label_type text NOT NULL,
    label text NOT NULL,
    aliases jsonb,
    system_id text,
    metric_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT business_labels_label_type_check CHECK ((label_type = ANY (ARRAY['system'::text, 'metric'::text, 'reconciliation_type'::text])))
);
ALTER TABLE ONLY rca.business_labels ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.business_labels ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN label_type SET STATISTICS 0;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN label SET STATISTICS 0;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN aliases SET STATISTICS 0;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN system_id SET STATISTICS 0;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN metric_id SET STATISTICS 0;
ALTER TABLE ONLY rca.business_labels ALTER COLUMN created_at SET STATISTICS 0;

-- Name: business_labels business_labels_aliases_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.business_labels
    ADD CONSTRAINT business_labels_aliases_fits CHECK (app_private.fits('aliases'::text, aliases)) NOT VALID;

-- Name: business_labels business_labels_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.business_labels
    ADD CONSTRAINT business_labels_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: business_labels business_labels_label_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.business_labels
    ADD CONSTRAINT business_labels_label_fits CHECK (app_private.fits('label'::text, label)) NOT VALID;

-- Name: business_labels business_labels_label_type_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.business_labels
    ADD CONSTRAINT business_labels_label_type_fits CHECK (app_private.fits('label_type'::text, label_type)) NOT VALID;

-- Name: business_labels business_labels_metric_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.business_labels
    ADD CONSTRAINT business_labels_metric_id_fits CHECK (app_private.fits('metric_id'::text, metric_id)) NOT VALID;

-- Name: business_labels business_labels_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.business_labels
    ADD CONSTRAINT business_labels_pkey PRIMARY KEY (tenant_id, id);

-- Name: business_labels business_labels_system_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.business_labels
    ADD CONSTRAINT business_labels_system_id_fits CHECK (app_private.fits('system_id'::text, system_id)) NOT VALID;

-- Name: idx_business_labels_metric; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_business_labels_metric ON rca.business_labels USING btree (tenant_id, metric_id);

-- Name: business_labels number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.business_labels FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: business_labels business_labels_metric_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.business_labels
    ADD CONSTRAINT business_labels_metric_id_fkey FOREIGN KEY (tenant_id, metric_id) REFERENCES rca.metrics(tenant_id, id);

-- Name: business_labels business_labels_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.business_labels
    ADD CONSTRAINT business_labels_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: business_labels; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.business_labels ENABLE ROW LEVEL SECURITY;

-- Name: business_labels business_labels_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY business_labels_app_ro ON rca.business_labels FOR SELECT TO app_ro USING (true);

-- Name: business_labels business_labels_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY business_labels_app_rw ON rca.business_labels TO app_rw USING (true);

-- Name: business_labels business_labels_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY business_labels_tenant ON rca.business_labels FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE business_labels; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.business_labels TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.business_labels TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.business_labels TO service_role;

-- Name: COLUMN business_labels.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.label_type; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(label_type) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.label; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(label) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.aliases; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(aliases) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.system_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(system_id) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.metric_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(metric_id) ON TABLE rca.business_labels TO authenticated;

-- Name: COLUMN business_labels.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.business_labels TO authenticated;

-- Name: clarification_answers; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.clarification_answers (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    question_id uuid NOT NULL,
    answer_text text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY rca.clarification_answers ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.clarification_answers ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.clarification_answers ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_answers ALTER COLUMN question_id SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_answers ALTER COLUMN answer_text SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_answers ALTER COLUMN created_at SET STATISTICS 0;

-- Name: clarification_answers clarification_answers_answer_text_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_answers
    ADD CONSTRAINT clarification_answers_answer_text_fits CHECK (app_private.fits('answer_text'::text, answer_text)) NOT VALID;

-- Name: clarification_answers clarification_answers_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_answers
    ADD CONSTRAINT clarification_answers_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: clarification_answers clarification_answers_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_answers
    ADD CONSTRAINT clarification_answers_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_clarification_answers_question; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_clarification_answers_question ON rca.clarification_answers USING btree (tenant_id, question_id);

-- Name: clarification_answers clarification_answers_question_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_answers
    ADD CONSTRAINT clarification_answers_question_id_fkey FOREIGN KEY (tenant_id, question_id) REFERENCES rca.clarification_questions(tenant_id, id);

-- Name: clarification_answers clarification_answers_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_answers
    ADD CONSTRAINT clarification_answers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: clarification_answers; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.clarification_answers ENABLE ROW LEVEL SECURITY;

-- Name: clarification_answers clarification_answers_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_answers_app_ro ON rca.clarification_answers FOR SELECT TO app_ro USING (true);

-- Name: clarification_answers clarification_answers_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_answers_app_rw ON rca.clarification_answers TO app_rw USING (true);

-- Name: clarification_answers clarification_answers_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_answers_tenant ON rca.clarification_answers FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE clarification_answers; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.clarification_answers TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.clarification_answers TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.clarification_answers TO service_role;

-- Name: COLUMN clarification_answers.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.clarification_answers TO authenticated;

-- Name: COLUMN clarification_answers.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.clarification_answers TO authenticated;

-- Name: COLUMN clarification_answers.question_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(question_id) ON TABLE rca.clarification_answers TO authenticated;

-- Name: COLUMN clarification_answers.answer_text; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(answer_text) ON TABLE rca.clarification_answers TO authenticated;

-- Name: COLUMN clarification_answers.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.clarification_answers TO authenticated;

-- Name: clarification_questions; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.clarification_questions (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    question_text text NOT NULL,
    missing_pieces jsonb,
    confidence double precision,
    partial_understanding jsonb,
    response_hints jsonb,
    question_order integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT clarification_questions_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision)))
);
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN session_id SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN question_text SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN missing_pieces SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN partial_understanding SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN response_hints SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN question_order SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_questions ALTER COLUMN created_at SET STATISTICS 0;

-- Name: clarification_questions clarification_questions_confidence_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions
    ADD CONSTRAINT clarification_questions_confidence_fits CHECK (app_private.fits('confidence'::text, confidence)) NOT VALID;

-- Name: clarification_questions clarification_questions_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions
    ADD CONSTRAINT clarification_questions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: clarification_questions clarification_questions_missing_pieces_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions
    ADD CONSTRAINT clarification_questions_missing_pieces_fits CHECK (app_private.fits('missing_pieces'::text, missing_pieces)) NOT VALID;

-- Name: clarification_questions clarification_questions_partial_understanding_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions
    ADD CONSTRAINT clarification_questions_partial_understanding_fits CHECK (app_private.fits('partial_understanding'::text, partial_understanding)) NOT VALID;

-- Name: clarification_questions clarification_questions_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_questions
    ADD CONSTRAINT clarification_questions_pkey PRIMARY KEY (tenant_id, id);

-- Name: clarification_questions clarification_questions_question_text_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions
    ADD CONSTRAINT clarification_questions_question_text_fits CHECK (app_private.fits('question_text'::text, question_text)) NOT VALID;

-- Name: clarification_questions clarification_questions_response_hints_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions
    ADD CONSTRAINT clarification_questions_response_hints_fits CHECK (app_private.fits('response_hints'::text, response_hints)) NOT VALID;

-- Name: idx_clarification_questions_session; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_clarification_questions_session ON rca.clarification_questions USING btree (tenant_id, session_id);

-- Name: clarification_questions clarification_questions_session_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_questions
    ADD CONSTRAINT clarification_questions_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES rca.clarification_sessions(tenant_id, id);

-- Name: clarification_questions clarification_questions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_questions
    ADD CONSTRAINT clarification_questions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: clarification_questions; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.clarification_questions ENABLE ROW LEVEL SECURITY;

-- Name: clarification_questions clarification_questions_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_questions_app_ro ON rca.clarification_questions FOR SELECT TO app_ro USING (true);

-- Name: clarification_questions clarification_questions_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_questions_app_rw ON rca.clarification_questions TO app_rw USING (true);

-- Name: clarification_questions clarification_questions_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_questions_tenant ON rca.clarification_questions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE clarification_questions; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.clarification_questions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.clarification_questions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.clarification_questions TO service_role;

-- Name: COLUMN clarification_questions.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.session_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(session_id) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.question_text; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(question_text) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.missing_pieces; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(missing_pieces) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.confidence; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(confidence) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.partial_understanding; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(partial_understanding) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.response_hints; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(response_hints) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.question_order; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(question_order) ON TABLE rca.clarification_questions TO authenticated;

-- Name: COLUMN clarification_questions.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.clarification_questions TO authenticated;

-- Name: clarification_sessions; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.clarification_sessions (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    original_query text NOT NULL,
    status text NOT NULL,
    confidence double precision,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT clarification_sessions_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT clarification_sessions_status_check CHECK ((status = ANY (ARRAY['needs_clarification'::text, 'clarified'::text, 'compiled'::text])))
);
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN original_query SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.clarification_sessions ALTER COLUMN resolved_at SET STATISTICS 0;

-- Name: clarification_sessions clarification_sessions_confidence_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_confidence_fits CHECK (app_private.fits('confidence'::text, confidence)) NOT VALID;

-- Name: clarification_sessions clarification_sessions_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: clarification_sessions clarification_sessions_original_query_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_original_query_fits CHECK (app_private.fits('original_query'::text, original_query)) NOT VALID;

-- Name: clarification_sessions clarification_sessions_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_pkey PRIMARY KEY (tenant_id, id);

-- Name: clarification_sessions clarification_sessions_resolved_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_resolved_at_fits CHECK (app_private.fits('resolved_at'::text, resolved_at)) NOT VALID;

-- Name: clarification_sessions clarification_sessions_status_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: clarification_sessions clarification_sessions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.clarification_sessions
    ADD CONSTRAINT clarification_sessions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: clarification_sessions; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.clarification_sessions ENABLE ROW LEVEL SECURITY;

-- Name: clarification_sessions clarification_sessions_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_sessions_app_ro ON rca.clarification_sessions FOR SELECT TO app_ro USING (true);

-- Name: clarification_sessions clarification_sessions_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_sessions_app_rw ON rca.clarification_sessions TO app_rw USING (true);

-- Name: clarification_sessions clarification_sessions_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY clarification_sessions_tenant ON rca.clarification_sessions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE clarification_sessions; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.clarification_sessions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.clarification_sessions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.clarification_sessions TO service_role;

-- Name: COLUMN clarification_sessions.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: COLUMN clarification_sessions.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: COLUMN clarification_sessions.original_query; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(original_query) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: COLUMN clarification_sessions.status; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(status) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: COLUMN clarification_sessions.confidence; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(confidence) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: COLUMN clarification_sessions.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: COLUMN clarification_sessions.resolved_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(resolved_at) ON TABLE rca.clarification_sessions TO authenticated;

-- Name: compiled_intents; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.compiled_intents (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    intent jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY rca.compiled_intents ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.compiled_intents ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.compiled_intents ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.compiled_intents ALTER COLUMN session_id SET STATISTICS 0;
ALTER TABLE ONLY rca.compiled_intents ALTER COLUMN intent SET STATISTICS 0;
ALTER TABLE ONLY rca.compiled_intents ALTER COLUMN created_at SET STATISTICS 0;

-- Name: compiled_intents compiled_intents_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.compiled_intents
    ADD CONSTRAINT compiled_intents_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: compiled_intents compiled_intents_intent_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.compiled_intents
    ADD CONSTRAINT compiled_intents_intent_fits CHECK (app_private.fits('intent'::text, intent)) NOT VALID;

-- Name: compiled_intents compiled_intents_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.compiled_intents
    ADD CONSTRAINT compiled_intents_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_compiled_intents_session; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_compiled_intents_session ON rca.compiled_intents USING btree (tenant_id, session_id);

-- Name: compiled_intents compiled_intents_session_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.compiled_intents
    ADD CONSTRAINT compiled_intents_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES rca.clarification_sessions(tenant_id, id);

-- Name: compiled_intents compiled_intents_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.compiled_intents
    ADD CONSTRAINT compiled_intents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: compiled_intents; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.compiled_intents ENABLE ROW LEVEL SECURITY;

-- Name: compiled_intents compiled_intents_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY compiled_intents_app_ro ON rca.compiled_intents FOR SELECT TO app_ro USING (true);

-- Name: compiled_intents compiled_intents_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY compiled_intents_app_rw ON rca.compiled_intents TO app_rw USING (true);

-- Name: compiled_intents compiled_intents_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY compiled_intents_tenant ON rca.compiled_intents FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE compiled_intents; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.compiled_intents TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.compiled_intents TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.compiled_intents TO service_role;

-- Name: COLUMN compiled_intents.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.compiled_intents TO authenticated;

-- Name: COLUMN compiled_intents.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.compiled_intents TO authenticated;

-- Name: COLUMN compiled_intents.session_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(session_id) ON TABLE rca.compiled_intents TO authenticated;

-- Name: COLUMN compiled_intents.intent; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(intent) ON TABLE rca.compiled_intents TO authenticated;

-- Name: COLUMN compiled_intents.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.compiled_intents TO authenticated;

-- Name: entities; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.entities (
    tenant_id uuid NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    description text,
    grain jsonb,
    attributes jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT entities_attributes_check CHECK ((jsonb_typeof(attributes) = 'array'::text)),
    CONSTRAINT entities_grain_check CHECK ((jsonb_typeof(grain) = 'array'::text)),
    CONSTRAINT entities_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255)))
);
ALTER TABLE ONLY rca.entities ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.entities ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.entities ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.entities ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY rca.entities ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY rca.entities ALTER COLUMN grain SET STATISTICS 0;
ALTER TABLE ONLY rca.entities ALTER COLUMN attributes SET STATISTICS 0;
ALTER TABLE ONLY rca.entities ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.entities ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: entities entities_attributes_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_attributes_fits CHECK (app_private.fits('attributes'::text, attributes)) NOT VALID;

-- Name: entities entities_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: entities entities_description_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_description_fits CHECK (app_private.fits('description'::text, description)) NOT VALID;

-- Name: entities entities_grain_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_grain_fits CHECK (app_private.fits('grain'::text, grain)) NOT VALID;

-- Name: entities entities_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_id_fits CHECK (app_private.fits('id'::text, id)) NOT VALID;

-- Name: entities entities_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_name_fits CHECK (app_private.fits('name'::text, name)) NOT VALID;

-- Name: entities entities_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.entities
    ADD CONSTRAINT entities_pkey PRIMARY KEY (tenant_id, id);

-- Name: entities entities_updated_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.entities
    ADD CONSTRAINT entities_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: entities set_entities_updated_at; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER set_entities_updated_at BEFORE UPDATE ON rca.entities FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: entities entities_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.entities
    ADD CONSTRAINT entities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: entities; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.entities ENABLE ROW LEVEL SECURITY;

-- Name: entities entities_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY entities_app_ro ON rca.entities FOR SELECT TO app_ro USING (true);

-- Name: entities entities_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY entities_app_rw ON rca.entities TO app_rw USING (true);

-- Name: entities entities_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY entities_tenant ON rca.entities FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE entities; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.entities TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.entities TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.entities TO service_role;

-- Name: COLUMN entities.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(name) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.description; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(description) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.grain; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(grain) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.attributes; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(attributes) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.entities TO authenticated;

-- Name: COLUMN entities.updated_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(updated_at) ON TABLE rca.entities TO authenticated;

-- Name: exceptions; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.exceptions (
    tenant_id uuid NOT NULL,
    id text NOT NULL,
    description text,
    table_name text,
    filter_condition text,
    applies_to jsonb,
    override_fields jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT exceptions_applies_to_check CHECK ((jsonb_typeof(applies_to) = 'array'::text)),
    CONSTRAINT exceptions_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255)))
);
ALTER TABLE ONLY rca.exceptions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.exceptions ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN table_name SET STATISTICS 0;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN filter_condition SET STATISTICS 0;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN applies_to SET STATISTICS 0;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN override_fields SET STATISTICS 0;
ALTER TABLE ONLY rca.exceptions ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN exceptions.applies_to; Type: COMMENT; Schema: rca; Owner: -
COMMENT ON COLUMN rca.exceptions.applies_to IS 'Ids of rules or names of tables; some metadata names rules that do not exist.';

-- Name: exceptions exceptions_applies_to_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_applies_to_fits CHECK (app_private.fits('applies_to'::text, applies_to)) NOT VALID;

-- Name: exceptions exceptions_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: exceptions exceptions_description_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_description_fits CHECK (app_private.fits('description'::text, description)) NOT VALID;

-- Name: exceptions exceptions_filter_condition_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_filter_condition_fits CHECK (app_private.fits('filter_condition'::text, filter_condition)) NOT VALID;

-- Name: exceptions exceptions_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_id_fits CHECK (app_private.fits('id'::text, id)) NOT VALID;

-- Name: exceptions exceptions_override_fields_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_override_fields_fits CHECK (app_private.fits('override_fields'::text, override_fields)) NOT VALID;

-- Name: exceptions exceptions_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.exceptions
    ADD CONSTRAINT exceptions_pkey PRIMARY KEY (tenant_id, id);

-- Name: exceptions exceptions_table_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.exceptions
    ADD CONSTRAINT exceptions_table_name_fits CHECK (app_private.fits('table_name'::text, table_name)) NOT VALID;

-- Name: idx_exceptions_table; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_exceptions_table ON rca.exceptions USING btree (tenant_id, table_name);

-- Name: exceptions exceptions_table_name_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.exceptions
    ADD CONSTRAINT exceptions_table_name_fkey FOREIGN KEY (tenant_id, table_name) REFERENCES rca.tables(tenant_id, name);

-- Name: exceptions exceptions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.exceptions
    ADD CONSTRAINT exceptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: exceptions; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.exceptions ENABLE ROW LEVEL SECURITY;

-- Name: exceptions exceptions_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY exceptions_app_ro ON rca.exceptions FOR SELECT TO app_ro USING (true);

-- Name: exceptions exceptions_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY exceptions_app_rw ON rca.exceptions TO app_rw USING (true);

-- Name: exceptions exceptions_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY exceptions_tenant ON rca.exceptions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE exceptions; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.exceptions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.exceptions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.exceptions TO service_role;

-- Name: COLUMN exceptions.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.description; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(description) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.table_name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(table_name) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.filter_condition; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(filter_condition) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.applies_to; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(applies_to) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.override_fields; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(override_fields) ON TABLE rca.exceptions TO authenticated;

-- Name: COLUMN exceptions.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.exceptions TO authenticated;

-- Name: identity_mappings; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.identity_mappings (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    entity_id text,
    canonical_key text,
    system text,
    key_name text,
    mapping_table text,
    confidence text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN entity_id SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN canonical_key SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN system SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN key_name SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN mapping_table SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY rca.identity_mappings ALTER COLUMN created_at SET STATISTICS 0;

-- Name: identity_mappings identity_mappings_canonical_key_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_canonical_key_fits CHECK (app_private.fits('canonical_key'::text, canonical_key)) NOT VALID;

-- Name: identity_mappings identity_mappings_confidence_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_confidence_fits CHECK (app_private.fits('confidence'::text, confidence)) NOT VALID;

-- Name: identity_mappings identity_mappings_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: identity_mappings identity_mappings_entity_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_entity_id_fits CHECK (app_private.fits('entity_id'::text, entity_id)) NOT VALID;

-- Name: identity_mappings identity_mappings_key_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_key_name_fits CHECK (app_private.fits('key_name'::text, key_name)) NOT VALID;

-- Name: identity_mappings identity_mappings_mapping_table_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_mapping_table_fits CHECK (app_private.fits('mapping_table'::text, mapping_table)) NOT VALID;

-- Name: identity_mappings identity_mappings_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.identity_mappings
    ADD CONSTRAINT identity_mappings_pkey PRIMARY KEY (tenant_id, id);

-- Name: identity_mappings identity_mappings_system_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings
    ADD CONSTRAINT identity_mappings_system_fits CHECK (app_private.fits('system'::text, system)) NOT VALID;

-- Name: idx_identity_mappings_entity; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_identity_mappings_entity ON rca.identity_mappings USING btree (tenant_id, entity_id);

-- Name: identity_mappings number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.identity_mappings FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: identity_mappings identity_mappings_entity_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.identity_mappings
    ADD CONSTRAINT identity_mappings_entity_id_fkey FOREIGN KEY (tenant_id, entity_id) REFERENCES rca.entities(tenant_id, id);

-- Name: identity_mappings identity_mappings_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.identity_mappings
    ADD CONSTRAINT identity_mappings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: identity_mappings; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.identity_mappings ENABLE ROW LEVEL SECURITY;

-- Name: identity_mappings identity_mappings_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY identity_mappings_app_ro ON rca.identity_mappings FOR SELECT TO app_ro USING (true);

-- Name: identity_mappings identity_mappings_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY identity_mappings_app_rw ON rca.identity_mappings TO app_rw USING (true);

-- Name: identity_mappings identity_mappings_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY identity_mappings_tenant ON rca.identity_mappings FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE identity_mappings; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.identity_mappings TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.identity_mappings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.identity_mappings TO service_role;

-- Name: COLUMN identity_mappings.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.entity_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(entity_id) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.canonical_key; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(canonical_key) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.system; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(system) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.key_name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(key_name) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.mapping_table; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(mapping_table) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.confidence; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(confidence) ON TABLE rca.identity_mappings TO authenticated;

-- Name: COLUMN identity_mappings.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.identity_mappings TO authenticated;

-- Name: knowledge_relationships; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.knowledge_relationships (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    from_term_id bigint NOT NULL,
    to_term_id bigint NOT NULL,
    relationship_type text,
    strength double precision,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT knowledge_relationships_relationship_type_check CHECK ((relationship_type = ANY (ARRAY['synonym'::text, 'related'::text, 'part_of'::text]))),
    CONSTRAINT knowledge_relationships_strength_check CHECK (((strength >= (0)::double precision) AND (strength <= (1)::double precision)))
);
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN from_term_id SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN to_term_id SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN relationship_type SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN strength SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_relationships ALTER COLUMN created_at SET STATISTICS 0;

-- Name: knowledge_relationships knowledge_relationships_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: knowledge_relationships knowledge_relationships_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_pkey PRIMARY KEY (tenant_id, id);

-- Name: knowledge_relationships knowledge_relationships_relationship_type_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_relationship_type_fits CHECK (app_private.fits('relationship_type'::text, relationship_type)) NOT VALID;

-- Name: knowledge_relationships knowledge_relationships_strength_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_strength_fits CHECK (app_private.fits('strength'::text, strength)) NOT VALID;

-- Name: idx_knowledge_relationships_from; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_knowledge_relationships_from ON rca.knowledge_relationships USING btree (tenant_id, from_term_id);

-- Name: idx_knowledge_relationships_to; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_knowledge_relationships_to ON rca.knowledge_relationships USING btree (tenant_id, to_term_id);

-- Name: knowledge_relationships number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.knowledge_relationships FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: knowledge_relationships knowledge_relationships_from_term_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_from_term_id_fkey FOREIGN KEY (tenant_id, from_term_id) REFERENCES rca.knowledge_terms(tenant_id, id);

-- Name: knowledge_relationships knowledge_relationships_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: knowledge_relationships knowledge_relationships_to_term_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_relationships
    ADD CONSTRAINT knowledge_relationships_to_term_id_fkey FOREIGN KEY (tenant_id, to_term_id) REFERENCES rca.knowledge_terms(tenant_id, id);

-- Name: knowledge_relationships; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_relationships ENABLE ROW LEVEL SECURITY;

-- Name: knowledge_relationships knowledge_relationships_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_relationships_app_ro ON rca.knowledge_relationships FOR SELECT TO app_ro USING (true);

-- Name: knowledge_relationships knowledge_relationships_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_relationships_app_rw ON rca.knowledge_relationships TO app_rw USING (true);

-- Name: knowledge_relationships knowledge_relationships_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_relationships_tenant ON rca.knowledge_relationships FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE knowledge_relationships; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.knowledge_relationships TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.knowledge_relationships TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.knowledge_relationships TO service_role;

-- Name: COLUMN knowledge_relationships.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: COLUMN knowledge_relationships.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: COLUMN knowledge_relationships.from_term_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(from_term_id) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: COLUMN knowledge_relationships.to_term_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(to_term_id) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: COLUMN knowledge_relationships.relationship_type; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(relationship_type) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: COLUMN knowledge_relationships.strength; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(strength) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: COLUMN knowledge_relationships.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.knowledge_relationships TO authenticated;

-- Name: knowledge_table_mappings; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.knowledge_table_mappings (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    term_id bigint NOT NULL,
    table_name text NOT NULL,
    relevance_score double precision,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT knowledge_table_mappings_relevance_score_check CHECK (((relevance_score >= (0)::double precision) AND (relevance_score <= (1)::double precision)))
);
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN term_id SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN table_name SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN relevance_score SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_table_mappings ALTER COLUMN created_at SET STATISTICS 0;

-- Name: knowledge_table_mappings knowledge_table_mappings_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: knowledge_table_mappings knowledge_table_mappings_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_pkey PRIMARY KEY (tenant_id, id);

-- Name: knowledge_table_mappings knowledge_table_mappings_relevance_score_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_relevance_score_fits CHECK (app_private.fits('relevance_score'::text, relevance_score)) NOT VALID;

-- Name: knowledge_table_mappings knowledge_table_mappings_table_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_table_name_fits CHECK (app_private.fits('table_name'::text, table_name)) NOT VALID;

-- Name: idx_knowledge_table_mappings_table; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_knowledge_table_mappings_table ON rca.knowledge_table_mappings USING btree (tenant_id, table_name);

-- Name: idx_knowledge_table_mappings_term; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_knowledge_table_mappings_term ON rca.knowledge_table_mappings USING btree (tenant_id, term_id);

-- Name: knowledge_table_mappings number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.knowledge_table_mappings FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: knowledge_table_mappings knowledge_table_mappings_table_name_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_table_name_fkey FOREIGN KEY (tenant_id, table_name) REFERENCES rca.tables(tenant_id, name);

-- Name: knowledge_table_mappings knowledge_table_mappings_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: knowledge_table_mappings knowledge_table_mappings_term_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_table_mappings
    ADD CONSTRAINT knowledge_table_mappings_term_id_fkey FOREIGN KEY (tenant_id, term_id) REFERENCES rca.knowledge_terms(tenant_id, id);

-- Name: knowledge_table_mappings; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_table_mappings ENABLE ROW LEVEL SECURITY;

-- Name: knowledge_table_mappings knowledge_table_mappings_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_table_mappings_app_ro ON rca.knowledge_table_mappings FOR SELECT TO app_ro USING (true);

-- Name: knowledge_table_mappings knowledge_table_mappings_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_table_mappings_app_rw ON rca.knowledge_table_mappings TO app_rw USING (true);

-- Name: knowledge_table_mappings knowledge_table_mappings_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_table_mappings_tenant ON rca.knowledge_table_mappings FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE knowledge_table_mappings; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.knowledge_table_mappings TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.knowledge_table_mappings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.knowledge_table_mappings TO service_role;

-- Name: COLUMN knowledge_table_mappings.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.knowledge_table_mappings TO authenticated;

-- Name: COLUMN knowledge_table_mappings.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.knowledge_table_mappings TO authenticated;

-- Name: COLUMN knowledge_table_mappings.term_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(term_id) ON TABLE rca.knowledge_table_mappings TO authenticated;

-- Name: COLUMN knowledge_table_mappings.table_name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(table_name) ON TABLE rca.knowledge_table_mappings TO authenticated;

-- Name: COLUMN knowledge_table_mappings.relevance_score; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(relevance_score) ON TABLE rca.knowledge_table_mappings TO authenticated;

-- Name: COLUMN knowledge_table_mappings.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.knowledge_table_mappings TO authenticated;

-- Name: knowledge_terms; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.knowledge_terms (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    term text NOT NULL,
    definition text,
    category text,
    aliases jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT knowledge_terms_category_check CHECK ((category = ANY (ARRAY['business'::text, 'technical'::text, 'domain'::text]))),
    CONSTRAINT knowledge_terms_term_check CHECK (((length(term) >= 1) AND (length(term) <= 255)))
);
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN term SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN definition SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN category SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN aliases SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.knowledge_terms ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: knowledge_terms knowledge_terms_aliases_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_aliases_fits CHECK (app_private.fits('aliases'::text, aliases)) NOT VALID;

-- Name: knowledge_terms knowledge_terms_category_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_category_fits CHECK (app_private.fits('category'::text, category)) NOT VALID;

-- Name: knowledge_terms knowledge_terms_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: knowledge_terms knowledge_terms_definition_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_definition_fits CHECK (app_private.fits('definition'::text, definition)) NOT VALID;

-- Name: knowledge_terms knowledge_terms_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_pkey PRIMARY KEY (tenant_id, id);

-- Name: knowledge_terms knowledge_terms_term_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_term_fits CHECK (app_private.fits('term'::text, term)) NOT VALID;

-- Name: knowledge_terms knowledge_terms_updated_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: knowledge_terms uq_knowledge_terms_term; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_terms
    ADD CONSTRAINT uq_knowledge_terms_term UNIQUE (tenant_id, term);

-- Name: idx_knowledge_terms_fts; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_knowledge_terms_fts ON rca.knowledge_terms USING gin (to_tsvector('english'::regconfig, ((term || ' '::text) || COALESCE(definition, ''::text))));

-- Name: knowledge_terms number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.knowledge_terms FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: knowledge_terms set_knowledge_terms_updated_at; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER set_knowledge_terms_updated_at BEFORE UPDATE ON rca.knowledge_terms FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: knowledge_terms knowledge_terms_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.knowledge_terms
    ADD CONSTRAINT knowledge_terms_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: knowledge_terms; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.knowledge_terms ENABLE ROW LEVEL SECURITY;

-- Name: knowledge_terms knowledge_terms_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_terms_app_ro ON rca.knowledge_terms FOR SELECT TO app_ro USING (true);

-- Name: knowledge_terms knowledge_terms_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_terms_app_rw ON rca.knowledge_terms TO app_rw USING (true);

-- Name: knowledge_terms knowledge_terms_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY knowledge_terms_tenant ON rca.knowledge_terms FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE knowledge_terms; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.knowledge_terms TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.knowledge_terms TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.knowledge_terms TO service_role;

-- Name: COLUMN knowledge_terms.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.term; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(term) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.definition; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(definition) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.category; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(category) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.aliases; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(aliases) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: COLUMN knowledge_terms.updated_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(updated_at) ON TABLE rca.knowledge_terms TO authenticated;

-- Name: lineage_edges; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.lineage_edges (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    from_table text NOT NULL,
    to_table text NOT NULL,
    keys jsonb,
    relationship text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lineage_edges_keys_check CHECK ((jsonb_typeof(keys) = 'object'::text))
);
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN from_table SET STATISTICS 0;
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN to_table SET STATISTICS 0;
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN keys SET STATISTICS 0;
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN relationship SET STATISTICS 0;
ALTER TABLE ONLY rca.lineage_edges ALTER COLUMN created_at SET STATISTICS 0;

-- Name: lineage_edges lineage_edges_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.lineage_edges
    ADD CONSTRAINT lineage_edges_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: lineage_edges lineage_edges_from_table_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.lineage_edges
    ADD CONSTRAINT lineage_edges_from_table_fits CHECK (app_private.fits('from_table'::text, from_table)) NOT VALID;

-- Name: lineage_edges lineage_edges_keys_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.lineage_edges
    ADD CONSTRAINT lineage_edges_keys_fits CHECK (app_private.fits('keys'::text, keys)) NOT VALID;

-- Name: lineage_edges lineage_edges_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.lineage_edges
    ADD CONSTRAINT lineage_edges_pkey PRIMARY KEY (tenant_id, id);

-- Name: lineage_edges lineage_edges_relationship_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.lineage_edges
    ADD CONSTRAINT lineage_edges_relationship_fits CHECK (app_private.fits('relationship'::text, relationship)) NOT VALID;

-- Name: lineage_edges lineage_edges_to_table_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.lineage_edges
    ADD CONSTRAINT lineage_edges_to_table_fits CHECK (app_private.fits('to_table'::text, to_table)) NOT VALID;

-- Name: idx_lineage_edges_from; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_lineage_edges_from ON rca.lineage_edges USING btree (tenant_id, from_table);

-- Name: idx_lineage_edges_to; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_lineage_edges_to ON rca.lineage_edges USING btree (tenant_id, to_table);

-- Name: lineage_edges number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.lineage_edges FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: lineage_edges lineage_edges_from_table_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.lineage_edges
    ADD CONSTRAINT lineage_edges_from_table_fkey FOREIGN KEY (tenant_id, from_table) REFERENCES rca.tables(tenant_id, name);

-- Name: lineage_edges lineage_edges_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.lineage_edges
    ADD CONSTRAINT lineage_edges_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: lineage_edges lineage_edges_to_table_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.lineage_edges
    ADD CONSTRAINT lineage_edges_to_table_fkey FOREIGN KEY (tenant_id, to_table) REFERENCES rca.tables(tenant_id, name);

-- Name: lineage_edges; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.lineage_edges ENABLE ROW LEVEL SECURITY;

-- Name: lineage_edges lineage_edges_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY lineage_edges_app_ro ON rca.lineage_edges FOR SELECT TO app_ro USING (true);

-- Name: lineage_edges lineage_edges_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY lineage_edges_app_rw ON rca.lineage_edges TO app_rw USING (true);

-- Name: lineage_edges lineage_edges_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY lineage_edges_tenant ON rca.lineage_edges FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE lineage_edges; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.lineage_edges TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.lineage_edges TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.lineage_edges TO service_role;

-- Name: COLUMN lineage_edges.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.lineage_edges TO authenticated;

-- Name: COLUMN lineage_edges.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.lineage_edges TO authenticated;

-- Name: COLUMN lineage_edges.from_table; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(from_table) ON TABLE rca.lineage_edges TO authenticated;

-- Name: COLUMN lineage_edges.to_table; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(to_table) ON TABLE rca.lineage_edges TO authenticated;

-- Name: COLUMN lineage_edges.keys; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(keys) ON TABLE rca.lineage_edges TO authenticated;

-- Name: COLUMN lineage_edges.relationship; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(relationship) ON TABLE rca.lineage_edges TO authenticated;

-- Name: COLUMN lineage_edges.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.lineage_edges TO authenticated;

-- Name: metrics; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.metrics (
    tenant_id uuid NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    description text,
    grain jsonb,
    "precision" integer,
    null_policy text,
    unit text,
    versions jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT metrics_grain_check CHECK ((jsonb_typeof(grain) = 'array'::text)),
    CONSTRAINT metrics_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255)))
);
ALTER TABLE ONLY rca.metrics ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.metrics ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.metrics ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN grain SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN "precision" SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN null_policy SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN unit SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN versions SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.metrics ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: metrics metrics_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: metrics metrics_description_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_description_fits CHECK (app_private.fits('description'::text, description)) NOT VALID;

-- Name: metrics metrics_grain_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_grain_fits CHECK (app_private.fits('grain'::text, grain)) NOT VALID;

-- Name: metrics metrics_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_id_fits CHECK (app_private.fits('id'::text, id)) NOT VALID;

-- Name: metrics metrics_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_name_fits CHECK (app_private.fits('name'::text, name)) NOT VALID;

-- Name: metrics metrics_null_policy_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_null_policy_fits CHECK (app_private.fits('null_policy'::text, null_policy)) NOT VALID;

-- Name: metrics metrics_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.metrics
    ADD CONSTRAINT metrics_pkey PRIMARY KEY (tenant_id, id);

-- Name: metrics metrics_unit_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_unit_fits CHECK (app_private.fits('unit'::text, unit)) NOT VALID;

-- Name: metrics metrics_updated_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: metrics metrics_versions_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.metrics
    ADD CONSTRAINT metrics_versions_fits CHECK (app_private.fits('versions'::text, versions)) NOT VALID;

-- Name: metrics set_metrics_updated_at; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER set_metrics_updated_at BEFORE UPDATE ON rca.metrics FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: metrics metrics_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.metrics
    ADD CONSTRAINT metrics_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: metrics; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.metrics ENABLE ROW LEVEL SECURITY;

-- Name: metrics metrics_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY metrics_app_ro ON rca.metrics FOR SELECT TO app_ro USING (true);

-- Name: metrics metrics_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY metrics_app_rw ON rca.metrics TO app_rw USING (true);

-- Name: metrics metrics_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY metrics_tenant ON rca.metrics FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE metrics; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.metrics TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.metrics TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.metrics TO service_role;

-- Name: COLUMN metrics.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(name) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.description; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(description) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.grain; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(grain) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics."precision"; Type: ACL; Schema: rca; Owner: -
GRANT SELECT("precision") ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.null_policy; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(null_policy) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.unit; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(unit) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.versions; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(versions) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.metrics TO authenticated;

-- Name: COLUMN metrics.updated_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(updated_at) ON TABLE rca.metrics TO authenticated;

-- Name: rca_findings; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.rca_findings (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    result_id uuid NOT NULL,
    finding_type text NOT NULL,
    description text,
    severity text,
    evidence jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rca_findings_finding_type_check CHECK ((finding_type = ANY (ARRAY['root_cause'::text, 'anomaly'::text, 'mismatch'::text]))),
    CONSTRAINT rca_findings_severity_check CHECK ((severity = ANY (ARRAY['high'::text, 'medium'::text, 'low'::text])))
);
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN result_id SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN finding_type SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN severity SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN evidence SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_findings ALTER COLUMN created_at SET STATISTICS 0;

-- Name: rca_findings rca_findings_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_findings
    ADD CONSTRAINT rca_findings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: rca_findings rca_findings_description_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_findings
    ADD CONSTRAINT rca_findings_description_fits CHECK (app_private.fits('description'::text, description)) NOT VALID;

-- Name: rca_findings rca_findings_evidence_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_findings
    ADD CONSTRAINT rca_findings_evidence_fits CHECK (app_private.fits('evidence'::text, evidence)) NOT VALID;

-- Name: rca_findings rca_findings_finding_type_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_findings
    ADD CONSTRAINT rca_findings_finding_type_fits CHECK (app_private.fits('finding_type'::text, finding_type)) NOT VALID;

-- Name: rca_findings rca_findings_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_findings
    ADD CONSTRAINT rca_findings_pkey PRIMARY KEY (tenant_id, id);

-- Name: rca_findings rca_findings_severity_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_findings
    ADD CONSTRAINT rca_findings_severity_fits CHECK (app_private.fits('severity'::text, severity)) NOT VALID;

-- Name: idx_rca_findings_result; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_rca_findings_result ON rca.rca_findings USING btree (tenant_id, result_id);

-- Name: rca_findings rca_findings_result_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_findings
    ADD CONSTRAINT rca_findings_result_id_fkey FOREIGN KEY (tenant_id, result_id) REFERENCES rca.rca_results(tenant_id, id);

-- Name: rca_findings rca_findings_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_findings
    ADD CONSTRAINT rca_findings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: rca_findings; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.rca_findings ENABLE ROW LEVEL SECURITY;

-- Name: rca_findings rca_findings_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_findings_app_ro ON rca.rca_findings FOR SELECT TO app_ro USING (true);

-- Name: rca_findings rca_findings_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_findings_app_rw ON rca.rca_findings TO app_rw USING (true);

-- Name: rca_findings rca_findings_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_findings_tenant ON rca.rca_findings FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE rca_findings; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.rca_findings TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rca_findings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rca_findings TO service_role;

-- Name: COLUMN rca_findings.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.result_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(result_id) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.finding_type; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(finding_type) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.description; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(description) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.severity; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(severity) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.evidence; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(evidence) ON TABLE rca.rca_findings TO authenticated;

-- Name: COLUMN rca_findings.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.rca_findings TO authenticated;

-- Name: rca_queries; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.rca_queries (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    query_text text NOT NULL,
    user_id text,
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    completed_at timestamp with time zone,
    error_message text,
    CONSTRAINT rca_queries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text])))
);
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN query_text SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN user_id SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN completed_at SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_queries ALTER COLUMN error_message SET STATISTICS 0;

-- Name: rca_queries rca_queries_completed_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries
    ADD CONSTRAINT rca_queries_completed_at_fits CHECK (app_private.fits('completed_at'::text, completed_at)) NOT VALID;

-- Name: rca_queries rca_queries_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries
    ADD CONSTRAINT rca_queries_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: rca_queries rca_queries_error_message_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries
    ADD CONSTRAINT rca_queries_error_message_fits CHECK (app_private.fits('error_message'::text, error_message)) NOT VALID;

-- Name: rca_queries rca_queries_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_queries
    ADD CONSTRAINT rca_queries_pkey PRIMARY KEY (tenant_id, id);

-- Name: rca_queries rca_queries_query_text_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries
    ADD CONSTRAINT rca_queries_query_text_fits CHECK (app_private.fits('query_text'::text, query_text)) NOT VALID;

-- Name: rca_queries rca_queries_status_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries
    ADD CONSTRAINT rca_queries_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: rca_queries rca_queries_user_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries
    ADD CONSTRAINT rca_queries_user_id_fits CHECK (app_private.fits('user_id'::text, user_id)) NOT VALID;

-- Name: rca_queries rca_queries_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_queries
    ADD CONSTRAINT rca_queries_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: rca_queries; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.rca_queries ENABLE ROW LEVEL SECURITY;

-- Name: rca_queries rca_queries_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_queries_app_ro ON rca.rca_queries FOR SELECT TO app_ro USING (true);

-- Name: rca_queries rca_queries_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_queries_app_rw ON rca.rca_queries TO app_rw USING (true);

-- Name: rca_queries rca_queries_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_queries_tenant ON rca.rca_queries FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE rca_queries; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.rca_queries TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rca_queries TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rca_queries TO service_role;

-- Name: COLUMN rca_queries.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.query_text; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(query_text) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.user_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(user_id) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.status; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(status) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.completed_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(completed_at) ON TABLE rca.rca_queries TO authenticated;

-- Name: COLUMN rca_queries.error_message; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(error_message) ON TABLE rca.rca_queries TO authenticated;

-- Name: rca_results; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.rca_results (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    query_id uuid NOT NULL,
    system_a text NOT NULL,
    system_b text NOT NULL,
    metric text NOT NULL,
    as_of_date date,
    root_cause_found boolean,
    classifications jsonb,
    comparison_stats jsonb,
    mismatch_details jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rca_results_classifications_check CHECK ((jsonb_typeof(classifications) = 'array'::text))
);
ALTER TABLE ONLY rca.rca_results ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.rca_results ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN query_id SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN system_a SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN system_b SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN metric SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN as_of_date SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN root_cause_found SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN classifications SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN comparison_stats SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN mismatch_details SET STATISTICS 0;
ALTER TABLE ONLY rca.rca_results ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN rca_results.mismatch_details; Type: COMMENT; Schema: rca; Owner: -
COMMENT ON COLUMN rca.rca_results.mismatch_details IS 'A sample of the rows that differ.';

-- Name: rca_results rca_results_as_of_date_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_as_of_date_fits CHECK (app_private.fits('as_of_date'::text, as_of_date)) NOT VALID;

-- Name: rca_results rca_results_classifications_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_classifications_fits CHECK (app_private.fits('classifications'::text, classifications)) NOT VALID;

-- Name: rca_results rca_results_comparison_stats_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_comparison_stats_fits CHECK (app_private.fits('comparison_stats'::text, comparison_stats)) NOT VALID;

-- Name: rca_results rca_results_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: rca_results rca_results_metric_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_metric_fits CHECK (app_private.fits('metric'::text, metric)) NOT VALID;

-- Name: rca_results rca_results_mismatch_details_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_mismatch_details_fits CHECK (app_private.fits('mismatch_details'::text, mismatch_details)) NOT VALID;

-- Name: rca_results rca_results_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_results
    ADD CONSTRAINT rca_results_pkey PRIMARY KEY (tenant_id, id);

-- Name: rca_results rca_results_system_a_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_system_a_fits CHECK (app_private.fits('system_a'::text, system_a)) NOT VALID;

-- Name: rca_results rca_results_system_b_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rca_results
    ADD CONSTRAINT rca_results_system_b_fits CHECK (app_private.fits('system_b'::text, system_b)) NOT VALID;

-- Name: idx_rca_results_query; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_rca_results_query ON rca.rca_results USING btree (tenant_id, query_id);

-- Name: rca_results rca_results_query_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_results
    ADD CONSTRAINT rca_results_query_id_fkey FOREIGN KEY (tenant_id, query_id) REFERENCES rca.rca_queries(tenant_id, id);

-- Name: rca_results rca_results_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rca_results
    ADD CONSTRAINT rca_results_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: rca_results; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.rca_results ENABLE ROW LEVEL SECURITY;

-- Name: rca_results rca_results_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_results_app_ro ON rca.rca_results FOR SELECT TO app_ro USING (true);

-- Name: rca_results rca_results_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_results_app_rw ON rca.rca_results TO app_rw USING (true);

-- Name: rca_results rca_results_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rca_results_tenant ON rca.rca_results FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE rca_results; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.rca_results TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rca_results TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rca_results TO service_role;

-- Name: COLUMN rca_results.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.query_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(query_id) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.system_a; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(system_a) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.system_b; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(system_b) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.metric; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(metric) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.as_of_date; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(as_of_date) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.root_cause_found; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(root_cause_found) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.classifications; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(classifications) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.comparison_stats; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(comparison_stats) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.mismatch_details; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(mismatch_details) ON TABLE rca.rca_results TO authenticated;

-- Name: COLUMN rca_results.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.rca_results TO authenticated;

-- Name: rules; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.rules (
    tenant_id uuid NOT NULL,
    id text NOT NULL,
    system text NOT NULL,
    metric_id text,
    target_entity_id text,
    target_grain jsonb,
    description text,
    formula text,
    source_entities jsonb,
    aggregation_grain jsonb,
    filter_conditions jsonb,
    source_table text,
    note text,
    labels jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rules_id_check CHECK (((length(id) >= 1) AND (length(id) <= 255))),
    CONSTRAINT rules_labels_check CHECK ((jsonb_typeof(labels) = 'array'::text))
);
ALTER TABLE ONLY rca.rules ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.rules ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.rules ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN system SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN metric_id SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN target_entity_id SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN target_grain SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN formula SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN source_entities SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN aggregation_grain SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN filter_conditions SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN source_table SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN note SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN labels SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.rules ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: rules rules_aggregation_grain_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_aggregation_grain_fits CHECK (app_private.fits('aggregation_grain'::text, aggregation_grain)) NOT VALID;

-- Name: rules rules_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: rules rules_description_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_description_fits CHECK (app_private.fits('description'::text, description)) NOT VALID;

-- Name: rules rules_filter_conditions_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_filter_conditions_fits CHECK (app_private.fits('filter_conditions'::text, filter_conditions)) NOT VALID;

-- Name: rules rules_formula_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_formula_fits CHECK (app_private.fits('formula'::text, formula)) NOT VALID;

-- Name: rules rules_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_id_fits CHECK (app_private.fits('id'::text, id)) NOT VALID;

-- Name: rules rules_labels_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_labels_fits CHECK (app_private.fits('labels'::text, labels)) NOT VALID;

-- Name: rules rules_metric_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_metric_id_fits CHECK (app_private.fits('metric_id'::text, metric_id)) NOT VALID;

-- Name: rules rules_note_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_note_fits CHECK (app_private.fits('note'::text, note)) NOT VALID;

-- Name: rules rules_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rules
    ADD CONSTRAINT rules_pkey PRIMARY KEY (tenant_id, id);

-- Name: rules rules_source_entities_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_source_entities_fits CHECK (app_private.fits('source_entities'::text, source_entities)) NOT VALID;

-- Name: rules rules_source_table_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_source_table_fits CHECK (app_private.fits('source_table'::text, source_table)) NOT VALID;

-- Name: rules rules_system_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_system_fits CHECK (app_private.fits('system'::text, system)) NOT VALID;

-- Name: rules rules_target_entity_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_target_entity_id_fits CHECK (app_private.fits('target_entity_id'::text, target_entity_id)) NOT VALID;

-- Name: rules rules_target_grain_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_target_grain_fits CHECK (app_private.fits('target_grain'::text, target_grain)) NOT VALID;

-- Name: rules rules_updated_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.rules
    ADD CONSTRAINT rules_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: idx_rules_metric; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_rules_metric ON rca.rules USING btree (tenant_id, metric_id);

-- Name: idx_rules_target_entity; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_rules_target_entity ON rca.rules USING btree (tenant_id, target_entity_id);

-- Name: rules set_rules_updated_at; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER set_rules_updated_at BEFORE UPDATE ON rca.rules FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: rules rules_metric_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rules
    ADD CONSTRAINT rules_metric_id_fkey FOREIGN KEY (tenant_id, metric_id) REFERENCES rca.metrics(tenant_id, id);

-- Name: rules rules_target_entity_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rules
    ADD CONSTRAINT rules_target_entity_id_fkey FOREIGN KEY (tenant_id, target_entity_id) REFERENCES rca.entities(tenant_id, id);

-- Name: rules rules_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.rules
    ADD CONSTRAINT rules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: rules; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.rules ENABLE ROW LEVEL SECURITY;

-- Name: rules rules_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rules_app_ro ON rca.rules FOR SELECT TO app_ro USING (true);

-- Name: rules rules_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rules_app_rw ON rca.rules TO app_rw USING (true);

-- Name: rules rules_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY rules_tenant ON rca.rules FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE rules; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.rules TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rules TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.rules TO service_role;

-- Name: COLUMN rules.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.system; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(system) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.metric_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(metric_id) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.target_entity_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(target_entity_id) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.target_grain; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(target_grain) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.description; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(description) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.formula; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(formula) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.source_entities; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(source_entities) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.aggregation_grain; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(aggregation_grain) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.filter_conditions; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(filter_conditions) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.source_table; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(source_table) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.note; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(note) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.labels; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(labels) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.rules TO authenticated;

-- Name: COLUMN rules.updated_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(updated_at) ON TABLE rca.rules TO authenticated;

-- Name: tables; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.tables (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    entity_id text,
    primary_key jsonb,
    time_column text,
    system text NOT NULL,
    path text,
    columns jsonb,
    labels jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tables_columns_check CHECK ((jsonb_typeof(columns) = 'array'::text)),
    CONSTRAINT tables_labels_check CHECK ((jsonb_typeof(labels) = 'array'::text)),
    CONSTRAINT tables_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255))),
    CONSTRAINT tables_primary_key_check CHECK ((jsonb_typeof(primary_key) = 'array'::text))
);
ALTER TABLE ONLY rca.tables ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.tables ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.tables ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN entity_id SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN primary_key SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN time_column SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN system SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN path SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN columns SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN labels SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.tables ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: COLUMN tables.path; Type: COMMENT; Schema: rca; Owner: -
COMMENT ON COLUMN rca.tables.path IS 'The file that holds the rows.';

-- Name: tables tables_columns_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_columns_fits CHECK (app_private.fits('columns'::text, columns)) NOT VALID;

-- Name: tables tables_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: tables tables_entity_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_entity_id_fits CHECK (app_private.fits('entity_id'::text, entity_id)) NOT VALID;

-- Name: tables tables_labels_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_labels_fits CHECK (app_private.fits('labels'::text, labels)) NOT VALID;

-- Name: tables tables_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_name_fits CHECK (app_private.fits('name'::text, name)) NOT VALID;

-- Name: tables tables_path_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_path_fits CHECK (app_private.fits('path'::text, path)) NOT VALID;

-- Name: tables tables_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.tables
    ADD CONSTRAINT tables_pkey PRIMARY KEY (tenant_id, name);

-- Name: tables tables_primary_key_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_primary_key_fits CHECK (app_private.fits('primary_key'::text, primary_key)) NOT VALID;

-- Name: tables tables_system_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_system_fits CHECK (app_private.fits('system'::text, system)) NOT VALID;

-- Name: tables tables_time_column_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_time_column_fits CHECK (app_private.fits('time_column'::text, time_column)) NOT VALID;

-- Name: tables tables_updated_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.tables
    ADD CONSTRAINT tables_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: idx_tables_entity; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_tables_entity ON rca.tables USING btree (tenant_id, entity_id);

-- Name: tables set_tables_updated_at; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER set_tables_updated_at BEFORE UPDATE ON rca.tables FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: tables tables_entity_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.tables
    ADD CONSTRAINT tables_entity_id_fkey FOREIGN KEY (tenant_id, entity_id) REFERENCES rca.entities(tenant_id, id);

-- Name: tables tables_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.tables
    ADD CONSTRAINT tables_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: tables; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.tables ENABLE ROW LEVEL SECURITY;

-- Name: tables tables_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY tables_app_ro ON rca.tables FOR SELECT TO app_ro USING (true);

-- Name: tables tables_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY tables_app_rw ON rca.tables TO app_rw USING (true);

-- Name: tables tables_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY tables_tenant ON rca.tables FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE tables; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.tables TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.tables TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.tables TO service_role;

-- Name: COLUMN tables.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(name) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.entity_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(entity_id) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.primary_key; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(primary_key) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.time_column; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(time_column) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.system; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(system) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.path; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(path) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.columns; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(columns) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.labels; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(labels) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.tables TO authenticated;

-- Name: COLUMN tables.updated_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(updated_at) ON TABLE rca.tables TO authenticated;

-- Name: time_rules; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.time_rules (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    table_name text,
    rule_type text NOT NULL,
    as_of_column text,
    default_value text,
    max_lateness_days integer,
    action text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT time_rules_rule_type_check CHECK ((rule_type = ANY (ARRAY['as_of'::text, 'lateness'::text])))
);
ALTER TABLE ONLY rca.time_rules ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.time_rules ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN table_name SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN rule_type SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN as_of_column SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN default_value SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN max_lateness_days SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN action SET STATISTICS 0;
ALTER TABLE ONLY rca.time_rules ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN time_rules.default_value; Type: COMMENT; Schema: rca; Owner: -
COMMENT ON COLUMN rca.time_rules.default_value IS 'latest, an ISO date, or an expression over the as-of date.';

-- Name: time_rules time_rules_action_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.time_rules
    ADD CONSTRAINT time_rules_action_fits CHECK (app_private.fits('action'::text, action)) NOT VALID;

-- Name: time_rules time_rules_as_of_column_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.time_rules
    ADD CONSTRAINT time_rules_as_of_column_fits CHECK (app_private.fits('as_of_column'::text, as_of_column)) NOT VALID;

-- Name: time_rules time_rules_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.time_rules
    ADD CONSTRAINT time_rules_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: time_rules time_rules_default_value_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.time_rules
    ADD CONSTRAINT time_rules_default_value_fits CHECK (app_private.fits('default_value'::text, default_value)) NOT VALID;

-- Name: time_rules time_rules_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.time_rules
    ADD CONSTRAINT time_rules_pkey PRIMARY KEY (tenant_id, id);

-- Name: time_rules time_rules_rule_type_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.time_rules
    ADD CONSTRAINT time_rules_rule_type_fits CHECK (app_private.fits('rule_type'::text, rule_type)) NOT VALID;

-- Name: time_rules time_rules_table_name_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.time_rules
    ADD CONSTRAINT time_rules_table_name_fits CHECK (app_private.fits('table_name'::text, table_name)) NOT VALID;

-- Name: idx_time_rules_table; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_time_rules_table ON rca.time_rules USING btree (tenant_id, table_name);

-- Name: time_rules number_row; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER number_row BEFORE INSERT ON rca.time_rules FOR EACH ROW WHEN ((new.id IS NULL)) EXECUTE FUNCTION app_private.number_row();

-- Name: time_rules time_rules_table_name_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.time_rules
    ADD CONSTRAINT time_rules_table_name_fkey FOREIGN KEY (tenant_id, table_name) REFERENCES rca.tables(tenant_id, name);

-- Name: time_rules time_rules_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.time_rules
    ADD CONSTRAINT time_rules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: time_rules; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.time_rules ENABLE ROW LEVEL SECURITY;

-- Name: time_rules time_rules_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY time_rules_app_ro ON rca.time_rules FOR SELECT TO app_ro USING (true);

-- Name: time_rules time_rules_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY time_rules_app_rw ON rca.time_rules TO app_rw USING (true);

-- Name: time_rules time_rules_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY time_rules_tenant ON rca.time_rules FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE time_rules; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.time_rules TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.time_rules TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.time_rules TO service_role;

-- Name: COLUMN time_rules.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.table_name; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(table_name) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.rule_type; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(rule_type) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.as_of_column; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(as_of_column) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.default_value; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(default_value) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.max_lateness_days; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(max_lateness_days) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.action; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(action) ON TABLE rca.time_rules TO authenticated;

-- Name: COLUMN time_rules.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.time_rules TO authenticated;

-- Name: traversal_findings; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.traversal_findings (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    finding_text text NOT NULL,
    confidence double precision,
    evidence jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT traversal_findings_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision)))
);
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN session_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN finding_text SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN evidence SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_findings ALTER COLUMN created_at SET STATISTICS 0;

-- Name: traversal_findings traversal_findings_confidence_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_findings
    ADD CONSTRAINT traversal_findings_confidence_fits CHECK (app_private.fits('confidence'::text, confidence)) NOT VALID;

-- Name: traversal_findings traversal_findings_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_findings
    ADD CONSTRAINT traversal_findings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: traversal_findings traversal_findings_evidence_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_findings
    ADD CONSTRAINT traversal_findings_evidence_fits CHECK (app_private.fits('evidence'::text, evidence)) NOT VALID;

-- Name: traversal_findings traversal_findings_finding_text_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_findings
    ADD CONSTRAINT traversal_findings_finding_text_fits CHECK (app_private.fits('finding_text'::text, finding_text)) NOT VALID;

-- Name: traversal_findings traversal_findings_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_findings
    ADD CONSTRAINT traversal_findings_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_traversal_findings_session; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_traversal_findings_session ON rca.traversal_findings USING btree (tenant_id, session_id);

-- Name: traversal_findings traversal_findings_session_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_findings
    ADD CONSTRAINT traversal_findings_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES rca.traversal_sessions(tenant_id, id);

-- Name: traversal_findings traversal_findings_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_findings
    ADD CONSTRAINT traversal_findings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: traversal_findings; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.traversal_findings ENABLE ROW LEVEL SECURITY;

-- Name: traversal_findings traversal_findings_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_findings_app_ro ON rca.traversal_findings FOR SELECT TO app_ro USING (true);

-- Name: traversal_findings traversal_findings_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_findings_app_rw ON rca.traversal_findings TO app_rw USING (true);

-- Name: traversal_findings traversal_findings_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_findings_tenant ON rca.traversal_findings FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE traversal_findings; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.traversal_findings TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_findings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_findings TO service_role;

-- Name: COLUMN traversal_findings.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.traversal_findings TO authenticated;

-- Name: COLUMN traversal_findings.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.traversal_findings TO authenticated;

-- Name: COLUMN traversal_findings.session_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(session_id) ON TABLE rca.traversal_findings TO authenticated;

-- Name: COLUMN traversal_findings.finding_text; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(finding_text) ON TABLE rca.traversal_findings TO authenticated;

-- Name: COLUMN traversal_findings.confidence; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(confidence) ON TABLE rca.traversal_findings TO authenticated;

-- Name: COLUMN traversal_findings.evidence; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(evidence) ON TABLE rca.traversal_findings TO authenticated;

-- Name: COLUMN traversal_findings.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.traversal_findings TO authenticated;

-- Name: traversal_nodes; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.traversal_nodes (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    node_id text NOT NULL,
    node_type text NOT NULL,
    visited boolean DEFAULT false NOT NULL,
    visit_count integer DEFAULT 0 NOT NULL,
    score double precision,
    probe_result jsonb,
    metadata jsonb,
    visited_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT traversal_nodes_node_type_check CHECK ((node_type = ANY (ARRAY['table'::text, 'rule'::text, 'join'::text, 'filter'::text, 'metric'::text]))),
    CONSTRAINT traversal_nodes_visit_count_check CHECK ((visit_count >= 0))
);
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN session_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN node_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN node_type SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN visited SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN visit_count SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN score SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN probe_result SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN visited_at SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_nodes ALTER COLUMN created_at SET STATISTICS 0;

-- Name: traversal_nodes traversal_nodes_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: traversal_nodes traversal_nodes_metadata_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: traversal_nodes traversal_nodes_node_id_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_node_id_fits CHECK (app_private.fits('node_id'::text, node_id)) NOT VALID;

-- Name: traversal_nodes traversal_nodes_node_type_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_node_type_fits CHECK (app_private.fits('node_type'::text, node_type)) NOT VALID;

-- Name: traversal_nodes traversal_nodes_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_pkey PRIMARY KEY (tenant_id, id);

-- Name: traversal_nodes traversal_nodes_probe_result_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_probe_result_fits CHECK (app_private.fits('probe_result'::text, probe_result)) NOT VALID;

-- Name: traversal_nodes traversal_nodes_score_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_score_fits CHECK (app_private.fits('score'::text, score)) NOT VALID;

-- Name: traversal_nodes traversal_nodes_visited_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_visited_at_fits CHECK (app_private.fits('visited_at'::text, visited_at)) NOT VALID;

-- Name: idx_traversal_nodes_session; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_traversal_nodes_session ON rca.traversal_nodes USING btree (tenant_id, session_id);

-- Name: traversal_nodes traversal_nodes_session_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES rca.traversal_sessions(tenant_id, id);

-- Name: traversal_nodes traversal_nodes_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_nodes
    ADD CONSTRAINT traversal_nodes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: traversal_nodes; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.traversal_nodes ENABLE ROW LEVEL SECURITY;

-- Name: traversal_nodes traversal_nodes_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_nodes_app_ro ON rca.traversal_nodes FOR SELECT TO app_ro USING (true);

-- Name: traversal_nodes traversal_nodes_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_nodes_app_rw ON rca.traversal_nodes TO app_rw USING (true);

-- Name: traversal_nodes traversal_nodes_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_nodes_tenant ON rca.traversal_nodes FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE traversal_nodes; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.traversal_nodes TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_nodes TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_nodes TO service_role;

-- Name: COLUMN traversal_nodes.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.session_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(session_id) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.node_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(node_id) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.node_type; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(node_type) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.visited; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(visited) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.visit_count; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(visit_count) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.score; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(score) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.probe_result; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(probe_result) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.metadata; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(metadata) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.visited_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(visited_at) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: COLUMN traversal_nodes.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.traversal_nodes TO authenticated;

-- Name: traversal_path; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.traversal_path (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    from_node_id uuid,
    to_node_id uuid,
    reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN session_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN from_node_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN to_node_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_path ALTER COLUMN created_at SET STATISTICS 0;

-- Name: traversal_path traversal_path_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_path
    ADD CONSTRAINT traversal_path_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: traversal_path traversal_path_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_path
    ADD CONSTRAINT traversal_path_pkey PRIMARY KEY (tenant_id, id);

-- Name: traversal_path traversal_path_reason_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_path
    ADD CONSTRAINT traversal_path_reason_fits CHECK (app_private.fits('reason'::text, reason)) NOT VALID;

-- Name: idx_traversal_path_from; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_traversal_path_from ON rca.traversal_path USING btree (tenant_id, from_node_id);

-- Name: idx_traversal_path_session; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_traversal_path_session ON rca.traversal_path USING btree (tenant_id, session_id);

-- Name: idx_traversal_path_to; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_traversal_path_to ON rca.traversal_path USING btree (tenant_id, to_node_id);

-- Name: traversal_path traversal_path_from_node_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_path
    ADD CONSTRAINT traversal_path_from_node_id_fkey FOREIGN KEY (tenant_id, from_node_id) REFERENCES rca.traversal_nodes(tenant_id, id);

-- Name: traversal_path traversal_path_session_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_path
    ADD CONSTRAINT traversal_path_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES rca.traversal_sessions(tenant_id, id);

-- Name: traversal_path traversal_path_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_path
    ADD CONSTRAINT traversal_path_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: traversal_path traversal_path_to_node_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_path
    ADD CONSTRAINT traversal_path_to_node_id_fkey FOREIGN KEY (tenant_id, to_node_id) REFERENCES rca.traversal_nodes(tenant_id, id);

-- Name: traversal_path; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.traversal_path ENABLE ROW LEVEL SECURITY;

-- Name: traversal_path traversal_path_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_path_app_ro ON rca.traversal_path FOR SELECT TO app_ro USING (true);

-- Name: traversal_path traversal_path_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_path_app_rw ON rca.traversal_path TO app_rw USING (true);

-- Name: traversal_path traversal_path_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_path_tenant ON rca.traversal_path FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE traversal_path; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.traversal_path TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_path TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_path TO service_role;

-- Name: COLUMN traversal_path.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.traversal_path TO authenticated;

-- Name: COLUMN traversal_path.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.traversal_path TO authenticated;

-- Name: COLUMN traversal_path.session_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(session_id) ON TABLE rca.traversal_path TO authenticated;

-- Name: COLUMN traversal_path.from_node_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(from_node_id) ON TABLE rca.traversal_path TO authenticated;

-- Name: COLUMN traversal_path.to_node_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(to_node_id) ON TABLE rca.traversal_path TO authenticated;

-- Name: COLUMN traversal_path.reason; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(reason) ON TABLE rca.traversal_path TO authenticated;

-- Name: COLUMN traversal_path.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.traversal_path TO authenticated;

-- Name: traversal_sessions; Type: TABLE; Schema: rca; Owner: app_owner
CREATE TABLE rca.traversal_sessions (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    query_id uuid,
    current_hypothesis text,
    root_cause_found boolean DEFAULT false NOT NULL,
    current_depth integer DEFAULT 0 NOT NULL,
    max_depth integer DEFAULT 10 NOT NULL,
    status text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT traversal_sessions_depth_check CHECK (((current_depth >= 0) AND (max_depth >= 0))),
    CONSTRAINT traversal_sessions_status_check CHECK ((status = ANY (ARRAY['active'::text, 'completed'::text, 'paused'::text])))
);
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN query_id SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN current_hypothesis SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN root_cause_found SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN current_depth SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN max_depth SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY rca.traversal_sessions ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: traversal_sessions traversal_sessions_created_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: traversal_sessions traversal_sessions_current_hypothesis_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_current_hypothesis_fits CHECK (app_private.fits('current_hypothesis'::text, current_hypothesis)) NOT VALID;

-- Name: traversal_sessions traversal_sessions_pkey; Type: CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_pkey PRIMARY KEY (tenant_id, id);

-- Name: traversal_sessions traversal_sessions_status_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: traversal_sessions traversal_sessions_updated_at_fits; Type: CHECK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: idx_traversal_sessions_query; Type: INDEX; Schema: rca; Owner: -
CREATE INDEX idx_traversal_sessions_query ON rca.traversal_sessions USING btree (tenant_id, query_id);

-- Name: traversal_sessions set_traversal_sessions_updated_at; Type: TRIGGER; Schema: rca; Owner: -
CREATE TRIGGER set_traversal_sessions_updated_at BEFORE UPDATE ON rca.traversal_sessions FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: traversal_sessions traversal_sessions_query_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_query_id_fkey FOREIGN KEY (tenant_id, query_id) REFERENCES rca.rca_queries(tenant_id, id);

-- Name: traversal_sessions traversal_sessions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: rca; Owner: -
ALTER TABLE ONLY rca.traversal_sessions
    ADD CONSTRAINT traversal_sessions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: traversal_sessions; Type: ROW SECURITY; Schema: rca; Owner: -
ALTER TABLE rca.traversal_sessions ENABLE ROW LEVEL SECURITY;

-- Name: traversal_sessions traversal_sessions_app_ro; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_sessions_app_ro ON rca.traversal_sessions FOR SELECT TO app_ro USING (true);

-- Name: traversal_sessions traversal_sessions_app_rw; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_sessions_app_rw ON rca.traversal_sessions TO app_rw USING (true);

-- Name: traversal_sessions traversal_sessions_tenant; Type: POLICY; Schema: rca; Owner: -
CREATE POLICY traversal_sessions_tenant ON rca.traversal_sessions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE traversal_sessions; Type: ACL; Schema: rca; Owner: -
GRANT SELECT ON TABLE rca.traversal_sessions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_sessions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE rca.traversal_sessions TO service_role;

-- Name: COLUMN traversal_sessions.tenant_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(tenant_id) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(id) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.query_id; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(query_id) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.current_hypothesis; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(current_hypothesis) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.root_cause_found; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(root_cause_found) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.current_depth; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(current_depth) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.max_depth; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(max_depth) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.status; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(status) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.created_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(created_at) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: COLUMN traversal_sessions.updated_at; Type: ACL; Schema: rca; Owner: -
GRANT SELECT(updated_at) ON TABLE rca.traversal_sessions TO authenticated;

-- Name: worker_api; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA worker_api;

-- Name: SCHEMA worker_api; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA worker_api TO app_owner;
GRANT USAGE ON SCHEMA worker_api TO app_ro;
GRANT USAGE ON SCHEMA worker_api TO app_rw;
GRANT USAGE ON SCHEMA worker_api TO outbox_worker;
GRANT USAGE ON SCHEMA worker_api TO service_role;

-- Name: accounts_to_scan(uuid, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.accounts_to_scan(tenant uuid DEFAULT NULL::uuid, max_rows integer DEFAULT 100) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(to_jsonb(a) order by a.linked_at, a.id), '[]')
  from (
    select first_of.*
    from (
      select distinct on (one.tenant_id) one.*
      from public.connected_accounts as one
      where one.status in ('connected', 'expiring')
        and (one.scanned_at is null or one.scanned_at < one.linked_at)
        and (accounts_to_scan.tenant is null or one.tenant_id = accounts_to_scan.tenant)
        and not exists (select from public.tenants as t where t.id = one.tenant_id and t.paused_at is not null)
      order by one.tenant_id, one.linked_at, one.id
    ) as first_of
    order by first_of.linked_at, first_of.id
    limit max_rows
  ) as a
$$;

-- Name: FUNCTION accounts_to_scan(tenant uuid, max_rows integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.accounts_to_scan(tenant uuid, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.accounts_to_scan(tenant uuid, max_rows integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.accounts_to_scan(tenant uuid, max_rows integer) TO service_role;

-- Name: append_audit(jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  entry record;
begin
  for entry in
    select e.*
    from jsonb_array_elements(entries) with ordinality as given (row, position)
    cross join lateral jsonb_to_record(given.row)
      as e (tenant_id uuid, actor_type text, actor_id text, category text, payload jsonb, door text)
    order by given.position
  loop
    perform set_config('app.door', coalesce(entry.door, ''), true);
    perform app_private.do_at_commit(
      as_of, audited_tenants => array[entry.tenant_id], actor_type => entry.actor_type, actor_id => entry.actor_id,
      categories => array[entry.category], payloads => array[entry.payload], made_at => coalesce(as_of, now())
    );
  end loop;
end
$$;

-- Name: FUNCTION append_audit(entries jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone) TO service_role;

-- Name: cancel(uuid, uuid, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  held public.outbox;
  busy boolean := app_private.lock_lane(cancel.tenant, cancel.envelope);
begin
  perform set_config('app.door', coalesce(cancel.door, ''), true);
  select * into held from public.outbox as o
  where o.id = cancel.envelope and o.tenant_id = cancel.tenant for update;
  if held.id is null then
    raise exception 'envelope: no % in this tenant''s outbox', cancel.envelope using errcode = 'PT404';
  elsif busy then
    raise exception 'envelope: a worker holds % now; try again when it is settled', held.id using errcode = 'PT409';
  elsif held.status not in ('pending', 'awaiting_approval') then
    raise exception 'envelope: % is % already', held.id, held.status using errcode = 'PT409';
  end if;

  update public.approvals as a
  set decision = 'rejected', decided_by = cancel.actor_id, decided_at = moment, decision_reason = 'cancelled'
  where a.tenant_id = cancel.tenant and a.envelope_id = held.id and a.decision is null;

  return app_private.change_envelope(held.tenant_id, held.id, 'cancelled', 'cancelled', actor_type, actor_id, reason, moment);
end
$$;

-- Name: FUNCTION cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO service_role;

-- Name: check_account(uuid, uuid, text, text, jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, door text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
  select app_private.act_as(actor_type, actor_id, as_of, door);
  with looked as (
    update public.connected_accounts as a
    set status = check_account.status, problem = check_account.problem, checked_at = coalesce(as_of, now())
    where a.tenant_id = check_account.tenant and a.id = check_account.account and a.status <> 'revoked'
      and (a.status, a.linked_at, a.expires_at) is not distinct from (
        seen ->> 'status', (seen ->> 'linked_at')::timestamptz, (seen ->> 'expires_at')::timestamptz
      )
    returning 1
  )
  select exists (select from looked)
$$;

-- Name: FUNCTION check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: claim(text, uuid, integer, interval, uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  left_over integer := max_envelopes;
  share integer;
  lane app_private.lanes;
  picked uuid[];
  lost cursor for
    select * from app_private.lanes as l
    where l.ready_at <= moment and l.worker_id is not null and (claim.tenant is null or l.tenant_id = claim.tenant)
      and not exists (   -- renewed, though the lane was locked
        select from app_private.renewals as r where r.worker_id = l.worker_id and r.until > moment
      )
    order by l.ready_at, l.tenant_id, l.lane
    limit max_envelopes
    for update of l skip locked;
  due cursor for
    select * from app_private.lanes as l
    where l.ready_at <= moment and l.worker_id is null and (claim.tenant is null or l.tenant_id = claim.tenant)
    order by l.ready_at, l.tenant_id, l.lane
    for update skip locked;
  mine cursor for
    select * from app_private.lanes as l
    where l.worker_id = claim.worker_id and l.claim_id is distinct from claim.claim_id
      and l.ready_at > moment and (claim.tenant is null or l.tenant_id = claim.tenant)
    order by l.ready_at, l.tenant_id, l.lane
    for update skip locked;
begin
  perform pg_advisory_xact_lock(hashtextextended(claim_id::text, 0));   -- its first sending may still be at work
  if not exists (
    select from app_private.lanes as l
    where l.worker_id = claim.worker_id and l.claim_id = claim.claim_id and l.ready_at > moment
  ) then
    if exists (select from app_private.lanes as l where l.set_at > moment + interval '1 minute') then
      perform app_private.follow_clock(moment);
    end if;
    -- Each lane is locked by the cursor, and what waits in it is read by the next statement: in a snapshot that sees
    -- everything the lane's former owners have committed.
    open lost;
    loop
      fetch lost into lane;
      exit when not found;
      select array_agg(e.id order by e.next_run_at, e.id) into picked
      from app_private.open_envelopes as e
      where e.tenant_id = lane.tenant_id and e.id = any (lane.in_flight) and e.status = 'pending';
      perform app_private.lease_lane(lane, picked, worker_id, claim_id, moment, lease_for);
    end loop;
    close lost;

    select ceil(max_envelopes / greatest(least(count(*), 8), ceil(count(*) / 3.0), 1)) into share
    from (
      select from app_private.lanes as l
      where l.ready_at <= moment and l.worker_id is null and (claim.tenant is null or l.tenant_id = claim.tenant)
      limit max_envelopes
    ) as waiting;
    open due;
    loop
      exit when left_over <= 0;
      fetch due into lane;
      exit when not found;
      picked := app_private.due_in_lane(lane.tenant_id, lane.lane, '{}', moment, least(share, left_over));
      left_over := left_over - coalesce(cardinality(picked), 0);
      perform app_private.lease_lane(lane, picked, worker_id, claim_id, moment, lease_for);
    end loop;
    close due;

    open mine;
    loop
      exit when left_over <= 0;
      fetch mine into lane;
      exit when not found;
      picked := app_private.due_in_lane(lane.tenant_id, lane.lane, lane.in_flight, moment, left_over);
      continue when picked is null;
      left_over := left_over - cardinality(picked);
      perform app_private.lease_lane(lane, picked, worker_id, claim_id, moment, lease_for);
    end loop;
    close mine;
  end if;

  return (
    select coalesce(json_agg(json_build_object(
      'tenant_id', l.tenant_id, 'lane', l.lane, 'token', l.token, 'lost', l.lost, 'envelopes', (
        select json_agg(json_build_array(
          -- null, which is held as unreadable, where a document came past the checks and would fill the answer
          o.id, o.tool_slug, o.tool_version, case when pg_column_size(o.arguments) < 1048576 then o.arguments end,
          o.connected_account_id, o.risk, o.external_id,
          case when pg_column_size(o.trust_context) < 1048576 then o.trust_context end,
          case when pg_column_size(o.metadata) < 1048576 then o.metadata end, o.attempts, o.next_run_at, o.last_error,
          coalesce(s.verdicts, o.verdicts), o.result, o.approved_digest,
          o.created_at, o.updated_at, o.must_run_before, l.lost and o.id = any (l.sent)
        ) order by held.position)
        from unnest(l.in_flight, l.tokens) with ordinality as held (id, token, position)
        cross join lateral (   -- one by one: the planner knows nothing of how many envelopes a tenant has
          select * from public.outbox as kept where kept.tenant_id = l.tenant_id and kept.id = held.id offset 0
        ) as o
        left join public.verdict_sets as s on s.tenant_id = o.tenant_id and s.id = o.verdict_set
        where held.token = l.token
      )
    ) order by l.tenant_id, l.lane), '[]')
    from app_private.lanes as l
    where l.worker_id = claim.worker_id and l.claim_id = claim.claim_id and l.ready_at > moment
  );
end
$$;

-- Name: FUNCTION claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: decide_approval(uuid, uuid, text, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  held public.outbox;
  asked public.approvals;
begin
  perform set_config('app.door', coalesce(decide_approval.door, ''), true);
  if decision is null or decision not in ('approved', 'rejected') then
    raise exception 'decision: % is neither approved nor rejected', to_jsonb(decision) using errcode = 'PT400';
  end if;

  perform app_private.lock_lane(decide_approval.tenant, decide_approval.envelope);
  select * into held from public.outbox as o
  where o.id = decide_approval.envelope and o.tenant_id = decide_approval.tenant for update;
  select * into asked from public.approvals as a
  where a.tenant_id = decide_approval.tenant and a.envelope_id = decide_approval.envelope
  order by a.requested_at desc, a.decided_at desc nulls first limit 1 for update;
  if asked.id is null then
    raise exception 'envelope: % of this tenant asked for no approval', decide_approval.envelope using errcode = 'PT404';
  elsif asked.decision is not null then
    raise exception 'envelope: % was % by % already', decide_approval.envelope, asked.decision, asked.decided_by
      using errcode = 'PT409';
  elsif asked.digest is distinct from decide_approval.digest then
    raise exception 'digest: the call has changed since you looked; list the approvals again' using errcode = 'PT409';
  elsif asked.expires_at <= moment then
    raise exception 'envelope: the approval of % expired at %', decide_approval.envelope, asked.expires_at
      using errcode = 'PT409';
  end if;

  update public.approvals as a
  set decision = decide_approval.decision, decided_by = decide_approval.actor_id, decided_at = moment,
      decision_reason = decide_approval.reason
  where a.tenant_id = asked.tenant_id and a.id = asked.id;

  return app_private.change_envelope(
    held.tenant_id, held.id, case decide_approval.decision when 'approved' then 'pending' else 'rejected' end,
    decide_approval.decision, actor_type, actor_id, reason, moment,
    case decide_approval.decision when 'approved' then asked.digest end
  );
end
$$;

-- Name: FUNCTION decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: decide_tool(uuid, text, text, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  is_yes constant boolean := decide_tool.decision = 'accepted';
  candidate public.tool_catalog;
  released integer;
begin
  if decide_tool.decision is null or decide_tool.decision not in ('accepted', 'rejected') then
    raise exception 'decision: % is neither accepted nor rejected', to_jsonb(decide_tool.decision) using errcode = 'PT400';
  end if;
  perform from app_private.lanes as l where l.tenant_id = decide_tool.tenant order by l.lane for update;
  select * into candidate from public.tool_catalog as c
  where c.tenant_id = decide_tool.tenant and c.tool_slug = decide_tool.tool_slug and c.status in ('quarantined', 'rejected')
  order by c.id desc limit 1 for update;
  if candidate.id is null then
    raise exception 'tool_slug: % of this tenant waits for no decision', to_jsonb(decide_tool.tool_slug)
      using errcode = 'PT404';
  elsif candidate.schema_hash is distinct from decide_tool.schema_hash then
    raise exception 'schema_hash: the tool has changed since you looked; list the drift again' using errcode = 'PT409';
  elsif candidate.status = 'rejected' and not is_yes then
    raise exception 'tool_slug: % was rejected already', decide_tool.tool_slug using errcode = 'PT409';
  end if;

  perform app_private.act_as(actor_type, actor_id, as_of, door);
  update public.tool_catalog as c
  set status = case when is_yes then 'retired' else 'blocked' end, updated_at = moment
  where c.tenant_id = decide_tool.tenant and c.tool_slug = decide_tool.tool_slug and c.status in ('drifted', 'blocked');
  update public.tool_catalog as c
  set status = case when is_yes then 'active' else 'rejected' end, updated_at = moment
  where c.tenant_id = candidate.tenant_id and c.id = candidate.id;

  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[decide_tool.tenant], actor_type => decide_tool.actor_type, actor_id => decide_tool.actor_id,
    categories => array['tool_catalog.' || decide_tool.decision],
    payloads => array[jsonb_strip_nulls(jsonb_build_object(
      'tool_slug', candidate.tool_slug, 'version', candidate.version, 'schema_hash', candidate.schema_hash,
      'reason', decide_tool.reason
    ))],
    made_at => moment
  );
  released := app_private.release_drifted(
    tenant, candidate.tool_slug, case when is_yes then candidate.version end,
    case when is_yes then 'approved' else 'rejected' end, actor_type, actor_id,
    format('the tool was %s', decide_tool.decision), moment
  );
  return jsonb_build_object('version', candidate.version, 'envelopes', released);
end
$$;

-- Name: FUNCTION decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: due_in(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.due_in(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select extract(epoch from min(l.ready_at) - coalesce(as_of, now()))::double precision
  from app_private.lanes as l
  where due_in.tenant is null or l.tenant_id = due_in.tenant
$$;

-- Name: FUNCTION due_in(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: enqueue(uuid[], uuid[], text[], text[], jsonb[], text[], text[], text[], jsonb[], jsonb[], timestamp with time zone[], text, text, timestamp with time zone[], timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS $_$
declare
  moment timestamptz := coalesce(as_of, clock_timestamp());   -- several calls may share a transaction
  first_at timestamptz := moment;
  longest_key integer;
  fresh uuid[];
  fresh_tenants uuid[];
  fresh_lanes smallint[];
  fresh_moments timestamptz[];
  fresh_keys text[];
  payloads jsonb[];
  buried uuid[];
  problem text;
begin
  perform set_config('app.door', coalesce(enqueue.door, ''), true);
  if coalesce(cardinality(ids), 0) = 0 then
    return '[]';
  end if;

  select t.id into problem
  from (select distinct unnest(tenants) as id) as t
  where not exists (select from public.tenants as known where known.id = t.id)
  limit 1;
  if found then
    raise exception 'tenant_id: no tenant %', coalesce(problem, 'given') using errcode = 'PT404';
  end if;

  select max(length(m ->> 'ordering_key')) into longest_key from unnest(metadata) as m;
  if longest_key > 255 then
    raise exception 'metadata.ordering_key: is longer than 255 characters' using errcode = 'PT400';
  elsif longest_key is not null then
    select greatest(first_at, max(newest.at) + interval '1 microsecond') into first_at
    from (
      select distinct a.tenant_id, a.metadata ->> 'ordering_key' as key
      from unnest(tenants, metadata) as a (tenant_id, metadata)
    ) as ordered
    cross join lateral (
      select max(e.created_at) as at from app_private.open_envelopes as e
      where e.tenant_id = ordered.tenant_id and e.ordering_key = ordered.key
    ) as newest;
  end if;
  -- At most 100 levels deep: JSON readers break at some depth, and a row nobody can read would stop its lane. A document
  -- so deep takes more than 400 bytes.
  select d.field into problem
  from unnest(arguments, trust_contexts, metadata) as a (arguments, trust_context, metadata)
  cross join lateral (
    values ('arguments', a.arguments), ('trust_context', a.trust_context), ('metadata', a.metadata)
  ) as d (field, document)
  where d.document <> '{}' and (
    jsonb_typeof(d.document) <> 'object' or octet_length(d.document::text) > 65536
    or (pg_column_size(d.document) > 400 and jsonb_path_exists(d.document, '$.**{101}'))
  )
  limit 1;
  if found then
    raise exception '%: breaks its rule (too long, empty, or not one of the allowed values)', problem
      using errcode = 'PT400';
  end if;

  with asked as (
    select
      a.*, first_at + (a.position - 1) * interval '1 microsecond' as created_at,
      (get_byte(key.hash, 0) * 256 + get_byte(key.hash, 1)) % t.lanes as lane
    from unnest(
      ids, tenants, tool_slugs, tool_versions, arguments, connected_account_ids, risks, external_ids, trust_contexts,
      metadata, next_run_at, must_run_before
    ) with ordinality as a (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, next_run_at, must_run_before, position
    )
    join public.tenants as t on t.id = a.tenant_id
    cross join lateral (   -- a hash that is the same on every platform and in every version
      select sha256(convert_to(coalesce(a.metadata ->> 'ordering_key', a.external_id), 'UTF8')) as hash
    ) as key
  ), inserted as (   -- sorted, so that two callers with the same keys wait for each other instead of deadlocking
    insert into public.outbox (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, lane, next_run_at, must_run_before, created_at, updated_at
    )
    select
      a.id, a.tenant_id, a.tool_slug, a.tool_version, a.arguments, a.connected_account_id, a.risk, a.external_id,
      a.trust_context, a.metadata, a.lane, greatest(a.next_run_at, moment),
      a.must_run_before, a.created_at, a.created_at
    from asked as a
    order by a.tenant_id, a.external_id, a.position
    on conflict (tenant_id, external_id) do nothing
    returning outbox.id, outbox.tenant_id, outbox.lane, outbox.next_run_at, outbox.created_at, outbox.external_id,
      outbox.tool_slug, outbox.ordering_key
  )
  select
    array_agg(i.id order by i.created_at), array_agg(i.tenant_id order by i.created_at),
    array_agg(i.lane order by i.created_at), array_agg(i.next_run_at order by i.created_at),
    array_agg(i.ordering_key order by i.created_at), array_agg(jsonb_build_object(
      'envelope_id', i.id, 'external_id', i.external_id, 'tool_slug', i.tool_slug
    ) order by i.created_at)
  into fresh, fresh_tenants, fresh_lanes, fresh_moments, fresh_keys, payloads
  from inserted as i;

  -- A new statement sees what others committed while we waited for a key: a dead letter keeps its key.
  with undone as (
    delete from public.outbox as o
    using unnest(tenants, external_ids) as a (tenant_id, external_id), public.outbox_dlq as d
    where d.tenant_id = a.tenant_id and d.external_id = a.external_id
      and o.tenant_id = d.tenant_id and o.external_id = d.external_id
    returning o.id
  )
  select array_agg(u.id) into buried from undone as u;
  if buried is not null then
    select
      array_agg(f.id), array_agg(f.tenant_id), array_agg(f.lane), array_agg(f.moment), array_agg(f.key),
      array_agg(f.payload)
    into fresh, fresh_tenants, fresh_lanes, fresh_moments, fresh_keys, payloads
    from unnest(fresh, fresh_tenants, fresh_lanes, fresh_moments, fresh_keys, payloads)
      as f (id, tenant_id, lane, moment, key, payload)
    where f.id <> all (buried);
  end if;

  select d.id into problem
  from unnest(fresh_tenants, fresh) as f (tenant_id, id)
  join public.outbox_dlq as d on d.tenant_id = f.tenant_id and d.id = f.id
  limit 1;
  if found then
    raise exception 'id: % belongs to a dead letter; use a new one', problem using errcode = 'PT409';
  end if;

  if fresh is not null then
    perform app_private.do_at_commit(
      as_of,
      woken_tenants => array_agg(w.tenant_id), woken_lanes => array_agg(w.lane), woken_moments => array_agg(w.at),
      woken_keys => array_agg(w.key),
      audited_tenants => fresh_tenants, actor_type => enqueue.actor_type, actor_id => enqueue.actor_id,
      categories => array_fill('envelope.proposed'::text, array[cardinality(fresh)]), payloads => payloads,
      made_at => moment
    )
    from (
      select f.tenant_id, f.lane, f.key, min(f.at) as at
      from unnest(fresh_tenants, fresh_lanes, fresh_keys, fresh_moments) as f (tenant_id, lane, key, at)
      group by 1, 2, 3
    ) as w;
    perform app_private.notify_workers();
  end if;

  if cardinality(fresh) = cardinality(ids) then
    return (
      select json_agg(json_build_array(
        true, f.id, f.lane, f.next_run_at, first_at + (f.position - 1) * interval '1 microsecond'
      ) order by f.position)
      from unnest(fresh, fresh_lanes, fresh_moments) with ordinality as f (id, lane, next_run_at, position)
    );
  end if;

  select a.external_id into problem
  from unnest(tenants, external_ids, tool_slugs, arguments, connected_account_ids)
    as a (tenant_id, external_id, tool_slug, arguments, connected_account_id)
  left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
  left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
  where (coalesce(o.tool_slug, d.tool_slug), coalesce(o.arguments, d.arguments),
         coalesce(o.connected_account_id, d.connected_account_id))
    is distinct from (a.tool_slug, a.arguments, a.connected_account_id)
  limit 1;
  if found then
    raise exception 'external_id: % was proposed before with another tool, arguments or account; use a new key',
      to_jsonb(problem) using errcode = 'PT409';
  end if;

  return (
    select json_agg(json_build_array(
      coalesce(coalesce(o.id, d.id) = a.id, o.id = any (fresh), false)   -- sent again: the answer is what it was
        and a.nth = 1,
      coalesce(to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o)), to_jsonb(d))
    ) order by a.position)
    from (
      select g.*, row_number() over (partition by g.tenant_id, g.external_id order by g.position) as nth
      from unnest(tenants, external_ids, ids) with ordinality as g (tenant_id, external_id, id, position)
    ) as a
    left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
    left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
  );
end
$_$;

-- Name: FUNCTION enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, door text) TO service_role;

-- Name: expire_approvals(timestamp with time zone, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.expire_approvals(as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, actor_id text DEFAULT 'clock'::text, door text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  late_tenants uuid[];
  late uuid[];
  busy uuid[] := '{}';
  told_tenants uuid[];
  payloads jsonb[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  loop   -- until there is some that is not locked, or none is left: a tenant that is busy is left out of the next look
    select array_agg(a.tenant_id), array_agg(a.envelope_id) into late_tenants, late
    from (
      select old.tenant_id, old.envelope_id from public.approvals as old
      where old.decision is null and old.expires_at <= moment and old.tenant_id <> all (busy)
      order by old.expires_at, old.envelope_id
      limit 1000
    ) as a;
    if late is null then
      return 0;
    end if;

    with free as (   -- as in settle: lanes first, chain heads last
      select l.tenant_id, l.lane
      from app_private.lanes as l
      where (l.tenant_id, l.lane) in (
        select o.tenant_id, o.lane
        from unnest(late_tenants, late) as a (tenant_id, id)
        join public.outbox as o on o.tenant_id = a.tenant_id and o.id = a.id
      )
      order by l.tenant_id, l.lane
      for update skip locked
    ), heads as (
      select h.tenant_id
      from app_private.audit_heads as h
      where h.tenant_id in (select f.tenant_id from free as f)
      order by h.tenant_id
      for update skip locked
    ), seen as (
      select
        a.tenant_id, a.id,
        o.id is null or (f.lane is not null and (h.tenant_id is not null or not exists (
          select from app_private.audit_heads as locked where locked.tenant_id = a.tenant_id
        ))) as is_free
      from unnest(late_tenants, late) as a (tenant_id, id)
      left join public.outbox as o on o.tenant_id = a.tenant_id and o.id = a.id
      left join free as f on f.tenant_id = o.tenant_id and f.lane = o.lane
      left join heads as h on h.tenant_id = o.tenant_id
    )
    select
      array_agg(s.tenant_id) filter (where s.is_free), array_agg(s.id) filter (where s.is_free),
      busy || coalesce(array_agg(distinct s.tenant_id) filter (where not s.is_free), '{}')
    into late_tenants, late, busy
    from seen as s;
    exit when late is not null;
  end loop;

  with closed as (
    update public.approvals as a
    set decision = 'expired', decided_by = expire_approvals.actor_id, decided_at = moment
    from unnest(late_tenants, late) as due (tenant_id, id)
    where a.tenant_id = due.tenant_id and a.envelope_id = due.id and a.decision is null and a.expires_at <= moment
    returning a.tenant_id, a.envelope_id
  ), expired as (
    update public.outbox as o
    set status = 'expired', updated_at = moment
    from closed as c
    where o.tenant_id = c.tenant_id and o.id = c.envelope_id and o.status = 'awaiting_approval'
    returning o.*
  )
  select
    array_agg(e.tenant_id order by e.tenant_id, e.id),
    array_agg(app_private.envelope_event(
      e.id, e.external_id, e.tool_slug, jsonb_build_object(
        'status', 'expired', 'reason',
        case when e.must_run_before <= moment then 'its deadline has passed' else 'nobody decided in time' end
      )
    ) order by e.tenant_id, e.id),
    array_agg(e.tenant_id) filter (where e.ordering_key is not null),
    array_agg(e.ordering_key) filter (where e.ordering_key is not null)
  into told_tenants, payloads, freed_tenants, freed_keys
  from expired as e;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
    perform app_private.notify_workers();
  end if;
  if told_tenants is not null then
    perform app_private.append_audit(
      told_tenants, expire_approvals.actor_type, expire_approvals.actor_id,
      array_fill('envelope.expired'::text, array[cardinality(told_tenants)]),
      app_private.through_door(payloads, expire_approvals.door), moment
    );
  end if;
  return coalesce(cardinality(told_tenants), 0);
end
$$;

-- Name: FUNCTION expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: expire_envelopes(timestamp with time zone, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, actor_id text DEFAULT 'clock'::text, door text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  late_tenants uuid[];
  late uuid[];
  told_tenants uuid[];
  payloads jsonb[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  delete from app_private.deadlines as d   -- over by now
  where d.must_run_before <= moment and not exists (
    select from public.outbox as o
    where o.tenant_id = d.tenant_id and o.id = d.id and o.status in ('pending', 'awaiting_approval')
  );

  -- Waits for nobody: where a tenant's lane or chain is locked, its envelopes are left for the next time.
  select array_agg(free.tenant_id), array_agg(free.id) into late_tenants, late
  from (
    select d.tenant_id, d.id
    from app_private.deadlines as d
    join public.outbox as o on o.tenant_id = d.tenant_id and o.id = d.id
    join app_private.lanes as l on l.tenant_id = o.tenant_id and l.lane = o.lane
    join app_private.audit_heads as h on h.tenant_id = d.tenant_id
    where d.must_run_before <= moment and d.id <> all (l.in_flight)
    order by d.must_run_before, d.tenant_id, d.id
    limit 1000
    for update of d, l, h skip locked
  ) as free;
  if late is null then
    return 0;
  end if;

  with expired as (
    update public.outbox as o
    set status = 'expired', updated_at = moment
    from unnest(late_tenants, late) as due (tenant_id, id)
    where o.tenant_id = due.tenant_id and o.id = due.id and o.status in ('pending', 'awaiting_approval')
    returning o.*
  ), closed as (
    update public.approvals as a
    set decision = 'expired', decided_by = expire_envelopes.actor_id, decided_at = moment
    from expired as e
    where a.tenant_id = e.tenant_id and a.envelope_id = e.id and a.decision is null
  ), done as (
    delete from app_private.deadlines as d
    using unnest(late_tenants, late) as due (tenant_id, id)
    where d.tenant_id = due.tenant_id and d.id = due.id
  )
  select
    array_agg(e.tenant_id order by e.tenant_id, e.id),
    array_agg(app_private.envelope_event(
      e.id, e.external_id, e.tool_slug, jsonb_build_object('status', 'expired', 'reason', 'its deadline has passed')
    ) order by e.tenant_id, e.id),
    array_agg(e.tenant_id) filter (where e.ordering_key is not null),
    array_agg(e.ordering_key) filter (where e.ordering_key is not null)
  into told_tenants, payloads, freed_tenants, freed_keys
  from expired as e;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
    perform app_private.notify_workers();
  end if;
  if told_tenants is not null then
    perform app_private.append_audit(
      told_tenants, expire_envelopes.actor_type, expire_envelopes.actor_id,
      array_fill('envelope.expired'::text, array[cardinality(told_tenants)]),
      app_private.through_door(payloads, expire_envelopes.door), moment
    );
  end if;
  return coalesce(cardinality(told_tenants), 0);
end
$$;

-- Name: FUNCTION expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: extend_job(text, uuid, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
  with held as (
    update app_private.job_runs as r
    set lease_until = coalesce(as_of, now()) + lease_for
    where r.job = extend_job.job and r.id = extend_job.run_id and r.status = 'running'
    returning 1
  )
  select exists (select from held)
$$;

-- Name: FUNCTION extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone) TO service_role;

-- Name: find_evidence(jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.find_evidence(keys jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', e.tenant_id, 'id', e.id, 'sha256', e.sha256, 'seen_at', e.seen_at
  )), '[]')
  from jsonb_to_recordset(keys) as k (tenant_id uuid, id uuid)
  join public.evidence as e on e.tenant_id = k.tenant_id and e.id = k.id
$$;

-- Name: FUNCTION find_evidence(keys jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.find_evidence(keys jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.find_evidence(keys jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.find_evidence(keys jsonb) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.find_evidence(keys jsonb) TO service_role;

-- Name: find_tools(jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.find_tools(keys jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(jsonb_build_object('asked', k.position, 'tool', to_jsonb(newest) || jsonb_build_object('drifted_to', became.schema_hash))), '[]')
  from (
    select a.position, (a.key ->> 'tenant_id')::uuid as tenant_id, a.key ->> 'tool_slug' as tool_slug,
      a.key ->> 'version' as version
    from jsonb_array_elements(keys) with ordinality as a (key, position)
  ) as k
  cross join lateral (
    select c.*
    from public.tool_catalog as c
    where c.tenant_id = k.tenant_id and c.tool_slug = k.tool_slug
      and case when k.version is null then c.status <> 'retired' else c.version = k.version end
    order by c.id desc
    limit 1
  ) as newest
  left join lateral (
    select c.schema_hash
    from public.tool_catalog as c
    where newest.status in ('drifted', 'quarantined')
      and c.tenant_id = newest.tenant_id and c.tool_slug = newest.tool_slug and c.status = 'quarantined'
    order by c.id desc
    limit 1
  ) as became on true
$$;

-- Name: FUNCTION find_tools(keys jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.find_tools(keys jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.find_tools(keys jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.find_tools(keys jsonb) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.find_tools(keys jsonb) TO service_role;

-- Name: finish_job(text, uuid, text, jsonb, text, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
  update app_private.job_runs as r
  set status = finish_job.status, finished_at = coalesce(as_of, now()), counts = finish_job.counts,
      error = finish_job.error
  where r.job = finish_job.job and r.id = finish_job.run_id and r.status = 'running';
  select coalesce((
    select r.status = finish_job.status from app_private.job_runs as r
    where r.job = finish_job.job and r.id = finish_job.run_id
  ), false)
$$;

-- Name: FUNCTION finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone) TO service_role;

-- Name: forget_evidence(interval, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.forget_evidence(keep interval, max_rows integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  with old as (
    select e.tenant_id, e.id from public.evidence as e
    where e.seen_at < coalesce(as_of, now()) - keep
      and not exists (select from public.signals as s where s.tenant_id = e.tenant_id and s.evidence_id = e.id)
    limit max_rows
    for update of e skip locked
  ), gone as (
    delete from public.evidence as e using old where e.tenant_id = old.tenant_id and e.id = old.id returning 1
  )
  select count(*)::integer from gone
$$;

-- Name: FUNCTION forget_evidence(keep interval, max_rows integer, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.forget_evidence(keep interval, max_rows integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.forget_evidence(keep interval, max_rows integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.forget_evidence(keep interval, max_rows integer, as_of timestamp with time zone) TO service_role;

-- Name: forget_settled(interval, integer, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, actor_id text DEFAULT 'clock'::text, door text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
declare
  before timestamptz := coalesce(as_of, now()) - keep;
  tenant record;
  gone integer;
  told_tenants uuid[] := '{}';
  payloads jsonb[] := '{}';
  total integer := 0;
begin
  for tenant in select t.id from public.tenants as t order by t.id loop
    exit when total >= max_envelopes;
    perform from app_private.audit_heads as h where h.tenant_id = tenant.id for update skip locked;
    continue when not found and exists (select from app_private.audit_heads as h where h.tenant_id = tenant.id);
    delete from public.outbox as o
    using (
      select old.id from public.outbox as old
      where old.tenant_id = tenant.id
        and old.created_at < before
        and old.updated_at < before
        and old.status not in ('pending', 'awaiting_approval', 'unknown')
      order by old.created_at, old.id
      limit max_envelopes - total
      for update skip locked
    ) as due
    where o.tenant_id = tenant.id and o.id = due.id;
    get diagnostics gone = row_count;
    if gone > 0 then
      total := total + gone;
      told_tenants := told_tenants || tenant.id;
      payloads := payloads || jsonb_build_object('envelopes', gone, 'settled_before', before);
    end if;
  end loop;
  if total > 0 then
    perform app_private.append_audit(
      told_tenants, forget_settled.actor_type, forget_settled.actor_id,
      array_fill('outbox.forgotten'::text, array[cardinality(told_tenants)]),
      app_private.through_door(payloads, forget_settled.door), coalesce(as_of, now())
    );
  end if;
  return total;
end
$$;

-- Name: FUNCTION forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: get_envelope(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o))
  from public.outbox as o
  where o.id = get_envelope.envelope and o.tenant_id = get_envelope.tenant
  union all
  select to_jsonb(d) from public.outbox_dlq as d where d.id = get_envelope.envelope and d.tenant_id = get_envelope.tenant
$$;

-- Name: FUNCTION get_envelope(tenant uuid, envelope uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO service_role;

-- Name: get_tenant(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.get_tenant(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select to_jsonb(t) from public.tenants as t where t.id = get_tenant.tenant
$$;

-- Name: FUNCTION get_tenant(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.get_tenant(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid) TO service_role;

-- Name: heartbeat(text, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  held jsonb;
  is_short boolean;
begin
  with mine as (   -- locked in one order: this worker may be settling at the same time
    select h.tenant_id, h.lane
    from app_private.lanes as h
    where h.worker_id = heartbeat.worker_id
    order by h.tenant_id, h.lane
    for update skip locked
  ), renewed as (
    update app_private.lanes as l
    set ready_at = moment + lease_for, set_at = moment
    from mine as m
    where l.tenant_id = m.tenant_id and l.lane = m.lane and l.worker_id = heartbeat.worker_id
    returning l.tenant_id, l.lane, l.tokens
  ), known as (
    select r.tenant_id, r.lane, r.tokens, false as is_busy from renewed as r
    union all
    select b.tenant_id, b.lane, b.tokens, true
    from app_private.lanes as b
    where b.worker_id = heartbeat.worker_id and (b.tenant_id, b.lane) not in (select m.tenant_id, m.lane from mine as m)
  )
  select
    jsonb_agg(distinct jsonb_build_object('tenant_id', k.tenant_id, 'lane', k.lane, 'token', given.token)),
    bool_or(k.is_busy)
  into held, is_short
  from known as k
  cross join lateral unnest(k.tokens) as given (token);

  if is_short then
    insert into app_private.renewals as r (worker_id, until) values (heartbeat.worker_id, moment + lease_for)
    on conflict on constraint renewals_pkey do update set until = excluded.until;
  else
    delete from app_private.renewals as r
    using (
      select ended.worker_id from app_private.renewals as ended
      where ended.worker_id = heartbeat.worker_id or ended.until <= moment
      for update skip locked
    ) as done
    where r.worker_id = done.worker_id;
  end if;
  return coalesce(held, '[]');
end
$$;

-- Name: FUNCTION heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone) TO service_role;

-- Name: hold_rate_bucket(uuid, text, integer, double precision, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
  select pg_advisory_xact_lock(hashtextextended(format('%s %s', hold_rate_bucket.tenant, hold_rate_bucket.bucket), 13));
  with held as (
    insert into app_private.rate_buckets as b (tenant_id, bucket, tokens, filled_at)
    values (
      hold_rate_bucket.tenant, hold_rate_bucket.bucket, 0, until - make_interval(secs => per_seconds / capacity)
    )
    on conflict (tenant_id, bucket) do update
    set tokens = 0, filled_at = greatest(b.filled_at, excluded.filled_at)
    returning 1
  )
  select exists (select from held)
$$;

-- Name: FUNCTION hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) TO service_role;

-- Name: list_accounts(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_accounts(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(a order by a.linked_at desc nulls last, a.id), '[]')
  from public.connected_accounts as a
  where a.tenant_id = list_accounts.tenant
$$;

-- Name: FUNCTION list_accounts(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_accounts(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO service_role;

-- Name: list_approvals(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(open.approval), '[]')
  from (
    select to_jsonb(a) || jsonb_build_object('envelope', to_jsonb(o)) as approval
    from public.approvals as a
    join public.outbox as o on o.id = a.envelope_id and o.tenant_id = a.tenant_id
    where a.decision is null
      and (list_approvals.tenant is null or a.tenant_id = list_approvals.tenant)
      and (list_approvals.envelope is null or a.envelope_id = list_approvals.envelope)
    order by a.requested_at, a.id
    limit 1000
  ) as open
$$;

-- Name: FUNCTION list_approvals(tenant uuid, envelope uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid) TO service_role;

-- Name: list_audit_heads(uuid, uuid, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_audit_heads(tenant uuid DEFAULT NULL::uuid, after uuid DEFAULT NULL::uuid, max_heads integer DEFAULT 500) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  with recursive step (tenant_id) as (   -- from tenant to tenant along the index, not through a tenant's million rows
    select coalesce(
      list_audit_heads.after,
      (select a.tenant_id from public.audit_log as a order by a.tenant_id limit 1)
    )
    where list_audit_heads.tenant is null
    union all
    select (
      select a.tenant_id from public.audit_log as a
      where a.tenant_id > s.tenant_id
      order by a.tenant_id limit 1
    )
    from step as s
    where s.tenant_id is not null
  ), known as (
    (
      select s.tenant_id from step as s
      where s.tenant_id is distinct from list_audit_heads.after
      limit max_heads
    )
    union
    (
      select h.tenant_id from app_private.audit_heads as h
      where list_audit_heads.tenant is null and (list_audit_heads.after is null or h.tenant_id > list_audit_heads.after)
      order by h.tenant_id
      limit max_heads
    )
    union
    select list_audit_heads.tenant
    where exists (select from public.audit_log as a where a.tenant_id = list_audit_heads.tenant)
    union
    select h.tenant_id from app_private.audit_heads as h where h.tenant_id = list_audit_heads.tenant
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', n.tenant_id,
    'seq', h.seq,
    'hash', encode(h.hash, 'hex'),
    'newest', (select max(a.seq) from public.audit_log as a where a.tenant_id = n.tenant_id)
  ) order by n.tenant_id), '[]')
  from (select k.tenant_id from known as k where k.tenant_id is not null order by k.tenant_id limit max_heads) as n
  left join app_private.audit_heads as h using (tenant_id)
$$;

-- Name: FUNCTION list_audit_heads(tenant uuid, after uuid, max_heads integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) TO service_role;

-- Name: list_dead_letters(uuid, text, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(oldest), '[]')
  from (
    select d.*
    from public.outbox_dlq as d
    where (list_dead_letters.tenant is null or d.tenant_id = list_dead_letters.tenant)
      and (list_dead_letters.status is null or d.status = list_dead_letters.status)
    order by d.moved_at, d.id
    limit max_envelopes
  ) as oldest
$$;

-- Name: FUNCTION list_dead_letters(tenant uuid, status text, max_envelopes integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer) TO service_role;

-- Name: list_envelopes(uuid, text, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(newest.envelope), '[]')
  from (
    select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o)) as envelope
    from public.outbox as o
    where (list_envelopes.tenant is null or o.tenant_id = list_envelopes.tenant)
      and (list_envelopes.status is null or o.status = list_envelopes.status)
    order by o.created_at desc, o.id desc
    limit max_envelopes
  ) as newest
$$;

-- Name: FUNCTION list_envelopes(tenant uuid, status text, max_envelopes integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer) TO service_role;

-- Name: list_evidence(uuid, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(e order by e.seen_at desc, e.id), '[]')
  from (
    select * from public.evidence as one
    where one.tenant_id = list_evidence.tenant
    order by one.seen_at desc, one.id
    limit max_rows
  ) as e
$$;

-- Name: FUNCTION list_evidence(tenant uuid, max_rows integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO service_role;

-- Name: list_job_runs(text, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_job_runs(job text DEFAULT NULL::text, max_runs integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(r order by r.started_at desc, r.id desc), '[]')
  from (
    select * from app_private.job_runs as one
    where list_job_runs.job is null or one.job = list_job_runs.job
    order by one.started_at desc, one.id desc
    limit max_runs
  ) as r
$$;

-- Name: FUNCTION list_job_runs(job text, max_runs integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) TO service_role;

-- Name: list_objectives(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_objectives(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(o order by o.metric, o.title, o.id), '[]')
  from public.objectives as o
  where o.tenant_id = list_objectives.tenant
$$;

-- Name: FUNCTION list_objectives(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_objectives(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO service_role;

-- Name: list_signals(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_signals(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(s order by s.tool_slug, s.connected_account_id), '[]')
  from public.signals as s
  where s.tenant_id = list_signals.tenant
$$;

-- Name: FUNCTION list_signals(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_signals(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO service_role;

-- Name: list_tenants(); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_tenants() RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(t order by t.name, t.id), '[]') from public.tenants as t
$$;

-- Name: FUNCTION list_tenants(); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_tenants() FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_tenants() TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_tenants() TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_tenants() TO service_role;

-- Name: list_tools(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_tools(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(c order by c.tool_slug, c.id desc), '[]')
  from public.tool_catalog as c
  where c.tenant_id = list_tools.tenant
$$;

-- Name: FUNCTION list_tools(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_tools(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO service_role;

-- Name: mark_sent(text, jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  mine jsonb;
  free_tenants uuid[];
  free_lanes smallint[];
  twice uuid[];
begin
  select coalesce(array_agg(two.id), '{}') into twice
  from (
    select c.envelope_id as id
    from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint, token bigint, envelope_id uuid)
    group by 1
    having count(distinct (c.tenant_id, c.lane, c.token)) > 1
  ) as two;

  select array_agg(free.tenant_id), array_agg(free.lane) into free_tenants, free_lanes
  from (
    select l.tenant_id, l.lane from app_private.lanes as l
    where (l.tenant_id, l.lane) in (
      select c.tenant_id, c.lane from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint)
    )
    order by l.tenant_id, l.lane
    for update skip locked
  ) as free;

  with held as (
    select l.tenant_id, l.lane, array_agg(c.envelope_id) as ids
    from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint, token bigint, envelope_id uuid)
    join unnest(free_tenants, free_lanes) as free (tenant_id, lane) using (tenant_id, lane)
    join app_private.lanes as l using (tenant_id, lane)
    where l.worker_id = mark_sent.worker_id and c.envelope_id <> all (twice)
      and (c.envelope_id, c.token) in (select held.id, held.token from unnest(l.in_flight, l.tokens) as held (id, token))
    group by 1, 2
  ), marked as (
    update app_private.lanes as l
    set sent = array(select unnest(l.sent) union select unnest(h.ids))
    from held as h
    where l.tenant_id = h.tenant_id and l.lane = h.lane
    returning h.ids
  )
  select jsonb_agg(id) into mine from marked cross join lateral unnest(marked.ids) as id;

  return jsonb_build_object('may_go', coalesce(mine, '[]'), 'busy', (
    select coalesce(jsonb_agg(distinct c.envelope_id), '[]')
    from jsonb_to_recordset(calls) as c (tenant_id uuid, lane smallint, envelope_id uuid)
    join app_private.lanes as l using (tenant_id, lane)
    where (c.tenant_id, c.lane) not in (select * from unnest(free_tenants, free_lanes)) or c.envelope_id = any (twice)
  ));
end
$$;

-- Name: FUNCTION mark_sent(worker_id text, calls jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) TO service_role;

-- Name: note_scan(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, door text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
  select app_private.act_as(actor_type, actor_id, as_of, door);
  with noted as (
    update public.connected_accounts as a
    set scanned_at = greatest(coalesce(as_of, now()), a.linked_at)
    where a.tenant_id = note_scan.tenant and a.id = note_scan.account
    returning 1
  )
  select exists (select from noted)
$$;

-- Name: FUNCTION note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: pause_tenant(uuid, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  changed public.tenants;
begin
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  update public.tenants as t
  set paused_at = coalesce(t.paused_at, as_of, now()), paused_reason = coalesce(reason, t.paused_reason),
      updated_at = coalesce(as_of, now())
  where t.id = tenant
  returning t.* into changed;
  if changed.id is null then
    raise exception 'tenant: no tenant %', tenant using errcode = 'PT404';
  end if;
  return to_jsonb(changed);
end
$$;

-- Name: FUNCTION pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: queue_status(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.queue_status(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', t.id,
    'name', t.name,
    'paused', t.paused_at is not null,
    'depth', coalesce(states.depth, '{}'),
    'in_flight', coalesce(held.in_flight, 0),
    'dlq', coalesce(dead.letters, 0),
    'doubtful', coalesce(dead.doubtful, 0),
    'oldest_due_at', case when t.paused_at is null then states.oldest_due_at end,
    'retrying', coalesce(states.retrying, 0),
    'retries', coalesce(soonest.retries, '[]')
  ) order by t.name, t.id), '[]')
  from public.tenants as t
  left join (
    select s.tenant_id, jsonb_object_agg(s.status, s.envelopes) as depth, min(s.oldest_due_at) as oldest_due_at,
      sum(s.retrying) as retrying
    from (
      select
        o.tenant_id, o.status, count(*) as envelopes,
        count(*) filter (where o.status = 'pending' and o.retrying) as retrying,
        min(o.next_run_at) filter (
          where o.status = 'pending' and not o.waits and o.next_run_at <= coalesce(as_of, now())
            and (o.ordering_key is null or not exists (
              select from app_private.open_envelopes as older
              where older.tenant_id = o.tenant_id and older.ordering_key = o.ordering_key
                and (older.created_at, older.id) < (o.created_at, o.id)
            ))
        ) as oldest_due_at
      from app_private.open_envelopes as o
      where tenant is null or o.tenant_id = tenant
      group by 1, 2
    ) as s
    group by 1
  ) as states on states.tenant_id = t.id
  left join (
    select l.tenant_id, sum(cardinality(l.in_flight)) as in_flight from app_private.lanes as l group by 1
  ) as held on held.tenant_id = t.id
  left join (
    select d.tenant_id, count(*) as letters, count(*) filter (where d.doubtful) as doubtful
    from public.outbox_dlq as d group by 1
  ) as dead on dead.tenant_id = t.id
  left join lateral (
    select jsonb_agg(jsonb_build_object(
      'envelope_id', r.id, 'tool_slug', r.tool_slug, 'attempts', r.attempts, 'next_run_at', r.next_run_at,
      'wait_seconds', greatest(0, round(extract(epoch from r.next_run_at - coalesce(as_of, now())), 1)),
      'last_error', r.last_error
    ) order by r.next_run_at, r.id) as retries
    from (
      select o.* from app_private.open_envelopes as e
      join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
      where e.tenant_id = t.id and e.status = 'pending' and e.retrying
      order by e.next_run_at, e.id
      limit 20
    ) as r
  ) as soonest on true
  where tenant is null or t.id = tenant
$$;

-- Name: FUNCTION queue_status(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.queue_status(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.queue_status(tenant uuid, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.queue_status(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.queue_status(tenant uuid, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.queue_status(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: read_audit(uuid, bigint, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  with page as (
    select a.* from public.audit_log as a
    where a.tenant_id = read_audit.tenant and a.seq is null and read_audit.after is null
    union all
    (
      select a.* from public.audit_log as a
      where a.tenant_id = read_audit.tenant
        and a.seq >= coalesce(read_audit.after, -9223372036854775808)   -- where the index begins to be read
        and (read_audit.after is null or a.seq > read_audit.after)
        and (read_audit.since is null or a.seq >= (
          select min(b.seq) from public.audit_log as b
          where b.tenant_id = read_audit.tenant and b.created_at >= read_audit.since
        ))
      order by a.seq
      fetch first (max_rows) rows with ties
    )
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', p.tenant_id,
    'seq', p.seq,
    'actor_type', p.actor_type,
    'actor_id', p.actor_id,
    'category', p.category,
    'payload', p.payload::text,
    'created_at', p.created_at,
    'previous_hash', encode(p.previous_hash, 'hex'),
    'hash', encode(p.hash, 'hex')
  ) order by p.seq nulls first, p.id), '[]')
  from page as p
$$;

-- Name: FUNCTION read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO service_role;

-- Name: read_policies(uuid[]); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_policies(tenants uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(jsonb_build_object('tenant_id', t.id, 'policy', jsonb_build_object(
    'paused_at', t.paused_at,
    'paused_reason', left(t.paused_reason, 16384),
    'settings', case when held.problem is null then to_jsonb(g) end,
    'accounts', case when held.problem is null then (
      select coalesce(jsonb_agg(a order by a.linked_at desc nulls last, a.id), '[]')
      from public.connected_accounts as a where a.tenant_id = t.id
    ) else '[]' end,
    'unreadable', held.problem
  ))), '[]')
  from public.tenants as t
  left join public.guardrails as g on g.tenant_id = t.id
  cross join lateral (
    select case
      when octet_length(to_jsonb(g)::text) > 262144 then 'the guardrails are larger than 256 KiB'
      when count(*) > 1000 then 'there are more than 1000 connected accounts; delete some'
      when sum(a.octets) > 1048576 then 'the connected accounts are larger than 1 MiB; delete some'
    end as problem
    from (
      select octet_length(one.metadata::text) + octet_length(one.scopes::text) as octets
      from public.connected_accounts as one
      where one.tenant_id = t.id
      limit 1001
    ) as a
  ) as held
  where t.id = any (tenants)
$$;

-- Name: FUNCTION read_policies(tenants uuid[]); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_policies(tenants uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_policies(tenants uuid[]) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_policies(tenants uuid[]) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.read_policies(tenants uuid[]) TO service_role;

-- Name: requeue_dead_letters(uuid, uuid[], integer, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  back public.outbox[];
  late public.outbox_dlq;
  busy uuid[] := '{}';
begin
  perform set_config('app.door', coalesce(requeue_dead_letters.door, ''), true);
  select d.* into late from public.outbox_dlq as d
  where (requeue_dead_letters.tenant is null or d.tenant_id = requeue_dead_letters.tenant)
    and d.id = any (envelopes) and d.must_run_before <= moment
  limit 1;
  if found then
    raise exception 'envelope: % was to run before %, which has passed; propose it anew', late.id, late.must_run_before
      using errcode = 'PT409';
  end if;
  if requeue_dead_letters.tenant is null then
    with dead as materialized (
      select distinct d.tenant_id, d.lane from public.outbox_dlq as d
    ), lanes as (
      select l.tenant_id, l.lane from app_private.lanes as l
      where (l.tenant_id, l.lane) in (select d.tenant_id, d.lane from dead as d)
      order by l.tenant_id, l.lane
      for update skip locked
    ), heads as (
      select h.tenant_id from app_private.audit_heads as h
      where h.tenant_id in (select d.tenant_id from dead as d)
      order by h.tenant_id
      for update skip locked
    )
    select coalesce(array_agg(distinct d.tenant_id), '{}') into busy
    from dead as d
    left join app_private.lanes as l on l.tenant_id = d.tenant_id and l.lane = d.lane
    left join app_private.audit_heads as h on h.tenant_id = d.tenant_id
    where (l.lane is not null and (l.tenant_id, l.lane) not in (select f.tenant_id, f.lane from lanes as f))
      or (h.tenant_id is not null and h.tenant_id not in (select f.tenant_id from heads as f));
  end if;

  with revived as (
    delete from public.outbox_dlq as d
    where (d.tenant_id, d.id) in (
      select old.tenant_id, old.id from public.outbox_dlq as old
      where (requeue_dead_letters.tenant is null or old.tenant_id = requeue_dead_letters.tenant)
        and old.tenant_id <> all (busy)
        and case
          when envelopes is not null then old.id = any (envelopes)
          -- The pattern is quick, and finds a little more than what is inexact.
          when old.doubtful then false
          when format('%s %s %s', old.arguments, old.trust_context, old.metadata) ~ '[0-9][0-9.]{15}' then not exists (
            select from (values (old.arguments), (old.trust_context), (old.metadata)) as d (document)
            where app_private.inexact_number(d.document) is not null
          )
          else true
        end
        and (old.must_run_before is null or old.must_run_before > moment)
      order by old.moved_at, old.id
      limit max_envelopes
      for update skip locked
    )
    returning d.*
  ), queued as (
    insert into public.outbox as o (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, status, next_run_at, last_error, lane, verdicts, must_run_before, created_at, updated_at
    )
    select
      r.id, r.tenant_id, r.tool_slug, r.tool_version, r.arguments, r.connected_account_id, r.risk, r.external_id,
      r.trust_context, r.metadata, 'pending', moment, r.last_error, r.lane, r.verdicts, r.must_run_before, r.created_at, moment
    from revived as r
    returning o.*
  )
  select array_agg(q order by q.created_at, q.id) into back from queued as q;
  if back is null then
    return '[]';
  end if;

  perform app_private.do_at_commit(
    moment,
    woken_tenants => array_agg(b.tenant_id), woken_lanes => array_agg(b.lane), woken_moments => array_agg(b.next_run_at),
    woken_keys => array_agg(b.ordering_key),
    audited_tenants => array_agg(b.tenant_id), actor_type => requeue_dead_letters.actor_type,
    actor_id => requeue_dead_letters.actor_id,
    categories => array_agg('envelope.requeued'::text),
    payloads => array_agg(app_private.envelope_event(b.id, b.external_id, b.tool_slug, '{}')), made_at => moment
  )
  from unnest(back) as b;
  perform app_private.notify_workers();

  return to_jsonb(back);
end
$$;

-- Name: FUNCTION requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: resolve_unknown(uuid, uuid, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  held public.outbox;
begin
  perform set_config('app.door', coalesce(resolve_unknown.door, ''), true);
  if decision is null or decision not in ('success', 'retry', 'failed') then
    raise exception 'decision: % is none of success, retry, failed', to_jsonb(decision) using errcode = 'PT400';
  end if;

  perform app_private.lock_lane(resolve_unknown.tenant, resolve_unknown.envelope);
  select * into held from public.outbox as o
  where o.id = resolve_unknown.envelope and o.tenant_id = resolve_unknown.tenant for update;
  if held.id is null then
    raise exception 'envelope: no % in this tenant''s outbox', resolve_unknown.envelope using errcode = 'PT404';
  elsif held.status <> 'unknown' then
    raise exception 'envelope: % is %, not unknown', held.id, held.status using errcode = 'PT409';
  end if;

  if decision = 'failed' then
    return app_private.bury(held.tenant_id, held.id, actor_type, actor_id, reason, moment);
  end if;
  return app_private.change_envelope(
    held.tenant_id, held.id, case decision when 'success' then 'success' else 'pending' end,
    'resolved', actor_type, actor_id, reason, moment
  );
end
$$;

-- Name: FUNCTION resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: resume_tenant(uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  changed public.tenants;
begin
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  perform from public.tenants as t where t.id = tenant for no key update;
  if not found then
    raise exception 'tenant: no tenant %', tenant using errcode = 'PT404';
  end if;
  perform app_private.do_at_commit(as_of, held_tenant => tenant, held_by => array['paused']);
  update public.tenants as t
  set paused_at = null, paused_reason = null, updated_at = coalesce(as_of, now())
  where t.id = tenant
  returning t.* into changed;
  return to_jsonb(changed);
end
$$;

-- Name: FUNCTION resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_account(jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
begin
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.connected_accounts (id, tenant_id, provider, status, scopes, linked_at, metadata, expires_at, problem)
  select
    a.id, a.tenant_id, a.provider, a.status, a.scopes, a.linked_at, a.metadata, a.expires_at, a.problem
  from jsonb_populate_record(null::public.connected_accounts, account) as a
  on conflict (tenant_id, id) do update
  set provider = excluded.provider, status = excluded.status, scopes = excluded.scopes,
      linked_at = excluded.linked_at, metadata = excluded.metadata, expires_at = excluded.expires_at,
      problem = excluded.problem, updated_at = coalesce(as_of, now());
end
$$;

-- Name: FUNCTION save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_guardrails(uuid, jsonb, numeric, jsonb, boolean, integer, jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
  select app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.guardrails as g (
    tenant_id, quiet_hours, trust_threshold, scopes, require_evidence, evidence_max_age, rate_limits
  )
  values (tenant, quiet_hours, trust_threshold, scopes, require_evidence, evidence_max_age, rate_limits)
  on conflict (tenant_id) do update
  set quiet_hours = excluded.quiet_hours, trust_threshold = excluded.trust_threshold, scopes = excluded.scopes,
      require_evidence = excluded.require_evidence, evidence_max_age = excluded.evidence_max_age,
      rate_limits = excluded.rate_limits
$$;

-- Name: FUNCTION save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_objective(jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
begin
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.objectives (id, tenant_id, title, metric, target, horizon, summary)
  select o.id, o.tenant_id, o.title, o.metric, o.target, o.horizon, o.summary
  from jsonb_populate_record(null::public.objectives, objective) as o
  on conflict (tenant_id, id) do update
  set title = excluded.title, metric = excluded.metric, target = excluded.target, horizon = excluded.horizon,
      summary = excluded.summary, updated_at = coalesce(as_of, now());
end
$$;

-- Name: FUNCTION save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_readings(uuid, jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  fresh integer;
  changed integer;
begin
  perform set_config('app.door', coalesce(save_readings.door, ''), true);
  if not exists (select from public.tenants as t where t.id = save_readings.tenant) then
    raise exception 'tenant_id: no tenant %', save_readings.tenant using errcode = 'PT404';
  end if;

  with given as (
    select distinct on (r.tool_slug, r.connected_account_id) r.*
    from jsonb_to_recordset(readings)
      as r (tool_slug text, connected_account_id uuid, sha256 text, content jsonb, value jsonb)
    order by r.tool_slug, r.connected_account_id
  ), seen as (
    insert into public.evidence as e (
      tenant_id, tool_slug, connected_account_id, sha256, content, observed_at, seen_at
    )
    select save_readings.tenant, g.tool_slug, g.connected_account_id, g.sha256, g.content, moment, moment
    from given as g
    on conflict (tenant_id, tool_slug, connected_account_id, sha256) do update
    set seen_at = greatest(e.seen_at, excluded.seen_at)
    returning e.id, e.tool_slug, e.connected_account_id, e.xmax = 0 as is_new
  ), said as (
    insert into public.signals as s (
      tenant_id, tool_slug, connected_account_id, value, evidence_id, observed_at, changed_at
    )
    select save_readings.tenant, g.tool_slug, g.connected_account_id, g.value, n.id, moment, moment
    from given as g
    join seen as n on n.tool_slug = g.tool_slug and n.connected_account_id is not distinct from g.connected_account_id
    on conflict (tenant_id, tool_slug, connected_account_id) do update
    set value = excluded.value, evidence_id = excluded.evidence_id, observed_at = excluded.observed_at,
        changed_at = case when s.evidence_id = excluded.evidence_id then s.changed_at else excluded.changed_at end
  )
  select
    count(*) filter (where n.is_new),
    count(*) filter (where was.evidence_id is distinct from n.id)   -- as it was before this statement
  into fresh, changed
  from seen as n
  left join public.signals as was
    on was.tenant_id = save_readings.tenant and was.tool_slug = n.tool_slug
    and was.connected_account_id is not distinct from n.connected_account_id;

  if fresh > 0 then
    perform app_private.do_at_commit(
      moment,
      audited_tenants => array[tenant], actor_type => save_readings.actor_type, actor_id => save_readings.actor_id,
      categories => array['evidence.collected'],
      payloads => array[jsonb_build_object('evidence', fresh, 'signals', changed)], made_at => moment
    );
  end if;
  return jsonb_build_object('evidence', fresh, 'signals', changed);
end
$$;

-- Name: FUNCTION save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_tenant(uuid, text, text, smallint, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
  select app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.tenants (id, name, plan, lanes)
  values (tenant, save_tenant.name, save_tenant.plan, save_tenant.lanes)
  on conflict (id) do update
  set name = excluded.name, plan = excluded.plan, lanes = excluded.lanes, updated_at = coalesce(as_of, now())
$$;

-- Name: FUNCTION save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_tools(jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
  select app_private.act_as(actor_type, actor_id, as_of, door);
  insert into public.tool_catalog (
    tenant_id, tool_slug, version, display_name, description, risk, schema, required_scopes, provider, config,
    idempotent, rate_bucket, scan
  )
  select
    t.tenant_id, t.tool_slug, t.version, t.display_name, t.description, t.risk, t.schema, t.required_scopes,
    t.provider, t.config, t.idempotent, t.rate_bucket, t.scan
  from (
    select distinct on (given.tenant_id, given.tool_slug, given.version) given.*, e.position
    from jsonb_array_elements(tools) with ordinality as e (entry, position)
    cross join lateral jsonb_populate_record(null::public.tool_catalog, e.entry) as given
    order by given.tenant_id, given.tool_slug, given.version, e.position desc
  ) as t
  order by t.tenant_id, t.tool_slug, t.position
  on conflict (tenant_id, tool_slug, version) do update
  set display_name = excluded.display_name, description = excluded.description, risk = excluded.risk,
      schema = excluded.schema, required_scopes = excluded.required_scopes, provider = excluded.provider,
      config = excluded.config, idempotent = excluded.idempotent, rate_bucket = excluded.rate_bucket, scan = excluded.scan,
      updated_at = coalesce(as_of, now())
$$;

-- Name: FUNCTION save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: settle(text, uuid[], smallint[], bigint[], uuid[], text[], jsonb, jsonb[], smallint[], jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '100ms'
    AS $_$
declare
  moment timestamptz := coalesce(as_of, now());
  asked constant uuid[] := envelopes;
  asked_tenants constant uuid[] := tenants;
  asked_tokens constant bigint[] := tokens;
  free_tenants uuid[];
  free_lanes smallint[];
  lanes_wanted bigint;
  free_heads uuid[];
  busy bigint[] := '{}';
  answers jsonb[];
  set_ids uuid[];
  accepted bigint[];
  told_tenants uuid[];
  categories text[];
  payloads jsonb[];
  freed_tenants uuid[];
  freed_keys text[];
begin
  with wanted as materialized (
    select distinct s.tenant_id, s.lane from unnest(tenants, lanes) as s (tenant_id, lane)
  ), free as (   -- as in claim: locks first
    select l.tenant_id, l.lane from app_private.lanes as l
    where (l.tenant_id, l.lane) in (select w.tenant_id, w.lane from wanted as w)
    order by l.tenant_id, l.lane
    for update skip locked
  )
  select array_agg(f.tenant_id), array_agg(f.lane), (select count(*) from wanted)
  into free_tenants, free_lanes, lanes_wanted
  from free as f;
  select array_agg(free.tenant_id) into free_heads
  from (
    select h.tenant_id from app_private.audit_heads as h
    where h.tenant_id = any (free_tenants)
    order by h.tenant_id
    for update skip locked
  ) as free;
  if coalesce(cardinality(free_tenants), 0) < lanes_wanted
    or coalesce(cardinality(free_heads), 0) < (select count(distinct t.id) from unnest(free_tenants) as t (id)) then
    select coalesce(array_agg(s.position), '{}') into busy
    from unnest(tenants, lanes) with ordinality as s (tenant_id, lane, position)
    join app_private.lanes as l using (tenant_id, lane)   -- a lane or a head that is not there is not locked either
    left join app_private.audit_heads as h using (tenant_id)
    where (s.tenant_id, s.lane) not in (select * from unnest(free_tenants, free_lanes))
      or h.tenant_id is not null and h.tenant_id not in (select * from unnest(free_heads));
  end if;

  select array_agg(nullif(r.answer, 'null') order by r.position) into answers
  from jsonb_array_elements(results) with ordinality as r (answer, position);

  select array_agg(first.position order by first.position) into accepted
  from (   -- the same envelope twice: the first counts
    select distinct on (s.tenant_id, s.id) s.position
    from unnest(tenants, lanes, tokens, envelopes) with ordinality as s (tenant_id, lane, token, id, position)
    join app_private.lanes as l on l.tenant_id = s.tenant_id and l.lane = s.lane and l.worker_id = settle.worker_id
    where l.tokens[array_position(l.in_flight, s.id)] = s.token and s.position <> all (busy)
    order by s.tenant_id, s.id, s.position
  ) as first;

  if accepted is null then
    return app_private.refused(asked_tenants, asked_tokens, asked, '{}', busy);
  elsif cardinality(accepted) < cardinality(envelopes) then
    select
      array_agg(s.tenant_id order by s.position), array_agg(s.lane order by s.position),
      array_agg(s.token order by s.position), array_agg(s.id order by s.position),
      array_agg(s.outcome order by s.position), array_agg(s.result order by s.position),
      array_agg(s.detail order by s.position), array_agg(s.said order by s.position)
    into tenants, lanes, tokens, envelopes, outcomes, answers, details, said
    from unnest(tenants, lanes, tokens, envelopes, outcomes, answers, details, said) with ordinality
      as s (tenant_id, lane, token, id, outcome, result, detail, said, position)
    where s.position = any (accepted);
  end if;

  -- Null where a guardrail stopped the envelope: such verdicts are its own.
  select array_agg(
    case when not jsonb_path_exists(v.verdicts, '$[*] ? (@.decision != "allow")')
      then encode(substr(sha256(convert_to(v.verdicts::text, 'UTF8')), 1, 16), 'hex')::uuid
    end order by v.position
  )
  into set_ids
  from jsonb_array_elements(verdict_sets) with ordinality as v (verdicts, position);
  insert into public.verdict_sets (tenant_id, id, verdicts)
  select s.tenant_id, set_ids[s.said + 1], verdict_sets -> s.said
  from (
    select distinct g.tenant_id, g.said from unnest(tenants, said) as g (tenant_id, said)
  ) as s
  where set_ids[s.said + 1] is not null
  order by s.tenant_id, s.said
  on conflict do nothing;

  with given as (
    select
      s.*, set_ids[s.said + 1] as verdict_set,
      case when set_ids[s.said + 1] is null or s.outcome in ('failed', 'denied') then verdict_sets -> s.said end as verdicts
    from unnest(tenants, tokens, envelopes, outcomes, answers, details, said) with ordinality
      as s (tenant_id, token, id, outcome, result, detail, said, position)
  ), moved as (
    delete from public.outbox as o
    using given as s
    where o.tenant_id = s.tenant_id and o.id = s.id and s.outcome in ('failed', 'denied')
    returning o.*, s.outcome as became, coalesce(s.detail ->> 'error', s.detail ->> 'reason', s.outcome) as why,
      worker_api.verdicts_of(o) as known, s.verdicts as said, coalesce((s.detail ->> 'doubtful')::boolean, false) as doubtful, s.token as under, s.position,
      s.result as answer, s.detail
  ), buried as (
    insert into public.outbox_dlq (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, status, attempts, last_error, lane, verdicts, doubtful, settled_token, must_run_before, created_at,
      moved_at
    )
    select
      m.id, m.tenant_id, m.tool_slug, m.tool_version, m.arguments, m.connected_account_id, m.risk, m.external_id,
      m.trust_context, m.metadata, m.became, m.attempts + (m.became = 'failed')::integer, m.why, m.lane,
      coalesce(m.said, m.known), m.doubtful, m.under, m.must_run_before, m.created_at, moment
    from moved as m
    returning tenant_id, id, attempts
  ), written as (
    update public.outbox as o
    set
      status = case when s.outcome in ('retry', 'hold') then 'pending' else s.outcome end,
      attempts = o.attempts + (s.outcome in ('success', 'conflict', 'unknown', 'retry'))::integer,
      next_run_at = coalesce((s.detail ->> 'next_run_at')::timestamptz, o.next_run_at),
      last_error = case when s.outcome = 'success' then null else coalesce(s.detail ->> 'error', o.last_error) end,
      verdicts = case when s.said is null then o.verdicts when s.verdict_set is null then s.verdicts else '[]' end,
      verdict_set = case when s.said is null then o.verdict_set else s.verdict_set end,
      result = coalesce(s.result, o.result),
      settled_token = s.token,
      updated_at = moment
    from given as s
    where o.tenant_id = s.tenant_id and o.id = s.id and s.outcome not in ('failed', 'denied', 'release')
    returning o.tenant_id, o.id, o.external_id, o.tool_slug, o.attempts, o.ordering_key, s.position, s.outcome, s.result,
      s.detail
  ), given_back as (
    update public.outbox as o set settled_token = s.token
    from given as s
    where o.tenant_id = s.tenant_id and o.id = s.id and s.outcome = 'release'
  ), ended as (
    select * from written
    union all
    select m.tenant_id, m.id, m.external_id, m.tool_slug, b.attempts, m.ordering_key, m.position, m.became, m.answer,
      m.detail
    from moved as m
    join buried as b using (tenant_id, id)
  ), told as (
    select
      e.tenant_id, e.ordering_key, e.position, 'envelope.' || e.outcome as category,
      e.outcome = 'hold' and (e.detail ->> 'repeat')::boolean is true as repeated,
      case
        when e.detail is null and e.result is not null then jsonb_build_object(
          'envelope_id', e.id, 'external_id', e.external_id, 'tool_slug', e.tool_slug, 'attempts', e.attempts,
          'result_sha256', encode(sha256(convert_to(e.result::text, 'UTF8')), 'hex')
        )
        else app_private.envelope_event(e.id, e.external_id, e.tool_slug, jsonb_build_object(
          'attempts', e.attempts,
          'error', e.detail ->> 'error',
          'reason', e.detail ->> 'reason',
          'next_run_at', case when e.outcome in ('retry', 'hold') then (e.detail ->> 'next_run_at')::timestamptz end,
          'result_sha256', encode(sha256(convert_to(e.result::text, 'UTF8')), 'hex')
        ))
      end as payload
    from ended as e
  )
  select
    array_agg(t.tenant_id order by t.position) filter (where not t.repeated),
    array_agg(t.category order by t.position) filter (where not t.repeated),
    array_agg(t.payload order by t.position) filter (where not t.repeated),
    array_agg(t.tenant_id) filter (where t.ordering_key is not null),
    array_agg(t.ordering_key) filter (where t.ordering_key is not null)
  into told_tenants, categories, payloads, freed_tenants, freed_keys
  from told as t;

  if outcomes && array['awaiting_approval'] then
    insert into public.approvals (tenant_id, envelope_id, digest, reason, requested_at, expires_at)
    select s.tenant_id, s.id, s.detail ->> 'digest', s.detail ->> 'reason', moment,
      (s.detail ->> 'expires_at')::timestamptz
    from unnest(tenants, envelopes, outcomes, details) as s (tenant_id, id, outcome, detail)
    where s.outcome = 'awaiting_approval';
  end if;

  update app_private.lanes as l
  set
    in_flight = left_over.ids,
    tokens = left_over.tokens,
    sent = array(select unnest(l.sent) intersect select unnest(left_over.ids)),
    worker_id = case when left_over.ids <> '{}' then l.worker_id end,
    set_at = case when left_over.ids <> '{}' then l.set_at else moment end,
    ready_at = case
      when left_over.ids <> '{}' then l.ready_at
      -- The back of the queue; nothing due stays nothing.
      else (select greatest(due.at, moment) from app_private.lane_ready_at(l.tenant_id, l.lane, moment) as due (at)
            where due.at is not null)
    end
  from (
    select c.tenant_id, c.lane, kept.ids, kept.tokens
    from (
      select s.tenant_id, s.lane, array_agg(s.id) as ids
      from unnest(tenants, lanes, envelopes) as s (tenant_id, lane, id)
      group by 1, 2
    ) as touched
    join app_private.lanes as c using (tenant_id, lane)
    cross join lateral (
      select coalesce(array_agg(held.id), '{}') as ids, coalesce(array_agg(held.token), '{}') as tokens
      from unnest(c.in_flight, c.tokens) as held (id, token)
      where held.id <> all (touched.ids)
    ) as kept
  ) as left_over
  where l.tenant_id = left_over.tenant_id and l.lane = left_over.lane;

  if freed_keys is not null then
    perform app_private.wake_successors(freed_tenants, freed_keys, moment);
  end if;
  if told_tenants is not null then   -- last, to hold the chain heads no longer than need be
    perform app_private.append_audit(told_tenants, 'worker', worker_id, categories, payloads, moment);
  end if;

  if cardinality(accepted) = cardinality(asked) then
    return '{"refused": [], "busy": []}';
  end if;
  return app_private.refused(asked_tenants, asked_tokens, asked, accepted, busy);
end
$_$;

-- Name: FUNCTION settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) TO service_role;

-- Name: sync_tools(uuid, text, text, jsonb, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
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

-- Name: FUNCTION sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text) TO service_role;

-- Name: tail_audit(uuid, integer, bigint); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint DEFAULT NULL::bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select coalesce(jsonb_agg(to_jsonb(newest) || jsonb_build_object(
    'hash', encode(newest.hash, 'hex'), 'previous_hash', encode(newest.previous_hash, 'hex')
  )), '[]')
  from (
    select a.*
    from public.audit_log as a
    where a.tenant_id = tail_audit.tenant
      and a.seq <= coalesce(before, 9223372036854775807)   -- where the index begins to be read
      and (before is null or a.seq < before)
    order by a.seq desc
    limit max_rows
  ) as newest
$$;

-- Name: FUNCTION tail_audit(tenant uuid, max_rows integer, before bigint); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO app_ro;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO app_rw;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO service_role;

-- Name: take_job(text, text, uuid, interval, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
declare
  moment timestamptz := coalesce(as_of, now());
  slot timestamptz := date_bin(every, moment, timestamptz '1970-01-01 00:00:00+00');
  last app_private.job_runs;
  run app_private.job_runs;
begin
  perform pg_advisory_xact_lock(hashtextextended(take_job.job, 10));
  select * into last from app_private.job_runs as r where r.job = take_job.job order by r.started_at desc, r.id desc limit 1;
  if last.id = take_job.run_id then
    return to_jsonb(last);   -- sent again
  elsif last.status = 'running' and last.lease_until > moment then
    return null;
  elsif last.status = 'running' then
    update app_private.job_runs as r
    set status = 'lost', finished_at = moment, error = 'whoever ran it went away before the end'
    where r.job = last.job and r.id = last.id;
  end if;
  if (
    select count(*) > 1 or bool_or(r.status <> 'lost')
    from app_private.job_runs as r where r.job = take_job.job and r.due_at >= slot
  ) then
    return null;
  end if;

  insert into app_private.job_runs (job, id, due_at, worker_id, lease_until, started_at)
  values (take_job.job, take_job.run_id, slot, take_job.worker_id, moment + lease_for, moment)
  returning * into run;
  delete from app_private.job_runs as r
  where r.job = take_job.job and r.id in (
    select old.id from app_private.job_runs as old
    where old.job = take_job.job order by old.started_at desc, old.id desc offset 1000
  );
  return to_jsonb(run);
end
$$;

-- Name: FUNCTION take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone) TO service_role;

-- Name: take_rate_tokens(uuid, jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
declare
  moment timestamptz := coalesce(as_of, now());
  free_tenants uuid[];
  free_buckets text[];
  grants jsonb;
begin
  -- A row that another transaction is just inserting cannot be skipped, so whoever inserts one holds this lock.
  with missing as materialized (
    select a.* from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text, capacity integer)
    where not exists (
      select from app_private.rate_buckets as known where known.tenant_id = a.tenant_id and known.bucket = a.bucket
    )
  )
  insert into app_private.rate_buckets (tenant_id, bucket, tokens, filled_at)
  select m.tenant_id, m.bucket, m.capacity, moment
  from missing as m
  where pg_try_advisory_xact_lock(hashtextextended(format('%s %s', m.tenant_id, m.bucket), 13))
  on conflict do nothing;

  select array_agg(free.tenant_id), array_agg(free.bucket) into free_tenants, free_buckets
  from (
    select b.tenant_id, b.bucket from app_private.rate_buckets as b
    where (b.tenant_id, b.bucket) in (
      select a.tenant_id, a.bucket from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text)
    )
    order by b.tenant_id, b.bucket
    for update skip locked
  ) as free;

  with asked as (
    select a.*, told.answer
    from jsonb_to_recordset(asks)
      as a (tenant_id uuid, bucket text, wanted integer, capacity double precision, per_seconds double precision)
    join unnest(free_tenants, free_buckets) as free (tenant_id, bucket) using (tenant_id, bucket)
    join app_private.rate_buckets as b using (tenant_id, bucket)
    left join lateral (
      select answer from jsonb_array_elements(b.answers) as answer where answer ->> 'ask_id' = ask_id::text
    ) as told on true
  ), level as (
    select
      a.tenant_id, a.bucket, a.wanted, a.per_seconds / a.capacity as seconds_per_token,
      least(a.capacity, b.tokens + greatest(0, extract(epoch from moment - b.filled_at)) * a.capacity / a.per_seconds)
        as tokens,
      greatest(b.filled_at, moment) as filled_at
    from asked as a
    join app_private.rate_buckets as b using (tenant_id, bucket)
    where a.answer is null
  ), granted as (
    select
      l.*, g.granted, l.tokens - g.granted as rest,
      case when l.tokens - g.granted < 1
        then l.filled_at + make_interval(secs => (1 - (l.tokens - g.granted)) * l.seconds_per_token)
      end as free_at
    from level as l
    cross join lateral (select least(l.wanted, floor(l.tokens + 1e-9))::integer) as g (granted)
  ), taken as (
    update app_private.rate_buckets as b
    set
      tokens = g.rest,
      filled_at = g.filled_at,
      answers = jsonb_build_array(
        jsonb_build_object('ask_id', ask_id, 'granted', g.granted, 'free_at', g.free_at)
      ) || jsonb_path_query_array(b.answers, '$[0 to 18]')
    from granted as g
    where b.tenant_id = g.tenant_id and b.bucket = g.bucket
  )
  select jsonb_agg(
    jsonb_build_object('tenant_id', g.tenant_id, 'bucket', g.bucket, 'granted', g.granted, 'free_at', g.free_at)
  )
  into grants
  from (
    select fresh.tenant_id, fresh.bucket, fresh.granted, fresh.free_at from granted as fresh
    union all
    select a.tenant_id, a.bucket, (a.answer ->> 'granted')::integer, (a.answer ->> 'free_at')::timestamptz
    from asked as a
    where a.answer is not null
    union all
    select a.tenant_id, a.bucket, 0, moment + interval '1 second'
    from jsonb_to_recordset(asks) as a (tenant_id uuid, bucket text)
    where (a.tenant_id, a.bucket) not in (select * from unnest(free_tenants, free_buckets))
  ) as g;
  return coalesce(grants, '[]');
end
$_$;

-- Name: FUNCTION take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) TO service_role;

-- Name: verdicts_of(public.outbox); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.verdicts_of(envelope public.outbox) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select case
    when envelope.verdict_set is null then envelope.verdicts
    else (
      select s.verdicts from public.verdict_sets as s
      where s.tenant_id = envelope.tenant_id and s.id = envelope.verdict_set
    )
  end
$$;

-- Name: FUNCTION verdicts_of(envelope public.outbox); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO app_ro;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO app_rw;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO service_role;

-- Name: waits_for(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o))
  from (
    select older.tenant_id, older.id
    from app_private.open_envelopes as older
    join public.outbox as this on this.tenant_id = older.tenant_id and this.ordering_key = older.ordering_key
    where this.id = waits_for.envelope
      and this.tenant_id = waits_for.tenant
      and (older.created_at, older.id) < (this.created_at, this.id)
    order by older.created_at, older.id
    limit 1
  ) as first
  join public.outbox as o on o.tenant_id = first.tenant_id and o.id = first.id
$$;

-- Name: FUNCTION waits_for(tenant uuid, envelope uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) TO service_role;
