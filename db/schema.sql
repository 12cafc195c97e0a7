-- The schema that the migrations and functions create, for reading and for `db check`. Do not run this file. A function
-- has the sha256 of its body here; the body is in db/functions or db/migrations. Do not edit: change a migration or a
-- function, then run `python -m control_plane db snapshot`.

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
    AS sha256 21cbbdaa1d5bbc115e4de15da1291b3b2304eb2f8138d5a2cb3a141410cd7213;

-- Name: FUNCTION act_as(actor_type text, actor_id text, as_of timestamp with time zone, door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.act_as(actor_type text, actor_id text, as_of timestamp with time zone, door text) FROM PUBLIC;

-- Name: act_by(text, text, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.act_by(actor_type text, actor_id text, door text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 c27dd2f43876e27c98d2185c564409020bec39eb26c448d813ee9137596f93ef;

-- Name: FUNCTION act_by(actor_type text, actor_id text, door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.act_by(actor_type text, actor_id text, door text) FROM PUBLIC;

-- Name: acting_at(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.acting_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 23cc04feb7db202248e0495fffa6c0b43f035db57ef250a6f687e7566e626730;

-- Name: FUNCTION acting_at(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.acting_at() FROM PUBLIC;

-- Name: acting_caller(uuid, text, text, text, text[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.acting_caller(tenant uuid, by_type text, by_id text, by_door text, VARIADIC allowed text[], OUT tenant_id uuid, OUT actor_type text, OUT actor_id text, OUT door text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 52eb93d8cf9c268314578ed1a5db3c007c9b92f11776d74aa597be3378b4289f;

-- Name: FUNCTION acting_caller(tenant uuid, by_type text, by_id text, by_door text, VARIADIC allowed text[], OUT tenant_id uuid, OUT actor_type text, OUT actor_id text, OUT door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.acting_caller(tenant uuid, by_type text, by_id text, by_door text, VARIADIC allowed text[], OUT tenant_id uuid, OUT actor_type text, OUT actor_id text, OUT door text) FROM PUBLIC;

-- Name: acting_moment(timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.acting_moment(as_of timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 15975fa44a91334f3f2b6fa8e2dac9d2e1e1c22de345bc49da3dec09ce08a215;

-- Name: FUNCTION acting_moment(as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.acting_moment(as_of timestamp with time zone) FROM PUBLIC;

-- Name: acting_tenant(text[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.acting_tenant(VARIADIC allowed text[]) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 28c52bb8a49c239b31e07fd2663884f5b37566b805fa48726ccf86844b269b31;

-- Name: FUNCTION acting_tenant(VARIADIC allowed text[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.acting_tenant(VARIADIC allowed text[]) FROM PUBLIC;

-- Name: acting_user(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.acting_user(OUT actor_type text, OUT actor_id text, OUT door text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9d74a93fd79aefefd9cd3c96f288d11b43df6ddb10c46732d6ca45c1019f4b5c;

-- Name: FUNCTION acting_user(OUT actor_type text, OUT actor_id text, OUT door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.acting_user(OUT actor_type text, OUT actor_id text, OUT door text) FROM PUBLIC;

-- Name: add_counts(jsonb, jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.add_counts(one jsonb, other jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0f8983bad538f9847470e716f1b330bda30cba8758bd9bcfbb144754f296e89a;

-- Name: FUNCTION add_counts(one jsonb, other jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.add_counts(one jsonb, other jsonb) FROM PUBLIC;

-- Name: add_door(jsonb[], text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.add_door(payloads jsonb[], door text) RETURNS jsonb[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9e1ac8047a27362084db5496b2944bb9ef9bea3c5edece9e761e9d76af3d9928;

-- Name: FUNCTION add_door(payloads jsonb[], door text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.add_door(payloads jsonb[], door text) FROM PUBLIC;

-- Name: add_guardrail_version(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.add_guardrail_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 53e364d0b4eb8a37960626f66fa73e04df24bb62a8c73eccc30bd7651c76d258;

-- Name: FUNCTION add_guardrail_version(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.add_guardrail_version() FROM PUBLIC;

-- Name: adjust_to_clock(timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.adjust_to_clock(as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 45cec64936b9da49a6d58ea6509ce2a7e251e13421e0cbcf9f16655d0f147eb9;

-- Name: FUNCTION adjust_to_clock(as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.adjust_to_clock(as_of timestamp with time zone) FROM PUBLIC;

-- Name: api_token_hashes; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.api_token_hashes (
    tenant_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    token_id uuid NOT NULL,
    CONSTRAINT api_token_hashes_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

-- Name: api_token_hashes api_token_hashes_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.api_token_hashes
    ADD CONSTRAINT api_token_hashes_pkey PRIMARY KEY (tenant_id, token_hash);

-- Name: api_token_hashes_token_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE UNIQUE INDEX api_token_hashes_token_idx ON app_private.api_token_hashes USING btree (tenant_id, token_id);

-- Name: api_token_hashes api_token_hashes_token_fkey; Type: FK CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.api_token_hashes
    ADD CONSTRAINT api_token_hashes_token_fkey FOREIGN KEY (tenant_id, token_id) REFERENCES public.api_tokens(tenant_id, id);

-- Name: api_token_hashes; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.api_token_hashes ENABLE ROW LEVEL SECURITY;

-- Name: append_audit(uuid[], text, text, text[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.append_audit(tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 03448981f22c35347bae39a408a70a7ebd7b14fd29d742544dd60f737a2e5b2b;

-- Name: FUNCTION append_audit(tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.append_audit(tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: apply_staged(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.apply_staged() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 5706273cdea4523b4df03c92c37f0386fb330693d5aec91e43a9bff79810c330;

-- Name: FUNCTION apply_staged(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.apply_staged() FROM PUBLIC;

-- Name: are_conditions(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.are_conditions(document jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 4ac45861086a955004c05136802264c56cd93798b293f5a8fd2153eb013a423b;

-- Name: FUNCTION are_conditions(document jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.are_conditions(document jsonb) FROM PUBLIC;

-- Name: audit_change(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.audit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e12a2280d0c11c7e8e952990386e2bc62f530ec40d8a61fd39e12c3c280d52b4;

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

-- Name: audit_subscription(public.event_subscriptions, text, jsonb, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.audit_subscription(subscription public.event_subscriptions, event text, details jsonb, actor_type text, actor_id text, moment timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e06d369474051ae1ded942d6bdb0676993c9010b8c48ae369491815cbdbfb14d;

-- Name: FUNCTION audit_subscription(subscription public.event_subscriptions, event text, details jsonb, actor_type text, actor_id text, moment timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.audit_subscription(subscription public.event_subscriptions, event text, details jsonb, actor_type text, actor_id text, moment timestamp with time zone) FROM PUBLIC;

-- Name: change_envelope(uuid, uuid, text, text, text, text, text, timestamp with time zone, text, text, jsonb, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.change_envelope(tenant uuid, envelope uuid, new_status text, event text, actor_type text, actor_id text, reason text, as_of timestamp with time zone, digest text DEFAULT NULL::text, code text DEFAULT NULL::text, edited jsonb DEFAULT NULL::jsonb, proposed_digest text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8992688c3f268a0b2ae3ab300c11650c2a7aedbd48972bbb5d2d1006835ba6ca;

-- Name: FUNCTION change_envelope(tenant uuid, envelope uuid, new_status text, event text, actor_type text, actor_id text, reason text, as_of timestamp with time zone, digest text, code text, edited jsonb, proposed_digest text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.change_envelope(tenant uuid, envelope uuid, new_status text, event text, actor_type text, actor_id text, reason text, as_of timestamp with time zone, digest text, code text, edited jsonb, proposed_digest text) FROM PUBLIC;

-- Name: changing_actor(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.changing_actor(OUT actor_type text, OUT actor_id text) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a27d9a739980b92b9c22293a66656644aa7627842b7c9e71c3625c5dff102e3d;

-- Name: FUNCTION changing_actor(OUT actor_type text, OUT actor_id text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.changing_actor(OUT actor_type text, OUT actor_id text) FROM PUBLIC;

-- Name: check_approval_reminders(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_approval_reminders(approval_reminders jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 dd3348ed458a7edc52118de539275196c6848355269c4a2e8b5a175b12032f37;

-- Name: FUNCTION check_approval_reminders(approval_reminders jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_approval_reminders(approval_reminders jsonb) FROM PUBLIC;

-- Name: check_approval_rules(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_approval_rules(approval_rules jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 98cc511ecf597f819f75eff2d4c33b2cf17cf0c4cdfd811bcaca8b4b07fec7e8;

-- Name: FUNCTION check_approval_rules(approval_rules jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_approval_rules(approval_rules jsonb) FROM PUBLIC;

-- Name: check_documents(jsonb[], jsonb[], jsonb[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_documents(arguments jsonb[], trust_contexts jsonb[], metadata jsonb[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 5d242234b88123ad48d1d6bb70426d8e013be9809c9cf5307ffa2521e2fd40c8;

-- Name: FUNCTION check_documents(arguments jsonb[], trust_contexts jsonb[], metadata jsonb[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_documents(arguments jsonb[], trust_contexts jsonb[], metadata jsonb[]) FROM PUBLIC;

-- Name: check_guardrails(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_guardrails() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 c1194d2f5823cedc2a09de3987ace146babf630f1a0329701eddc8e13d56c0c1;

-- Name: FUNCTION check_guardrails(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_guardrails() FROM PUBLIC;

-- Name: check_not_reserved(text[], jsonb[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_not_reserved(tool_slugs text[], metadata jsonb[]) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 6ae3cba6d3cf115185e4d382c3e9e3143a2a6c3a7478089bcea53d6e03129d31;

-- Name: FUNCTION check_not_reserved(tool_slugs text[], metadata jsonb[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_not_reserved(tool_slugs text[], metadata jsonb[]) FROM PUBLIC;

-- Name: check_objective(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_objective() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ad6e835b52785adfd7054467f238cc8b3d80f7ef019291d303ec2770991e8b92;

-- Name: FUNCTION check_objective(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_objective() FROM PUBLIC;

-- Name: check_proposed(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_proposed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9ca81450637801bd6a3ad1a416ad97f289a754541891ba4e57a9d45a9b606c2d;

-- Name: FUNCTION check_proposed(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_proposed() FROM PUBLIC;

-- Name: check_quiet_hours(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_quiet_hours(quiet_hours jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 93ec1d3b2f38b5dd44e79593bb8225ee929159f02f6948be162bafb3dd1b108a;

-- Name: FUNCTION check_quiet_hours(quiet_hours jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_quiet_hours(quiet_hours jsonb) FROM PUBLIC;

-- Name: check_rate_limits(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_rate_limits(rate_limits jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 7b797ce339bc7f29608e4dd2af9ac0c3dab49970d02f7a710766b4447fdcbdee;

-- Name: FUNCTION check_rate_limits(rate_limits jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_rate_limits(rate_limits jsonb) FROM PUBLIC;

-- Name: check_scopes(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_scopes(scopes jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 91ff7a03f66da0a31b8b52ca4a6e01bb54487890a4cf54d2eb2482f85b8cf10f;

-- Name: FUNCTION check_scopes(scopes jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_scopes(scopes jsonb) FROM PUBLIC;

-- Name: check_tenant(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_tenant() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 30bdc87f3c0100fa927c7338cffd9b8ef45161da80fba2633de6c622bf20ea35;

-- Name: FUNCTION check_tenant(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_tenant() FROM PUBLIC;

-- Name: check_texts(text[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_texts(VARIADIC named text[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2d5f73cdfc53be3868e0550477cfef0bf1b7fb49424ecbbf876dd88e0f9a82d0;

-- Name: FUNCTION check_texts(VARIADIC named text[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_texts(VARIADIC named text[]) FROM PUBLIC;

-- Name: check_tool(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.check_tool() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a22178fdf7df98d3696fe513a8f3fb67a52bf35708b39fcf32b96931901de135;

-- Name: FUNCTION check_tool(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.check_tool() FROM PUBLIC;

-- Name: current_organization_id(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.current_organization_id() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 1816a5ffed3fef83ae96b839101da4d308166c414f4de7b367eb4b5581168770;

-- Name: FUNCTION current_organization_id(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.current_organization_id() FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.current_organization_id() TO workflow_rw;

-- Name: current_tenant_id_uuid(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.current_tenant_id_uuid() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 850311e17500462c63d7604ccb3b477ef1b7768bc7d84898011e5072c4bd4c51;

-- Name: FUNCTION current_tenant_id_uuid(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.current_tenant_id_uuid() FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.current_tenant_id_uuid() TO authenticated;

-- Name: current_tenant_role(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.current_tenant_role() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 21c13b1ed8cb463f89f4c225eaba9a6b478160e1a06608d7c480437b6a5657a2;

-- Name: FUNCTION current_tenant_role(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.current_tenant_role() FROM PUBLIC;
GRANT ALL ON FUNCTION app_private.current_tenant_role() TO authenticated;

-- Name: custom_access_token_hook(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.custom_access_token_hook(event jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ca7867899dda3fa25e22c7d25fb0c5bda0ec0cb97c085c86e66e5a6e096eef92;

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

-- Name: decide_tool_approvals(uuid, text, text, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.decide_tool_approvals(tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text, as_of timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 b573b034df0aac8286ea0515e7285ae2664f293bf698cd90e4226d21f48eb104;

-- Name: FUNCTION decide_tool_approvals(tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.decide_tool_approvals(tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: do_at_commit(timestamp with time zone, uuid[], smallint[], timestamp with time zone[], text[], uuid, text[], uuid[], text, text, text[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.do_at_commit(as_of timestamp with time zone, woken_tenants uuid[] DEFAULT NULL::uuid[], woken_lanes smallint[] DEFAULT NULL::smallint[], woken_moments timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], woken_keys text[] DEFAULT NULL::text[], held_tenant uuid DEFAULT NULL::uuid, held_by text[] DEFAULT NULL::text[], audited_tenants uuid[] DEFAULT NULL::uuid[], actor_type text DEFAULT NULL::text, actor_id text DEFAULT NULL::text, categories text[] DEFAULT NULL::text[], payloads jsonb[] DEFAULT NULL::jsonb[], made_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e710e21fdbf129f99eceef62129e3c24ef762419f4cc7fbe494d781e315d1b86;

-- Name: FUNCTION do_at_commit(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], held_tenant uuid, held_by text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.do_at_commit(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], held_tenant uuid, held_by text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone) FROM PUBLIC;

-- Name: do_now(timestamp with time zone, uuid[], smallint[], timestamp with time zone[], text[], uuid[], text, text, text[], jsonb[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.do_now(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 edb650ff41b6e0e5effb46edfe6ceda20161eb19c5e988bbaae8d1b4e4a33f71;

-- Name: FUNCTION do_now(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.do_now(as_of timestamp with time zone, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamp with time zone[], woken_keys text[], audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamp with time zone) FROM PUBLIC;

-- Name: due_in_lane(uuid, smallint, uuid[], timestamp with time zone, integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.due_in_lane(tenant uuid, lane smallint, in_flight uuid[], as_of timestamp with time zone, at_most integer) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 aa0a6f0a6e835f62627d8a486443a481846a1c0de69f44aca85820b1375ad7fd;

-- Name: FUNCTION due_in_lane(tenant uuid, lane smallint, in_flight uuid[], as_of timestamp with time zone, at_most integer); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.due_in_lane(tenant uuid, lane smallint, in_flight uuid[], as_of timestamp with time zone, at_most integer) FROM PUBLIC;

-- Name: end_counts; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.end_counts (
    tenant_id uuid,
    every interval NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    counts jsonb NOT NULL
)
WITH (fillfactor='50');

-- Name: TABLE end_counts; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.end_counts IS 'Each end is counted for its tenant and for all tenants, once per length of span.';

-- Name: COLUMN end_counts.tenant_id; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.end_counts.tenant_id IS 'Null: all tenants together.';

-- Name: COLUMN end_counts.every; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.end_counts.every IS 'How long the span is that begins at starts_at.';

-- Name: COLUMN end_counts.counts; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.end_counts.counts IS 'How many envelopes ended in each state, and how many calls took how long: a number is a class of services/overview/latency.py.';

-- Name: end_counts end_counts_starts_at_uidx; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.end_counts
    ADD CONSTRAINT end_counts_starts_at_uidx UNIQUE NULLS NOT DISTINCT (tenant_id, every, starts_at);

-- Name: end_counts_old_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX end_counts_old_idx ON app_private.end_counts USING btree (every, starts_at);

-- Name: end_counts; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.end_counts ENABLE ROW LEVEL SECURITY;

-- Name: end_positions; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.end_positions (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL
)
WITH (fillfactor='50');

-- Name: COLUMN end_positions.seq; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.end_positions.seq IS 'The last audit row of the tenant that is counted.';

-- Name: end_positions end_positions_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.end_positions
    ADD CONSTRAINT end_positions_pkey PRIMARY KEY (tenant_id);

-- Name: end_positions; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.end_positions ENABLE ROW LEVEL SECURITY;

-- Name: enqueue_events(public.event_subscriptions, uuid[], jsonb[], text[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.enqueue_events(subscription public.event_subscriptions, ids uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 f088f281161733b871bbbfd3e36f4b746dab3ec1c77c1d29ef2e6ea2914db8dd;

-- Name: FUNCTION enqueue_events(subscription public.event_subscriptions, ids uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.enqueue_events(subscription public.event_subscriptions, ids uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: enqueue_one(uuid, uuid, text, text, jsonb, text, text, text, jsonb, jsonb, timestamp with time zone, timestamp with time zone, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.enqueue_one(envelope uuid, tenant uuid, tool_slug text, tool_version text, arguments jsonb, connected_account_id text, risk text, external_id text, trust_context jsonb, metadata jsonb, next_run_at timestamp with time zone, must_run_before timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone, moment timestamp with time zone) RETURNS json
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 6ec1d3e0e9a9e8a38934677a87e02d30d73b2f14f5dc206015c5953c50745030;

-- Name: FUNCTION enqueue_one(envelope uuid, tenant uuid, tool_slug text, tool_version text, arguments jsonb, connected_account_id text, risk text, external_id text, trust_context jsonb, metadata jsonb, next_run_at timestamp with time zone, must_run_before timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone, moment timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.enqueue_one(envelope uuid, tenant uuid, tool_slug text, tool_version text, arguments jsonb, connected_account_id text, risk text, external_id text, trust_context jsonb, metadata jsonb, next_run_at timestamp with time zone, must_run_before timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone, moment timestamp with time zone) FROM PUBLIC;

-- Name: envelope_event(uuid, text, text, jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 f060e494c5bd5bdca7d504391ac8a790c2a1c20f3fb1937b14f2ecb9264296a3;

-- Name: FUNCTION envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.envelope_event(envelope uuid, external_id text, tool_slug text, detail jsonb) FROM PUBLIC;

-- Name: erase_arguments(uuid, uuid[], text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.erase_arguments(tenant uuid, envelopes uuid[], actor_type text, actor_id text, as_of timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 69ec4bda7f89880e052f428a76a7e47f62635cb07aa948537e96dd9f6d3f2156;

-- Name: FUNCTION erase_arguments(tenant uuid, envelopes uuid[], actor_type text, actor_id text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.erase_arguments(tenant uuid, envelopes uuid[], actor_type text, actor_id text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: erase_evidence(uuid, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.erase_evidence(tenant uuid, address text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 6c2ab2f3e39ac36753e7c2c5410c732b7480fd329bd88fc7eeb2c3b0571d2bee;

-- Name: FUNCTION erase_evidence(tenant uuid, address text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.erase_evidence(tenant uuid, address text) FROM PUBLIC;

-- Name: event_deliveries; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.event_deliveries (
    tenant_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    envelope_id uuid NOT NULL
);

-- Name: event_deliveries event_deliveries_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.event_deliveries
    ADD CONSTRAINT event_deliveries_pkey PRIMARY KEY (tenant_id, subscription_id, envelope_id);

-- Name: event_deliveries event_deliveries_subscription_fkey; Type: FK CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.event_deliveries
    ADD CONSTRAINT event_deliveries_subscription_fkey FOREIGN KEY (tenant_id, subscription_id) REFERENCES public.event_subscriptions(tenant_id, id) ON DELETE CASCADE;

-- Name: event_deliveries; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.event_deliveries ENABLE ROW LEVEL SECURITY;

-- Name: find_free_version(uuid, text, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.find_free_version(tenant uuid, tool_slug text, wanted text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 02db04e8a20c0c4f405e3cdf851b71ba11d839763ba9684c6933fd225818dd65;

-- Name: FUNCTION find_free_version(tenant uuid, tool_slug text, wanted text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.find_free_version(tenant uuid, tool_slug text, wanted text) FROM PUBLIC;

-- Name: fits(text, date); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, day date) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 c4830a8fd09422e55207a037f65ce9629a1ceab9e3dc179a3e58d5715ae74b90;

-- Name: fits(text, double precision); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, number double precision) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 39f5e613dc01eb40f1bd0720ba7d178e132c12db94343be3256ab106180310eb;

-- Name: fits(text, numeric); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, number numeric) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 7b4dbe685836cd2f6ed1c6e39694536ac403de9a3610e14f3f2ae5dfce14b3b2;

-- Name: fits(text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, moment timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9711eeae4a01c31151cfd99d83947af4c4347350ee74a8f80a0326c4993b5846;

-- Name: fits(text, text[], integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, names text[], at_most integer DEFAULT 65536) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9f37b116fbbe146f03f5307540b408fee0c1d5d1be704fdee5e456d6dc48051a;

-- Name: fits(text, jsonb, integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, document jsonb, at_most integer DEFAULT 1048576) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 f8119fc59da9d027099993b416a4d2edd5de5d2b0b4db1ef622c85c83c40c717;

-- Name: fits(text, text, integer); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.fits(field text, words text, at_most integer DEFAULT 1048576) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e5ddb0371c342bb45cea3df46ce352a141e095424278f238bea93eb302b46c2a;

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

-- Name: guard_account(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.guard_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 3475981c51769ccbddb9f10061602de307216c7b259d72ee06d01be298dc8d72;

-- Name: FUNCTION guard_account(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.guard_account() FROM PUBLIC;

-- Name: highest_risk(text[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.highest_risk(VARIADIC risks text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 c28507d3e4396ce83d40f745646a9c705a4962cf69048c0dc4a78b4cf12c7a7a;

-- Name: FUNCTION highest_risk(VARIADIC risks text[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.highest_risk(VARIADIC risks text[]) FROM PUBLIC;

-- Name: inexact_number(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.inexact_number(document jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET extra_float_digits TO '1'
    AS sha256 1a3a9d8e0586f96249eaaab025127d8d5444d2f1624bb10265759880a3ddc2df;

-- Name: FUNCTION inexact_number(document jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.inexact_number(document jsonb) FROM PUBLIC;

-- Name: is_list_of_risks(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.is_list_of_risks(document jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ca5977476f9e4f987586c557af6e0bc83eeb600fa5347f132ee2e032fa59307b;

-- Name: FUNCTION is_list_of_risks(document jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.is_list_of_risks(document jsonb) FROM PUBLIC;

-- Name: is_operator(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.is_operator() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0e9cad078e7deec46c01f31a7de26f70faa23c9e4f810b90e739c15ee96bb58f;

-- Name: FUNCTION is_operator(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.is_operator() FROM PUBLIC;

-- Name: is_requeueable(public.outbox_dlq, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.is_requeueable(dead_letter public.outbox_dlq, as_of timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0108f3c9e1f2a00bd1d5a7f9b41b7bb2145eb57db29206c39220a490158d61fd;

-- Name: FUNCTION is_requeueable(dead_letter public.outbox_dlq, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.is_requeueable(dead_letter public.outbox_dlq, as_of timestamp with time zone) FROM PUBLIC;

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

-- Name: lane_of(text, smallint); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.lane_of(key text, lanes smallint) RETURNS smallint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 d0a5307d69ec9cc2eaed8cf9054c6d75632bdf2b7d26c4e52a0edcc9edee7f77;

-- Name: FUNCTION lane_of(key text, lanes smallint); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.lane_of(key text, lanes smallint) FROM PUBLIC;

-- Name: lane_ready_at(uuid, smallint, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.lane_ready_at(tenant uuid, lane smallint, as_of timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 f41b49f8656fac19942b0915c6eaee63db65d54aaf9ef4c634caa62f3d52bd20;

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
    AS sha256 ace9eb113c91069cba6b1043b079d63c17e4b71a42da4cb7ee7359be5da640fe;

-- Name: FUNCTION lease_lane(lane app_private.lanes, picked uuid[], worker_id text, claim_id uuid, as_of timestamp with time zone, lease_for interval); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.lease_lane(lane app_private.lanes, picked uuid[], worker_id text, claim_id uuid, as_of timestamp with time zone, lease_for interval) FROM PUBLIC;

-- Name: list_unsettled(uuid[], bigint[], uuid[], bigint[], bigint[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.list_unsettled(tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8168af0649890fd4c32f613ace0156a1dfcf6e9e1417fb06fb140884296e3e55;

-- Name: FUNCTION list_unsettled(tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.list_unsettled(tenants uuid[], tokens bigint[], envelopes uuid[], accepted bigint[], busy bigint[]) FROM PUBLIC;

-- Name: lock_lane(uuid, uuid); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.lock_lane(tenant uuid, envelope uuid) RETURNS boolean
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 18d2ce80b7f14133002f2fc1855f1ae6296efe39d60ea71e6b63fa909569f0b3;

-- Name: FUNCTION lock_lane(tenant uuid, envelope uuid); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.lock_lane(tenant uuid, envelope uuid) FROM PUBLIC;

-- Name: mark_waiting(uuid[], smallint[], text[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.mark_waiting(tenants uuid[], lanes smallint[], keys text[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 5dcbaefc17a3487ba06535201d8eb67424876facd8c2199164a4334dc1a04dfc;

-- Name: FUNCTION mark_waiting(tenants uuid[], lanes smallint[], keys text[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.mark_waiting(tenants uuid[], lanes smallint[], keys text[]) FROM PUBLIC;

-- Name: may_mail(public.event_subscriptions, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.may_mail(subscription public.event_subscriptions, moment timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9df9ad61306a830a1124afdb3d54cb2ebec98c0ee1a6fe9002b1e2e4760a7491;

-- Name: FUNCTION may_mail(subscription public.event_subscriptions, moment timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.may_mail(subscription public.event_subscriptions, moment timestamp with time zone) FROM PUBLIC;

-- Name: minutes_of(jsonb); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.minutes_of(value jsonb) RETURNS integer
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 7bbfb37df5982db28a2ce75789393c28fe82c9af92e44333047daf28a9c31ffc;

-- Name: FUNCTION minutes_of(value jsonb); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.minutes_of(value jsonb) FROM PUBLIC;

-- Name: move_to_dlq(uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.move_to_dlq(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 41db567520d4a01cc8350fd175a661616b2c9d29f491c470902230807d1830d6;

-- Name: FUNCTION move_to_dlq(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.move_to_dlq(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: names_address(jsonb, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.names_address(document jsonb, address text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 06a9481a6ea3de07f16884b3c767af34e6e8d0e760ec897aa53535fdc6fc1afe;

-- Name: FUNCTION names_address(document jsonb, address text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.names_address(document jsonb, address text) FROM PUBLIC;

-- Name: next_paused_at(uuid, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.next_paused_at(tenant uuid, moment timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0f81d746fe131a872fba2d274f2dfc4588a736e85d3e929a5f6f68051bc9bda3;

-- Name: FUNCTION next_paused_at(tenant uuid, moment timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.next_paused_at(tenant uuid, moment timestamp with time zone) FROM PUBLIC;

-- Name: notify_workers(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.notify_workers() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9a8a29a9086d736bb658293a80b3edbc5d7dbe2419a63a555355f9753f802e74;

-- Name: FUNCTION notify_workers(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.notify_workers() FROM PUBLIC;

-- Name: number_row(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.number_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 7d0b5fe5c98cc42658b7f9b9a97fe598c6e8aecd866b4f514cc67e672881bcae;

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

-- Name: open_envelopes_unknown_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX open_envelopes_unknown_idx ON app_private.open_envelopes USING btree (tenant_id) WHERE (status = 'unknown'::text);

-- Name: open_envelopes_waits_idx; Type: INDEX; Schema: app_private; Owner: -
CREATE INDEX open_envelopes_waits_idx ON app_private.open_envelopes USING btree (tenant_id) WHERE ((status = 'pending'::text) AND waits);

-- Name: open_envelopes; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.open_envelopes ENABLE ROW LEVEL SECURITY;

-- Name: pin_to_version(uuid, text, text, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.pin_to_version(tenant uuid, tool_slug text, version text, as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a951af9385a791035fadf9f044135675e234b4b32f7fcab6ff2bef5d54318676;

-- Name: FUNCTION pin_to_version(tenant uuid, tool_slug text, version text, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.pin_to_version(tenant uuid, tool_slug text, version text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: policy_stamp(uuid); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.policy_stamp(tenant uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 eb3718eb562d59fea20f7bb69f08d3d904a9e2abd15484927349af987fc88394;

-- Name: FUNCTION policy_stamp(tenant uuid); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.policy_stamp(tenant uuid) FROM PUBLIC;

-- Name: proposed_rows(uuid[], jsonb[]); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.proposed_rows(envelope_tenants uuid[], envelopes jsonb[], OUT tenants uuid[], OUT categories text[], OUT payloads jsonb[]) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8617bf7c90d8c88dced1771c57fcddbb55bd08c4870d5535a1185482c18445a0;

-- Name: FUNCTION proposed_rows(envelope_tenants uuid[], envelopes jsonb[], OUT tenants uuid[], OUT categories text[], OUT payloads jsonb[]); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.proposed_rows(envelope_tenants uuid[], envelopes jsonb[], OUT tenants uuid[], OUT categories text[], OUT payloads jsonb[]) FROM PUBLIC;

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
    AS sha256 2c8e1aba32da8049b5a45f63666d3549779da28e1ceabe5dec359c0c13881dd6;

-- Name: FUNCTION refuse_change(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.refuse_change() FROM PUBLIC;

-- Name: release_held(uuid, text[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.release_held(tenant uuid, guardrails text[], as_of timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 cfd6581a12225da4e04977a42596f9fc1292f927956a1bb17dca5549417fe39e;

-- Name: FUNCTION release_held(tenant uuid, guardrails text[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.release_held(tenant uuid, guardrails text[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: release_on_change(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.release_on_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 4df8324a5ed83e9d7b4a87c1418510c5e2570ad1734c2d0c187488db96ce71f3;

-- Name: FUNCTION release_on_change(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.release_on_change() FROM PUBLIC;

-- Name: renewals; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE TABLE app_private.renewals (
    worker_id text NOT NULL,
    until timestamp with time zone NOT NULL,
    set_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

-- Name: TABLE renewals; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON TABLE app_private.renewals IS 'Leases that could not be renewed in their lane, for it was locked.';

-- Name: COLUMN renewals.set_at; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.renewals.set_at IS 'When `until` was written; later than now: the clock was set back since.';

-- Name: renewals renewals_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.renewals
    ADD CONSTRAINT renewals_pkey PRIMARY KEY (worker_id);

-- Name: renewals; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.renewals ENABLE ROW LEVEL SECURITY;

-- Name: request_buckets; Type: TABLE; Schema: app_private; Owner: app_owner
CREATE UNLOGGED TABLE app_private.request_buckets (
    tenant_id uuid NOT NULL,
    caller text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamp with time zone NOT NULL,
    granted boolean NOT NULL
)
WITH (fillfactor='50');

-- Name: COLUMN request_buckets.caller; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.request_buckets.caller IS 'Empty: the tenant as a whole.';

-- Name: COLUMN request_buckets.granted; Type: COMMENT; Schema: app_private; Owner: -
COMMENT ON COLUMN app_private.request_buckets.granted IS 'Whether the last request got a token.';

-- Name: request_buckets request_buckets_pkey; Type: CONSTRAINT; Schema: app_private; Owner: -
ALTER TABLE ONLY app_private.request_buckets
    ADD CONSTRAINT request_buckets_pkey PRIMARY KEY (tenant_id, caller);

-- Name: request_buckets; Type: ROW SECURITY; Schema: app_private; Owner: -
ALTER TABLE app_private.request_buckets ENABLE ROW LEVEL SECURITY;

-- Name: require_subscription(uuid, uuid); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.require_subscription(tenant uuid, id uuid) RETURNS public.event_subscriptions
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 605de141a82096ae33b04e9fa30cb6caa216e5648ebc4fdf82bf539c010e77f8;

-- Name: FUNCTION require_subscription(tenant uuid, id uuid); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.require_subscription(tenant uuid, id uuid) FROM PUBLIC;

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

-- Name: subscription_tool(public.event_subscriptions); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.subscription_tool(subscription public.event_subscriptions) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2ef27ff5aff4aa5b395614a758bc942e555a208bde73faf2afb5ed9eb7a76bb5;

-- Name: FUNCTION subscription_tool(subscription public.event_subscriptions); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.subscription_tool(subscription public.event_subscriptions) FROM PUBLIC;

-- Name: take_request_token(uuid, text, integer, timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.take_request_token(tenant uuid, caller text, per_minute integer, as_of timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 f8cc53872795320ee3053bc40da28b9391ca2d854eb60720681939538bcaa7de;

-- Name: FUNCTION take_request_token(tenant uuid, caller text, per_minute integer, as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.take_request_token(tenant uuid, caller text, per_minute integer, as_of timestamp with time zone) FROM PUBLIC;

-- Name: tool_stamp(uuid, text); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.tool_stamp(tenant uuid, tool_slug text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 21837ce4ef1a3ed7b25bee3173b52a2397b0fcc83b0580af5dc79b3ac55ad0c3;

-- Name: FUNCTION tool_stamp(tenant uuid, tool_slug text); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.tool_stamp(tenant uuid, tool_slug text) FROM PUBLIC;

-- Name: touch_updated_at(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 d428bfddaf4fd93fb99dc8a8aa85baf6a7e7ceca537fe12042c0ee0cb26881d0;

-- Name: FUNCTION touch_updated_at(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.touch_updated_at() FROM PUBLIC;

-- Name: track_open(); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.track_open() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 8035da55a00082eca377e0756b103585f23bb5624b3928bab5690960398a37bc;

-- Name: FUNCTION track_open(); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.track_open() FROM PUBLIC;

-- Name: wake_lanes(uuid[], smallint[], timestamp with time zone[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.wake_lanes(tenants uuid[], lanes smallint[], moments timestamp with time zone[], as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 7eac1030383c9777a98e8395b8605d69cef185d3fc7470dbd58029bfea17a303;

-- Name: FUNCTION wake_lanes(tenants uuid[], lanes smallint[], moments timestamp with time zone[], as_of timestamp with time zone); Type: ACL; Schema: app_private; Owner: -
REVOKE ALL ON FUNCTION app_private.wake_lanes(tenants uuid[], lanes smallint[], moments timestamp with time zone[], as_of timestamp with time zone) FROM PUBLIC;

-- Name: wake_successors(uuid[], text[], timestamp with time zone); Type: FUNCTION; Schema: app_private; Owner: app_owner
CREATE FUNCTION app_private.wake_successors(tenants uuid[], keys text[], as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 1b51819ba2ee8a6ea97c3d535ddf80e0962de5b371036e74affdd62fcb699cdf;

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

-- Name: add_audit(uuid, text, text, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.add_audit(tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ab41508819abb99296a172dbd7d672d77afd3681b46783c887c2fd52423f3774;

-- Name: FUNCTION add_audit(tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.add_audit(tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamp with time zone) FROM PUBLIC;

-- Name: add_connection(uuid, text, text, jsonb, integer, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.add_connection(tenant uuid DEFAULT NULL::uuid, name text DEFAULT NULL::text, connection_type text DEFAULT NULL::text, options jsonb DEFAULT '{}'::jsonb, sync_every_minutes integer DEFAULT NULL::integer, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 efd1ae74c7e2d2459978c22db2c7382e26fa5ef13f9ca47c4980d2c3ac8b8dfb;

-- Name: FUNCTION add_connection(tenant uuid, name text, connection_type text, options jsonb, sync_every_minutes integer, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.add_connection(tenant uuid, name text, connection_type text, options jsonb, sync_every_minutes integer, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.add_connection(tenant uuid, name text, connection_type text, options jsonb, sync_every_minutes integer, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.add_connection(tenant uuid, name text, connection_type text, options jsonb, sync_every_minutes integer, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.add_connection(tenant uuid, name text, connection_type text, options jsonb, sync_every_minutes integer, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: add_run(uuid, autopilot.data_source_connections, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.add_run(organization uuid, connection autopilot.data_source_connections, kind text, actor_type text, actor_id text, as_of timestamp with time zone) RETURNS autopilot.ingestion_runs
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 097de41b51ee68d253c1b5be82f907123e1fe82bc7aacfdc0c6bf4ebd5f1149c;

-- Name: FUNCTION add_run(organization uuid, connection autopilot.data_source_connections, kind text, actor_type text, actor_id text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.add_run(organization uuid, connection autopilot.data_source_connections, kind text, actor_type text, actor_id text, as_of timestamp with time zone) FROM PUBLIC;

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

-- Name: cancel_run(uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.cancel_run(run uuid, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 ddfc0760fc7fa4398308ded2902987c05ddc4338969e7a3050d0163ec242a7ab;

-- Name: FUNCTION cancel_run(run uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.cancel_run(run uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.cancel_run(run uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.cancel_run(run uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.cancel_run(run uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: change_connection(uuid, uuid, text, jsonb, boolean, integer, boolean, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.change_connection(connection uuid, tenant uuid DEFAULT NULL::uuid, name text DEFAULT NULL::text, options jsonb DEFAULT NULL::jsonb, is_enabled boolean DEFAULT NULL::boolean, sync_every_minutes integer DEFAULT NULL::integer, starts_over boolean DEFAULT false, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 a5ecbe86a264f431251437fdc19c794c1517eb473cfbd67dc243101b889a0767;

-- Name: FUNCTION change_connection(connection uuid, tenant uuid, name text, options jsonb, is_enabled boolean, sync_every_minutes integer, starts_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.change_connection(connection uuid, tenant uuid, name text, options jsonb, is_enabled boolean, sync_every_minutes integer, starts_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.change_connection(connection uuid, tenant uuid, name text, options jsonb, is_enabled boolean, sync_every_minutes integer, starts_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.change_connection(connection uuid, tenant uuid, name text, options jsonb, is_enabled boolean, sync_every_minutes integer, starts_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.change_connection(connection uuid, tenant uuid, name text, options jsonb, is_enabled boolean, sync_every_minutes integer, starts_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: check_options(jsonb); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.check_options(options jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e9f0f3c58553f81b1524b8bb4316688fbefbceb342b214d248dedf53d0bbc3d2;

-- Name: FUNCTION check_options(options jsonb); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.check_options(options jsonb) FROM PUBLIC;

-- Name: claim_run(text, interval, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.claim_run(worker_id text, lease_for interval, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 417f55623a0d15c6c5b5eaca254ce6fc2c769ad4c0e11d9bd6b7265bb682edd6;

-- Name: FUNCTION claim_run(worker_id text, lease_for interval, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.claim_run(worker_id text, lease_for interval, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.claim_run(worker_id text, lease_for interval, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.claim_run(worker_id text, lease_for interval, door text, as_of timestamp with time zone) TO service_role;

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

-- Name: count_days(uuid, uuid[], date[]); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.count_days(organization uuid, clusters uuid[], days date[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 5a6a1fe7580433e9d3465cbc1f5a2819d58622d6c8a48b337a3f360e15f9d8e3;

-- Name: FUNCTION count_days(organization uuid, clusters uuid[], days date[]); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.count_days(organization uuid, clusters uuid[], days date[]) FROM PUBLIC;

-- Name: data_source_connections; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.data_source_connections (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    connection_type text NOT NULL,
    latest_options jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    name text,
    is_enabled boolean DEFAULT true NOT NULL,
    sync_every_minutes integer,
    cursor jsonb,
    last_sync_at timestamp with time zone,
    CONSTRAINT data_source_connections_connection_type_check CHECK ((connection_type = ANY (ARRAY['servicenow'::text, 'jira'::text, 'csv'::text]))),
    CONSTRAINT data_source_connections_cursor_check CHECK (((jsonb_typeof(cursor) = 'object'::text) AND (octet_length((cursor)::text) <= 16384))),
    CONSTRAINT data_source_connections_latest_options_check CHECK (((jsonb_typeof(latest_options) = 'object'::text) AND (octet_length((latest_options)::text) <= 65536))),
    CONSTRAINT data_source_connections_name_check CHECK (((length(name) >= 1) AND (length(name) <= 255))),
    CONSTRAINT data_source_connections_sync_every_minutes_check CHECK (((sync_every_minutes >= 1) AND (sync_every_minutes <= 525600)))
);
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN connection_type SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN latest_options SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN name SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN is_enabled SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN sync_every_minutes SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN cursor SET STATISTICS 0;
ALTER TABLE ONLY autopilot.data_source_connections ALTER COLUMN last_sync_at SET STATISTICS 0;

-- Name: COLUMN data_source_connections.latest_options; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.data_source_connections.latest_options IS 'The settings a sync is started with; never a secret: credentials are looked up by organization and connection.';

-- Name: COLUMN data_source_connections.name; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.data_source_connections.name IS 'Null in rows from before this column.';

-- Name: COLUMN data_source_connections.sync_every_minutes; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.data_source_connections.sync_every_minutes IS 'Null: it is synced only when somebody asks.';

-- Name: COLUMN data_source_connections.cursor; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.data_source_connections.cursor IS 'Where the next sync begins. Null: at the first ticket.';

-- Name: COLUMN data_source_connections.last_sync_at; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.data_source_connections.last_sync_at IS 'When a sync last reached the end.';

-- Name: data_source_connections data_source_connections_connection_type_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_connection_type_fits CHECK (app_private.fits('connection_type'::text, connection_type)) NOT VALID;

-- Name: data_source_connections data_source_connections_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: data_source_connections data_source_connections_cursor_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_cursor_fits CHECK (app_private.fits('cursor'::text, cursor)) NOT VALID;

-- Name: data_source_connections data_source_connections_last_sync_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_last_sync_at_fits CHECK (app_private.fits('last_sync_at'::text, last_sync_at)) NOT VALID;

-- Name: data_source_connections data_source_connections_latest_options_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_latest_options_fits CHECK (app_private.fits('latest_options'::text, latest_options)) NOT VALID;

-- Name: data_source_connections data_source_connections_name_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_name_fits CHECK (app_private.fits('name'::text, name)) NOT VALID;

-- Name: data_source_connections data_source_connections_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_pkey PRIMARY KEY (organization_id, id);

-- Name: data_source_connections data_source_connections_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.data_source_connections
    ADD CONSTRAINT data_source_connections_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: data_source_connections uq_data_source_connections_name; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.data_source_connections
    ADD CONSTRAINT uq_data_source_connections_name UNIQUE (organization_id, name);

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

-- Name: COLUMN data_source_connections.name; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(name) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.is_enabled; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(is_enabled) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.sync_every_minutes; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(sync_every_minutes) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.cursor; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(cursor) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: COLUMN data_source_connections.last_sync_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(last_sync_at) ON TABLE autopilot.data_source_connections TO authenticated;

-- Name: delete_connection(uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.delete_connection(connection uuid, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 629aaf48823d7a489d57e190e6d1d42e20f277ac12289a8e4289c34ec3e84594;

-- Name: FUNCTION delete_connection(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.delete_connection(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.delete_connection(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.delete_connection(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.delete_connection(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: end_run(autopilot.ingestion_runs, text, text, jsonb, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.end_run(run autopilot.ingestion_runs, status text, error_message text, error_detail jsonb, actor_type text, actor_id text, as_of timestamp with time zone) RETURNS autopilot.ingestion_runs
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 36436f1e96ea4e64498145661401837e552a5e7acb18807953bc211a287bad4f;

-- Name: FUNCTION end_run(run autopilot.ingestion_runs, status text, error_message text, error_detail jsonb, actor_type text, actor_id text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.end_run(run autopilot.ingestion_runs, status text, error_message text, error_detail jsonb, actor_type text, actor_id text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: finish_run(uuid, uuid, integer, text, text, jsonb, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.finish_run(tenant uuid, run uuid, lease_token integer, status text, error_message text DEFAULT NULL::text, error_detail jsonb DEFAULT NULL::jsonb, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d88b031d7e645db13d7e5476be1548cefb5f3c26c70afbf7d31e41fc7d8617ad;

-- Name: FUNCTION finish_run(tenant uuid, run uuid, lease_token integer, status text, error_message text, error_detail jsonb, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.finish_run(tenant uuid, run uuid, lease_token integer, status text, error_message text, error_detail jsonb, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.finish_run(tenant uuid, run uuid, lease_token integer, status text, error_message text, error_detail jsonb, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.finish_run(tenant uuid, run uuid, lease_token integer, status text, error_message text, error_detail jsonb, actor_id text, door text, as_of timestamp with time zone) TO service_role;

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
    kind text DEFAULT 'sync'::text NOT NULL,
    started_at timestamp with time zone,
    records_estimated integer,
    cursor jsonb,
    batches integer DEFAULT 0 NOT NULL,
    worker_id text,
    lease_until timestamp with time zone,
    lease_token integer DEFAULT 0 NOT NULL,
    envelope_id uuid,
    CONSTRAINT ingestion_runs_completed_check CHECK (((completed_at IS NULL) OR (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])))),
    CONSTRAINT ingestion_runs_cursor_check CHECK (((jsonb_typeof(cursor) = 'object'::text) AND (octet_length((cursor)::text) <= 16384))),
    CONSTRAINT ingestion_runs_error_detail_check CHECK (((jsonb_typeof(error_detail) = 'object'::text) AND (octet_length((error_detail)::text) <= 65536))),
    CONSTRAINT ingestion_runs_kind_check CHECK ((kind = ANY (ARRAY['sync'::text, 'rebuild_model'::text]))),
    CONSTRAINT ingestion_runs_lease_check CHECK (((batches >= 0) AND (lease_token >= 0))),
    CONSTRAINT ingestion_runs_records_check CHECK (((records_processed >= 0) AND (records_failed >= 0))),
    CONSTRAINT ingestion_runs_records_estimated_check CHECK ((records_estimated >= 0)),
    CONSTRAINT ingestion_runs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text])))
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
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN started_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN records_estimated SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN cursor SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN batches SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN worker_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN lease_until SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN lease_token SET STATISTICS 0;
ALTER TABLE ONLY autopilot.ingestion_runs ALTER COLUMN envelope_id SET STATISTICS 0;

-- Name: COLUMN ingestion_runs.started_by; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.started_by IS 'The user who asked for it; null when a clock did.';

-- Name: COLUMN ingestion_runs.error_message; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.error_message IS 'A code such as authentication_failed; error_detail has its numbers.';

-- Name: COLUMN ingestion_runs.records_estimated; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.records_estimated IS 'How many tickets the ticket system announced.';

-- Name: COLUMN ingestion_runs.cursor; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.cursor IS 'Where the run continues after a crash.';

-- Name: COLUMN ingestion_runs.batches; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.batches IS 'How many batches were stored; a batch that comes again is ignored.';

-- Name: COLUMN ingestion_runs.lease_token; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.lease_token IS 'Grows with each lease. A worker with an older one is refused.';

-- Name: COLUMN ingestion_runs.envelope_id; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.ingestion_runs.envelope_id IS 'The sync_tickets message that asks a workflow to do this run. Null: our own worker does it.';

-- Name: ingestion_runs ingestion_runs_completed_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_completed_at_fits CHECK (app_private.fits('completed_at'::text, completed_at)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_cursor_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_cursor_fits CHECK (app_private.fits('cursor'::text, cursor)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_error_detail_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_error_detail_fits CHECK (app_private.fits('error_detail'::text, error_detail)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_error_message_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_error_message_fits CHECK (app_private.fits('error_message'::text, error_message)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_kind_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_kind_fits CHECK (app_private.fits('kind'::text, kind)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_lease_until_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_lease_until_fits CHECK (app_private.fits('lease_until'::text, lease_until)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_pkey PRIMARY KEY (organization_id, id);

-- Name: ingestion_runs ingestion_runs_started_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_started_at_fits CHECK (app_private.fits('started_at'::text, started_at)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_started_by_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_started_by_fits CHECK (app_private.fits('started_by'::text, started_by)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_status_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: ingestion_runs ingestion_runs_worker_id_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.ingestion_runs
    ADD CONSTRAINT ingestion_runs_worker_id_fits CHECK (app_private.fits('worker_id'::text, worker_id)) NOT VALID;

-- Name: idx_ingestion_runs_data_source_connection_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_ingestion_runs_data_source_connection_id ON autopilot.ingestion_runs USING btree (organization_id, data_source_connection_id);

-- Name: idx_ingestion_runs_open; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_ingestion_runs_open ON autopilot.ingestion_runs USING btree (created_at) WHERE (status = ANY (ARRAY['pending'::text, 'running'::text]));

-- Name: idx_ingestion_runs_recent; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_ingestion_runs_recent ON autopilot.ingestion_runs USING btree (organization_id, created_at, id);

-- Name: uq_ingestion_runs_open; Type: INDEX; Schema: autopilot; Owner: -
CREATE UNIQUE INDEX uq_ingestion_runs_open ON autopilot.ingestion_runs USING btree (organization_id, data_source_connection_id) WHERE ((status = ANY (ARRAY['pending'::text, 'running'::text])) AND (data_source_connection_id IS NOT NULL));

-- Name: uq_ingestion_runs_rebuild; Type: INDEX; Schema: autopilot; Owner: -
CREATE UNIQUE INDEX uq_ingestion_runs_rebuild ON autopilot.ingestion_runs USING btree (organization_id) WHERE ((status = ANY (ARRAY['pending'::text, 'running'::text])) AND (kind = 'rebuild_model'::text));

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

-- Name: COLUMN ingestion_runs.kind; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(kind) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.started_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(started_at) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.records_estimated; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(records_estimated) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.cursor; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(cursor) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.batches; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(batches) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.worker_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(worker_id) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.lease_until; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(lease_until) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.lease_token; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(lease_token) ON TABLE autopilot.ingestion_runs TO authenticated;

-- Name: COLUMN ingestion_runs.envelope_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(envelope_id) ON TABLE autopilot.ingestion_runs TO authenticated;

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

-- Name: list_connections(uuid); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.list_connections(tenant uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 735c9294713024311a51f0f063d9dc7753b88b719356c6d25635c3fb258098e3;

-- Name: FUNCTION list_connections(tenant uuid); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.list_connections(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.list_connections(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION autopilot.list_connections(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION autopilot.list_connections(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION autopilot.list_connections(tenant uuid) TO service_role;

-- Name: list_failures(uuid, uuid, integer); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.list_failures(tenant uuid DEFAULT NULL::uuid, run uuid DEFAULT NULL::uuid, max_failures integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 de09322f76539d6b4240c4a956aa92a9832538fa9e43e4477d0b54a108c2b8ab;

-- Name: FUNCTION list_failures(tenant uuid, run uuid, max_failures integer); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.list_failures(tenant uuid, run uuid, max_failures integer) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.list_failures(tenant uuid, run uuid, max_failures integer) TO app_ro;
GRANT ALL ON FUNCTION autopilot.list_failures(tenant uuid, run uuid, max_failures integer) TO app_rw;
GRANT ALL ON FUNCTION autopilot.list_failures(tenant uuid, run uuid, max_failures integer) TO authenticated;
GRANT ALL ON FUNCTION autopilot.list_failures(tenant uuid, run uuid, max_failures integer) TO service_role;

-- Name: list_runs(uuid, uuid, integer); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.list_runs(tenant uuid DEFAULT NULL::uuid, connection uuid DEFAULT NULL::uuid, max_runs integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 48ec95e602c4be31911538b4cf1483af7d6f8023deea506859524b0cc16d50eb;

-- Name: FUNCTION list_runs(tenant uuid, connection uuid, max_runs integer); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.list_runs(tenant uuid, connection uuid, max_runs integer) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.list_runs(tenant uuid, connection uuid, max_runs integer) TO app_ro;
GRANT ALL ON FUNCTION autopilot.list_runs(tenant uuid, connection uuid, max_runs integer) TO app_rw;
GRANT ALL ON FUNCTION autopilot.list_runs(tenant uuid, connection uuid, max_runs integer) TO authenticated;
GRANT ALL ON FUNCTION autopilot.list_runs(tenant uuid, connection uuid, max_runs integer) TO service_role;

-- Name: lock_connection(uuid, uuid); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.lock_connection(organization uuid, connection uuid) RETURNS autopilot.data_source_connections
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0a2cf77786d027b791aee5f5613558e33b0b26c74cd97685764badb97167bcc5;

-- Name: FUNCTION lock_connection(organization uuid, connection uuid); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.lock_connection(organization uuid, connection uuid) FROM PUBLIC;

-- Name: lock_leased(uuid, uuid, integer, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.lock_leased(organization uuid, run uuid, lease_token integer, moment timestamp with time zone) RETURNS autopilot.ingestion_runs
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 5f6cac954b31ed1f5246c89e9180159c3e78097f4ff04033ca4f85eb8683f58a;

-- Name: FUNCTION lock_leased(organization uuid, run uuid, lease_token integer, moment timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.lock_leased(organization uuid, run uuid, lease_token integer, moment timestamp with time zone) FROM PUBLIC;

-- Name: message_processing_failures; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.message_processing_failures (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    source text NOT NULL,
    run_id uuid,
    external_id text,
    code text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    payload jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    redriven_at timestamp with time zone,
    redriven_by text,
    CONSTRAINT message_processing_failures_code_check CHECK ((code ~ '^[a-z][a-z0-9_]{0,63}$'::text)),
    CONSTRAINT message_processing_failures_detail_check CHECK ((octet_length(detail) <= 16384)),
    CONSTRAINT message_processing_failures_external_id_check CHECK ((length(external_id) <= 1024)),
    CONSTRAINT message_processing_failures_payload_check CHECK ((octet_length((payload)::text) <= 65536)),
    CONSTRAINT message_processing_failures_redriven_check CHECK ((redriven_at >= created_at)),
    CONSTRAINT message_processing_failures_source_check CHECK (((length(source) >= 1) AND (length(source) <= 255)))
);
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN source SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN run_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN code SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN detail SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN payload SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN redriven_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.message_processing_failures ALTER COLUMN redriven_by SET STATISTICS 0;

-- Name: TABLE message_processing_failures; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON TABLE autopilot.message_processing_failures IS 'Records and messages that could not be processed, each with the reason. All programs and workflows share it.';

-- Name: COLUMN message_processing_failures.source; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.message_processing_failures.source IS 'The queue or the connection that it came from.';

-- Name: COLUMN message_processing_failures.redriven_at; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.message_processing_failures.redriven_at IS 'When it was processed again.';

-- Name: message_processing_failures message_processing_failures_code_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_code_fits CHECK (app_private.fits('code'::text, code)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_detail_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_detail_fits CHECK (app_private.fits('detail'::text, detail)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_external_id_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_payload_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_payload_fits CHECK (app_private.fits('payload'::text, payload)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_pkey PRIMARY KEY (organization_id, id);

-- Name: message_processing_failures message_processing_failures_redriven_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_redriven_at_fits CHECK (app_private.fits('redriven_at'::text, redriven_at)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_redriven_by_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_redriven_by_fits CHECK (app_private.fits('redriven_by'::text, redriven_by)) NOT VALID;

-- Name: message_processing_failures message_processing_failures_source_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_source_fits CHECK (app_private.fits('source'::text, source)) NOT VALID;

-- Name: idx_message_processing_failures_recent; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_message_processing_failures_recent ON autopilot.message_processing_failures USING btree (organization_id, created_at, id);

-- Name: idx_message_processing_failures_run_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_message_processing_failures_run_id ON autopilot.message_processing_failures USING btree (organization_id, run_id);

-- Name: message_processing_failures message_processing_failures_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: message_processing_failures message_processing_failures_run_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.message_processing_failures
    ADD CONSTRAINT message_processing_failures_run_id_fkey FOREIGN KEY (organization_id, run_id) REFERENCES autopilot.ingestion_runs(organization_id, id) ON DELETE SET NULL (run_id);

-- Name: message_processing_failures; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.message_processing_failures ENABLE ROW LEVEL SECURITY;

-- Name: message_processing_failures message_processing_failures_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY message_processing_failures_app_ro ON autopilot.message_processing_failures FOR SELECT TO app_ro USING (true);

-- Name: message_processing_failures message_processing_failures_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY message_processing_failures_app_rw ON autopilot.message_processing_failures TO app_rw USING (true);

-- Name: message_processing_failures message_processing_failures_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY message_processing_failures_tenant ON autopilot.message_processing_failures FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: message_processing_failures message_processing_failures_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY message_processing_failures_workflow ON autopilot.message_processing_failures TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE message_processing_failures; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.message_processing_failures TO app_ro;
GRANT SELECT,INSERT ON TABLE autopilot.message_processing_failures TO workflow_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.message_processing_failures TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.message_processing_failures TO service_role;

-- Name: COLUMN message_processing_failures.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(id) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.source; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(source) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.run_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(run_id) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.external_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(external_id) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.code; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(code) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.detail; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(detail) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.payload; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(payload) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.redriven_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(redriven_at) ON TABLE autopilot.message_processing_failures TO authenticated;

-- Name: COLUMN message_processing_failures.redriven_by; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(redriven_by) ON TABLE autopilot.message_processing_failures TO authenticated;

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

-- Name: open_run_of(uuid, uuid); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.open_run_of(organization uuid, connection uuid) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 24a3ba37aff9a72a43402fadbfe1f4306e91bc5454ea6e851239eba8b975c84d;

-- Name: FUNCTION open_run_of(organization uuid, connection uuid); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.open_run_of(organization uuid, connection uuid) FROM PUBLIC;

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

-- Name: read_settings(uuid); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.read_settings(tenant uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 5d57187fae5395694749ccf4a781ce389e46239ff3a99580af8f28529307dd84;

-- Name: FUNCTION read_settings(tenant uuid); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.read_settings(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.read_settings(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION autopilot.read_settings(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION autopilot.read_settings(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION autopilot.read_settings(tenant uuid) TO service_role;

-- Name: renew_run(uuid, uuid, integer, interval, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.renew_run(tenant uuid, run uuid, lease_token integer, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 f2a7436b961dd1b9a05a163fd609278d664ab9c9268665ccedbaf51d80bcbc20;

-- Name: FUNCTION renew_run(tenant uuid, run uuid, lease_token integer, lease_for interval, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.renew_run(tenant uuid, run uuid, lease_token integer, lease_for interval, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.renew_run(tenant uuid, run uuid, lease_token integer, lease_for interval, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.renew_run(tenant uuid, run uuid, lease_token integer, lease_for interval, as_of timestamp with time zone) TO service_role;

-- Name: save_settings(uuid, integer, integer, integer, integer, text, text, text, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.save_settings(tenant uuid DEFAULT NULL::uuid, needed_tickets integer DEFAULT NULL::integer, validation_target integer DEFAULT NULL::integer, trusted_percent integer DEFAULT NULL::integer, run_hours integer DEFAULT NULL::integer, sync_tool_slug text DEFAULT NULL::text, status_tool_slug text DEFAULT NULL::text, cluster_tool_slug text DEFAULT NULL::text, enrichment_tool_slug text DEFAULT NULL::text, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 13594b3bad12975ebf071b03405965285415db67fac43f4d9d1ce8d75aaa169a;

-- Name: FUNCTION save_settings(tenant uuid, needed_tickets integer, validation_target integer, trusted_percent integer, run_hours integer, sync_tool_slug text, status_tool_slug text, cluster_tool_slug text, enrichment_tool_slug text, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.save_settings(tenant uuid, needed_tickets integer, validation_target integer, trusted_percent integer, run_hours integer, sync_tool_slug text, status_tool_slug text, cluster_tool_slug text, enrichment_tool_slug text, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.save_settings(tenant uuid, needed_tickets integer, validation_target integer, trusted_percent integer, run_hours integer, sync_tool_slug text, status_tool_slug text, cluster_tool_slug text, enrichment_tool_slug text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.save_settings(tenant uuid, needed_tickets integer, validation_target integer, trusted_percent integer, run_hours integer, sync_tool_slug text, status_tool_slug text, cluster_tool_slug text, enrichment_tool_slug text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.save_settings(tenant uuid, needed_tickets integer, validation_target integer, trusted_percent integer, run_hours integer, sync_tool_slug text, status_tool_slug text, cluster_tool_slug text, enrichment_tool_slug text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: send_message(uuid, text, text, text, jsonb, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.send_message(organization uuid, tool_slug text, key text, ordering_key text, payload jsonb, actor_type text, actor_id text, as_of timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2808d96dfd468dfd05d581b6e91c4303e92047f825019f2e8496273dd6cc4d76;

-- Name: FUNCTION send_message(organization uuid, tool_slug text, key text, ordering_key text, payload jsonb, actor_type text, actor_id text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.send_message(organization uuid, tool_slug text, key text, ordering_key text, payload jsonb, actor_type text, actor_id text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: send_status(autopilot.ingestion_runs, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.send_status(run autopilot.ingestion_runs, actor_type text, actor_id text, as_of timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 d87744ea533bd288a1a1e3f1d30c9547dc6423a58c9328424b13c4e75aecc4c9;

-- Name: FUNCTION send_status(run autopilot.ingestion_runs, actor_type text, actor_id text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.send_status(run autopilot.ingestion_runs, actor_type text, actor_id text, as_of timestamp with time zone) FROM PUBLIC;

-- Name: settings; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.settings (
    organization_id uuid NOT NULL,
    needed_tickets integer DEFAULT 100 NOT NULL,
    validation_target integer DEFAULT 16 NOT NULL,
    trusted_percent integer DEFAULT 80 NOT NULL,
    run_hours integer DEFAULT 24 NOT NULL,
    sync_tool_slug text,
    status_tool_slug text,
    cluster_tool_slug text,
    enrichment_tool_slug text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT settings_needed_tickets_check CHECK (((needed_tickets >= 1) AND (needed_tickets <= 1000000))),
    CONSTRAINT settings_run_hours_check CHECK (((run_hours >= 1) AND (run_hours <= 720))),
    CONSTRAINT settings_trusted_percent_check CHECK (((trusted_percent >= 1) AND (trusted_percent <= 100))),
    CONSTRAINT settings_validation_target_check CHECK (((validation_target >= 1) AND (validation_target <= 10000)))
);
ALTER TABLE ONLY autopilot.settings ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.settings ALTER COLUMN needed_tickets SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN validation_target SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN trusted_percent SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN run_hours SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN sync_tool_slug SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN status_tool_slug SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN cluster_tool_slug SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN enrichment_tool_slug SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.settings ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: TABLE settings; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON TABLE autopilot.settings IS 'How autopilot works for an organization. Without a row, the defaults of the columns hold.';

-- Name: COLUMN settings.needed_tickets; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.needed_tickets IS 'With fewer tickets no model is made: tickets_below_threshold.';

-- Name: COLUMN settings.validation_target; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.validation_target IS 'The target of new clusters.';

-- Name: COLUMN settings.trusted_percent; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.trusted_percent IS 'The share of its target that a cluster needs for automation.';

-- Name: COLUMN settings.run_hours; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.run_hours IS 'A run that has not ended after so many hours has failed: timed_out.';

-- Name: COLUMN settings.sync_tool_slug; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.sync_tool_slug IS 'The tool that asks a workflow to sync. Null: our own worker syncs.';

-- Name: COLUMN settings.status_tool_slug; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.status_tool_slug IS 'The tool that sends ticket_ingestion. Null: nothing is sent.';

-- Name: COLUMN settings.cluster_tool_slug; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.cluster_tool_slug IS 'The tool that sends cluster_notification.';

-- Name: COLUMN settings.enrichment_tool_slug; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.settings.enrichment_tool_slug IS 'The tool that sends enrichment_notification.';

-- Name: settings settings_cluster_tool_slug_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings
    ADD CONSTRAINT settings_cluster_tool_slug_fits CHECK (app_private.fits('cluster_tool_slug'::text, cluster_tool_slug)) NOT VALID;

-- Name: settings settings_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings
    ADD CONSTRAINT settings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: settings settings_enrichment_tool_slug_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings
    ADD CONSTRAINT settings_enrichment_tool_slug_fits CHECK (app_private.fits('enrichment_tool_slug'::text, enrichment_tool_slug)) NOT VALID;

-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (organization_id);

-- Name: settings settings_status_tool_slug_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings
    ADD CONSTRAINT settings_status_tool_slug_fits CHECK (app_private.fits('status_tool_slug'::text, status_tool_slug)) NOT VALID;

-- Name: settings settings_sync_tool_slug_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings
    ADD CONSTRAINT settings_sync_tool_slug_fits CHECK (app_private.fits('sync_tool_slug'::text, sync_tool_slug)) NOT VALID;

-- Name: settings settings_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings
    ADD CONSTRAINT settings_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: settings set_settings_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_settings_updated_at BEFORE UPDATE ON autopilot.settings FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: settings settings_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.settings
    ADD CONSTRAINT settings_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: settings; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.settings ENABLE ROW LEVEL SECURITY;

-- Name: settings settings_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY settings_app_ro ON autopilot.settings FOR SELECT TO app_ro USING (true);

-- Name: settings settings_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY settings_app_rw ON autopilot.settings TO app_rw USING (true);

-- Name: settings settings_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY settings_tenant ON autopilot.settings FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: settings settings_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY settings_workflow ON autopilot.settings TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE settings; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.settings TO app_ro;
GRANT SELECT ON TABLE autopilot.settings TO workflow_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.settings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.settings TO service_role;

-- Name: COLUMN settings.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.needed_tickets; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(needed_tickets) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.validation_target; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(validation_target) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.trusted_percent; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(trusted_percent) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.run_hours; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(run_hours) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.sync_tool_slug; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(sync_tool_slug) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.status_tool_slug; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(status_tool_slug) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.cluster_tool_slug; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(cluster_tool_slug) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.enrichment_tool_slug; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(enrichment_tool_slug) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.settings TO authenticated;

-- Name: COLUMN settings.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.settings TO authenticated;

-- Name: settings_of(uuid); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.settings_of(organization uuid) RETURNS autopilot.settings
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 739f580b6f059e53563acd627fac342298778a96a3214af3fe525d7536c15baa;

-- Name: FUNCTION settings_of(organization uuid); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.settings_of(organization uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.settings_of(organization uuid) TO app_ro;
GRANT ALL ON FUNCTION autopilot.settings_of(organization uuid) TO app_rw;
GRANT ALL ON FUNCTION autopilot.settings_of(organization uuid) TO authenticated;
GRANT ALL ON FUNCTION autopilot.settings_of(organization uuid) TO service_role;

-- Name: start_due_syncs(integer, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.start_due_syncs(max_runs integer DEFAULT 100, actor_id text DEFAULT 'autopilot_sync'::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 56a0b5bb8aed24e9c2567ee665bf2540f361e782a1231e7e4aab91aae55bfba9;

-- Name: FUNCTION start_due_syncs(max_runs integer, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.start_due_syncs(max_runs integer, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.start_due_syncs(max_runs integer, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.start_due_syncs(max_runs integer, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: start_rebuild(uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.start_rebuild(tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 b0cd9165324815afd09f78ba8db4780535227b7812b92839c733da90aee2f4fc;

-- Name: FUNCTION start_rebuild(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.start_rebuild(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.start_rebuild(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.start_rebuild(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.start_rebuild(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: start_sync(uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.start_sync(connection uuid, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 ca2865369a0e124302f342872f7c1f9688b1a9df5635bca91594f84603242a16;

-- Name: FUNCTION start_sync(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.start_sync(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.start_sync(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.start_sync(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION autopilot.start_sync(connection uuid, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: store_tickets(uuid, uuid, integer, integer, jsonb, jsonb, jsonb, integer, text, text, timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.store_tickets(tenant uuid, run uuid, lease_token integer, batch integer, tickets jsonb, problems jsonb DEFAULT '[]'::jsonb, cursor jsonb DEFAULT NULL::jsonb, records_estimated integer DEFAULT NULL::integer, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 cfb60d853ac14ea553d388adfcc15d5649cb441ade6c05819290e81298cdaa31;

-- Name: FUNCTION store_tickets(tenant uuid, run uuid, lease_token integer, batch integer, tickets jsonb, problems jsonb, cursor jsonb, records_estimated integer, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.store_tickets(tenant uuid, run uuid, lease_token integer, batch integer, tickets jsonb, problems jsonb, cursor jsonb, records_estimated integer, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.store_tickets(tenant uuid, run uuid, lease_token integer, batch integer, tickets jsonb, problems jsonb, cursor jsonb, records_estimated integer, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION autopilot.store_tickets(tenant uuid, run uuid, lease_token integer, batch integer, tickets jsonb, problems jsonb, cursor jsonb, records_estimated integer, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: tenant_of(uuid); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.tenant_of(tenant uuid) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 05d0724441c02fd6f60d726276c30bc6a840c14f17477a6a94b96340ec4c0bca;

-- Name: FUNCTION tenant_of(tenant uuid); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.tenant_of(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION autopilot.tenant_of(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION autopilot.tenant_of(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION autopilot.tenant_of(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION autopilot.tenant_of(tenant uuid) TO service_role;

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
    description text,
    priority text,
    requester text,
    assignee text,
    resolution text,
    source_created_at timestamp with time zone,
    source_updated_at timestamp with time zone,
    resolved_at timestamp with time zone,
    content_hash bigint GENERATED ALWAYS AS (hashtextextended(((subject || '
'::text) || COALESCE(description, ''::text)), (0)::bigint)) STORED,
    classified_hash bigint,
    score double precision,
    response_state text,
    response_envelope_id uuid,
    verdict text,
    verdict_by text,
    verdict_at timestamp with time zone,
    verdict_lineage_id uuid,
    CONSTRAINT tickets_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT tickets_response_state_check CHECK ((response_state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'unknown'::text, 'cancelled'::text]))),
    CONSTRAINT tickets_score_check CHECK ((score >= (0)::double precision)),
    CONSTRAINT tickets_source_metadata_check CHECK (((jsonb_typeof(source_metadata) = 'object'::text) AND (octet_length((source_metadata)::text) <= 1048576))),
    CONSTRAINT tickets_verdict_check CHECK ((verdict = ANY (ARRAY['trusted'::text, 'wrong'::text]))),
    CONSTRAINT tickets_verdict_complete_check CHECK ((((verdict IS NULL) = (verdict_at IS NULL)) AND ((verdict IS NULL) = (verdict_lineage_id IS NULL))))
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
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN priority SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN requester SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN assignee SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN resolution SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN source_created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN source_updated_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN resolved_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN content_hash SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN classified_hash SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN score SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN response_state SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN response_envelope_id SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN verdict SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN verdict_by SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN verdict_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.tickets ALTER COLUMN verdict_lineage_id SET STATISTICS 0;

-- Name: COLUMN tickets.cluster_id; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.cluster_id IS 'Null while no model has classified the ticket.';

-- Name: COLUMN tickets.source_metadata; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.source_metadata IS 'The record as the ticket system sent it; at most 1 MiB.';

-- Name: COLUMN tickets.source_created_at; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.source_created_at IS 'When the ticket was opened in its ticket system.';

-- Name: COLUMN tickets.content_hash; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.content_hash IS 'A hash of subject and description. It changes with them.';

-- Name: COLUMN tickets.classified_hash; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.classified_hash IS 'The content_hash at its last classification. If it differs from content_hash, the ticket is to be classified again.';

-- Name: COLUMN tickets.score; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.score IS 'The distance to the centre of its cluster: 0 is the centre.';

-- Name: COLUMN tickets.response_state; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.response_state IS 'What became of the automatic response. Null: there was none.';

-- Name: COLUMN tickets.verdict; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.verdict IS 'What a person said of the ticket''s cluster: trusted or wrong.';

-- Name: COLUMN tickets.verdict_lineage_id; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON COLUMN autopilot.tickets.verdict_lineage_id IS 'The lineage of the cluster of which the person said it.';

-- Name: tickets tickets_assignee_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_assignee_fits CHECK (app_private.fits('assignee'::text, assignee)) NOT VALID;

-- Name: tickets tickets_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: tickets tickets_description_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_description_fits CHECK (app_private.fits('description'::text, description)) NOT VALID;

-- Name: tickets tickets_external_id_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: tickets tickets_external_status_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_external_status_fits CHECK (app_private.fits('external_status'::text, external_status)) NOT VALID;

-- Name: tickets tickets_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (organization_id, id);

-- Name: tickets tickets_priority_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_priority_fits CHECK (app_private.fits('priority'::text, priority)) NOT VALID;

-- Name: tickets tickets_requester_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_requester_fits CHECK (app_private.fits('requester'::text, requester)) NOT VALID;

-- Name: tickets tickets_resolution_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_resolution_fits CHECK (app_private.fits('resolution'::text, resolution)) NOT VALID;

-- Name: tickets tickets_resolved_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_resolved_at_fits CHECK (app_private.fits('resolved_at'::text, resolved_at)) NOT VALID;

-- Name: tickets tickets_response_state_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_response_state_fits CHECK (app_private.fits('response_state'::text, response_state)) NOT VALID;

-- Name: tickets tickets_score_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_score_fits CHECK (app_private.fits('score'::text, score)) NOT VALID;

-- Name: tickets tickets_source_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_source_created_at_fits CHECK (app_private.fits('source_created_at'::text, source_created_at)) NOT VALID;

-- Name: tickets tickets_source_metadata_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_source_metadata_fits CHECK (app_private.fits('source_metadata'::text, source_metadata)) NOT VALID;

-- Name: tickets tickets_source_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_source_updated_at_fits CHECK (app_private.fits('source_updated_at'::text, source_updated_at)) NOT VALID;

-- Name: tickets tickets_subject_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_subject_fits CHECK (app_private.fits('subject'::text, subject)) NOT VALID;

-- Name: tickets tickets_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: tickets tickets_verdict_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_verdict_at_fits CHECK (app_private.fits('verdict_at'::text, verdict_at)) NOT VALID;

-- Name: tickets tickets_verdict_by_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_verdict_by_fits CHECK (app_private.fits('verdict_by'::text, verdict_by)) NOT VALID;

-- Name: tickets tickets_verdict_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.tickets
    ADD CONSTRAINT tickets_verdict_fits CHECK (app_private.fits('verdict'::text, verdict)) NOT VALID;

-- Name: tickets uq_tickets_external_id_org; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.tickets
    ADD CONSTRAINT uq_tickets_external_id_org UNIQUE (organization_id, external_id);

-- Name: idx_tickets_cluster_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_tickets_cluster_id ON autopilot.tickets USING btree (organization_id, cluster_id);

-- Name: idx_tickets_data_source_connection_id; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_tickets_data_source_connection_id ON autopilot.tickets USING btree (organization_id, data_source_connection_id);

-- Name: idx_tickets_recent; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_tickets_recent ON autopilot.tickets USING btree (organization_id, source_created_at, id);

-- Name: idx_tickets_unclassified; Type: INDEX; Schema: autopilot; Owner: -
CREATE INDEX idx_tickets_unclassified ON autopilot.tickets USING btree (organization_id, id) WHERE ((cluster_id IS NULL) OR (classified_hash IS DISTINCT FROM content_hash));

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

-- Name: COLUMN tickets.description; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(description) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.priority; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(priority) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.requester; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(requester) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.assignee; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(assignee) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.resolution; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(resolution) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.source_created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(source_created_at) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.source_updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(source_updated_at) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.resolved_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(resolved_at) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.content_hash; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(content_hash) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.classified_hash; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(classified_hash) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.score; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(score) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.response_state; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(response_state) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.response_envelope_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(response_envelope_id) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.verdict; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(verdict) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.verdict_by; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(verdict_by) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.verdict_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(verdict_at) ON TABLE autopilot.tickets TO authenticated;

-- Name: COLUMN tickets.verdict_lineage_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(verdict_lineage_id) ON TABLE autopilot.tickets TO authenticated;

-- Name: unfit_tickets(jsonb); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.unfit_tickets(tickets jsonb) RETURNS TABLE(place bigint, external_id text, code text, detail text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 67e2d2ae656a5bb6a124f476a77430b670c00d840139dd0ed3b5bb626cb2dd3f;

-- Name: FUNCTION unfit_tickets(tickets jsonb); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.unfit_tickets(tickets jsonb) FROM PUBLIC;

-- Name: upsert_tickets(uuid, uuid, jsonb, bigint[], timestamp with time zone); Type: FUNCTION; Schema: autopilot; Owner: app_owner
CREATE FUNCTION autopilot.upsert_tickets(organization uuid, connection uuid, tickets jsonb, unfit bigint[], moment timestamp with time zone, OUT given integer, OUT written integer, OUT clusters uuid[], OUT days date[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 a55bfb1f88caaf403ecaa23905226a78d470d0edd270ce2c07ab111a600fc51d;

-- Name: FUNCTION upsert_tickets(organization uuid, connection uuid, tickets jsonb, unfit bigint[], moment timestamp with time zone, OUT given integer, OUT written integer, OUT clusters uuid[], OUT days date[]); Type: ACL; Schema: autopilot; Owner: -
REVOKE ALL ON FUNCTION autopilot.upsert_tickets(organization uuid, connection uuid, tickets jsonb, unfit bigint[], moment timestamp with time zone, OUT given integer, OUT written integer, OUT clusters uuid[], OUT days date[]) FROM PUBLIC;

-- Name: INDEX uq_clusters_org_model_name_subcluster; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON INDEX autopilot.uq_clusters_org_model_name_subcluster IS 'The natural key that upserts name.';

-- Name: value_mappings; Type: TABLE; Schema: autopilot; Owner: app_owner
CREATE TABLE autopilot.value_mappings (
    organization_id uuid NOT NULL,
    connection_type text NOT NULL,
    field text NOT NULL,
    source_value text NOT NULL,
    value text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT value_mappings_connection_type_check CHECK ((connection_type = ANY (ARRAY['servicenow'::text, 'jira'::text, 'csv'::text]))),
    CONSTRAINT value_mappings_source_value_check CHECK (((length(source_value) >= 1) AND (length(source_value) <= 255))),
    CONSTRAINT value_mappings_value_check CHECK (
CASE field
    WHEN 'status'::text THEN (value = ANY (ARRAY['open'::text, 'pending'::text, 'resolved'::text, 'closed'::text]))
    WHEN 'priority'::text THEN (value = ANY (ARRAY['critical'::text, 'high'::text, 'normal'::text, 'low'::text]))
    ELSE false
END)
);
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN organization_id SET STATISTICS 1;
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN organization_id SET (n_distinct=-0.5);
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN connection_type SET STATISTICS 0;
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN field SET STATISTICS 0;
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN source_value SET STATISTICS 0;
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN value SET STATISTICS 0;
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY autopilot.value_mappings ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: TABLE value_mappings; Type: COMMENT; Schema: autopilot; Owner: -
COMMENT ON TABLE autopilot.value_mappings IS 'What a word of a ticket system means: a status or a priority. `source_value` is in lower case.';

-- Name: value_mappings value_mappings_connection_type_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings
    ADD CONSTRAINT value_mappings_connection_type_fits CHECK (app_private.fits('connection_type'::text, connection_type)) NOT VALID;

-- Name: value_mappings value_mappings_created_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings
    ADD CONSTRAINT value_mappings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: value_mappings value_mappings_field_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings
    ADD CONSTRAINT value_mappings_field_fits CHECK (app_private.fits('field'::text, field)) NOT VALID;

-- Name: value_mappings value_mappings_pkey; Type: CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.value_mappings
    ADD CONSTRAINT value_mappings_pkey PRIMARY KEY (organization_id, connection_type, field, source_value);

-- Name: value_mappings value_mappings_source_value_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings
    ADD CONSTRAINT value_mappings_source_value_fits CHECK (app_private.fits('source_value'::text, source_value)) NOT VALID;

-- Name: value_mappings value_mappings_updated_at_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings
    ADD CONSTRAINT value_mappings_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: value_mappings value_mappings_value_fits; Type: CHECK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings
    ADD CONSTRAINT value_mappings_value_fits CHECK (app_private.fits('value'::text, value)) NOT VALID;

-- Name: value_mappings set_value_mappings_updated_at; Type: TRIGGER; Schema: autopilot; Owner: -
CREATE TRIGGER set_value_mappings_updated_at BEFORE UPDATE ON autopilot.value_mappings FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: value_mappings value_mappings_organization_id_fkey; Type: FK CONSTRAINT; Schema: autopilot; Owner: -
ALTER TABLE ONLY autopilot.value_mappings
    ADD CONSTRAINT value_mappings_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.tenants(id);

-- Name: value_mappings; Type: ROW SECURITY; Schema: autopilot; Owner: -
ALTER TABLE autopilot.value_mappings ENABLE ROW LEVEL SECURITY;

-- Name: value_mappings value_mappings_app_ro; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY value_mappings_app_ro ON autopilot.value_mappings FOR SELECT TO app_ro USING (true);

-- Name: value_mappings value_mappings_app_rw; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY value_mappings_app_rw ON autopilot.value_mappings TO app_rw USING (true);

-- Name: value_mappings value_mappings_tenant; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY value_mappings_tenant ON autopilot.value_mappings FOR SELECT TO authenticated USING (((organization_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(organization_id, organization_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: value_mappings value_mappings_workflow; Type: POLICY; Schema: autopilot; Owner: -
CREATE POLICY value_mappings_workflow ON autopilot.value_mappings TO workflow_rw USING ((organization_id = ( SELECT app_private.current_organization_id() AS current_organization_id)));

-- Name: TABLE value_mappings; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT ON TABLE autopilot.value_mappings TO app_ro;
GRANT SELECT ON TABLE autopilot.value_mappings TO workflow_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.value_mappings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE autopilot.value_mappings TO service_role;

-- Name: COLUMN value_mappings.organization_id; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(organization_id) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: COLUMN value_mappings.connection_type; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(connection_type) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: COLUMN value_mappings.field; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(field) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: COLUMN value_mappings.source_value; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(source_value) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: COLUMN value_mappings.value; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(value) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: COLUMN value_mappings.created_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(created_at) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: COLUMN value_mappings.updated_at; Type: ACL; Schema: autopilot; Owner: -
GRANT SELECT(updated_at) ON TABLE autopilot.value_mappings TO authenticated;

-- Name: drafts; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA drafts;

-- Name: SCHEMA drafts; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA drafts TO app_owner;
GRANT USAGE ON SCHEMA drafts TO app_ro;
GRANT USAGE ON SCHEMA drafts TO app_rw;
GRANT USAGE ON SCHEMA drafts TO authenticated;
GRANT USAGE ON SCHEMA drafts TO service_role;

-- Name: abstentions; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.abstentions (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT abstentions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)),
    CONSTRAINT abstentions_reason_fits CHECK (app_private.fits('reason'::text, reason))
);
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN tenant_id SET (n_distinct=-0.1);
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN conversation_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN message_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE ONLY drafts.abstentions ALTER COLUMN created_at SET STATISTICS 0;

-- Name: TABLE abstentions; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.abstentions IS 'Messages that the drafter could not answer. drafts.conversations tells only of the newest message.';

-- Name: abstentions abstentions_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.abstentions
    ADD CONSTRAINT abstentions_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_abstention_conversation; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_abstention_conversation ON drafts.abstentions USING btree (tenant_id, conversation_id);

-- Name: idx_abstention_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_abstention_created ON drafts.abstentions USING btree (tenant_id, created_at, id);

-- Name: idx_abstention_message; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_abstention_message ON drafts.abstentions USING btree (tenant_id, message_id) WHERE (message_id IS NOT NULL);

-- Name: abstentions abstentions_conversation_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.abstentions
    ADD CONSTRAINT abstentions_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES drafts.conversations(tenant_id, id) ON DELETE CASCADE;

-- Name: abstentions abstentions_message_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.abstentions
    ADD CONSTRAINT abstentions_message_id_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES drafts.messages(tenant_id, id) ON DELETE SET NULL (message_id);

-- Name: abstentions abstentions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.abstentions
    ADD CONSTRAINT abstentions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: abstentions; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.abstentions ENABLE ROW LEVEL SECURITY;

-- Name: abstentions abstentions_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY abstentions_app_ro ON drafts.abstentions FOR SELECT TO app_ro USING (true);

-- Name: abstentions abstentions_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY abstentions_app_rw ON drafts.abstentions TO app_rw USING (true);

-- Name: abstentions abstentions_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY abstentions_tenant ON drafts.abstentions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE abstentions; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.abstentions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.abstentions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.abstentions TO service_role;

-- Name: COLUMN abstentions.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.abstentions TO authenticated;

-- Name: COLUMN abstentions.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.abstentions TO authenticated;

-- Name: COLUMN abstentions.conversation_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(conversation_id) ON TABLE drafts.abstentions TO authenticated;

-- Name: COLUMN abstentions.message_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(message_id) ON TABLE drafts.abstentions TO authenticated;

-- Name: COLUMN abstentions.reason; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(reason) ON TABLE drafts.abstentions TO authenticated;

-- Name: COLUMN abstentions.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.abstentions TO authenticated;

-- Name: activate_prompt(text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.activate_prompt(version text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 9805287dfcc464501e6d0228725fac01a0c64851207851afa481c0d99f4d5ebc;

-- Name: FUNCTION activate_prompt(version text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.activate_prompt(version text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.activate_prompt(version text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.activate_prompt(version text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.activate_prompt(version text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: add_audit(uuid, text, text, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.add_audit(tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ab41508819abb99296a172dbd7d672d77afd3681b46783c887c2fd52423f3774;

-- Name: FUNCTION add_audit(tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.add_audit(tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamp with time zone) FROM PUBLIC;

-- Name: add_note(uuid, uuid, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.add_note(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, note text DEFAULT NULL::text, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 bc5594f1d78e90c67a8bf68875c3df0ab931b71be8838f6248052a18aa6b7417;

-- Name: FUNCTION add_note(tenant uuid, conversation uuid, note text, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.add_note(tenant uuid, conversation uuid, note text, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.add_note(tenant uuid, conversation uuid, note text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.add_note(tenant uuid, conversation uuid, note text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.add_note(tenant uuid, conversation uuid, note text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: approve_correction(uuid, jsonb, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.approve_correction(correction uuid, document jsonb, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 05d4b75b4d01aa1ea66af23e8de9e18d1795f53a41ea040acc2f995bc0517295;

-- Name: FUNCTION approve_correction(correction uuid, document jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.approve_correction(correction uuid, document jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.approve_correction(correction uuid, document jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.approve_correction(correction uuid, document jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.approve_correction(correction uuid, document jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: archive_conversations(integer, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.archive_conversations(max_conversations integer DEFAULT 200, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 027184aba126e3993d17a6ad1bb19b4111dcfa289ad9b40093a940f5f35cf8ae;

-- Name: FUNCTION archive_conversations(max_conversations integer, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.archive_conversations(max_conversations integer, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.archive_conversations(max_conversations integer, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.archive_conversations(max_conversations integer, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: assign_draft(uuid, uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.assign_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, assignee uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 1bcb0e88ce66dc3d6f1c3eaf73500df9cd3c2f87f1514db5dcc3c78bbc07baa5;

-- Name: FUNCTION assign_draft(tenant uuid, draft uuid, assignee uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.assign_draft(tenant uuid, draft uuid, assignee uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.assign_draft(tenant uuid, draft uuid, assignee uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.assign_draft(tenant uuid, draft uuid, assignee uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.assign_draft(tenant uuid, draft uuid, assignee uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

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
    sha256 text,
    note text,
    CONSTRAINT attachments_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT attachments_size_bytes_check CHECK ((size_bytes >= 0))
);
ALTER TABLE ONLY drafts.attachments ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN tenant_id SET (n_distinct=-0.001);
ALTER TABLE ONLY drafts.attachments ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN message_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN file_name SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN mime_type SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN size_bytes SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN file_url SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN sha256 SET STATISTICS 0;
ALTER TABLE ONLY drafts.attachments ALTER COLUMN note SET STATISTICS 0;

-- Name: COLUMN attachments.file_url; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.attachments.file_url IS 'A signed address; the file itself is kept elsewhere.';

-- Name: COLUMN attachments.note; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.attachments.note IS 'What a reader should know, such as that nothing was unpacked.';

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

-- Name: attachments attachments_note_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments
    ADD CONSTRAINT attachments_note_fits CHECK (app_private.fits('note'::text, note)) NOT VALID;

-- Name: attachments attachments_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (tenant_id, id);

-- Name: attachments attachments_sha256_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.attachments
    ADD CONSTRAINT attachments_sha256_fits CHECK (app_private.fits('sha256'::text, sha256)) NOT VALID;

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

-- Name: COLUMN attachments.sha256; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(sha256) ON TABLE drafts.attachments TO authenticated;

-- Name: COLUMN attachments.note; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(note) ON TABLE drafts.attachments TO authenticated;

-- Name: audit_positions; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.audit_positions (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY drafts.audit_positions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.audit_positions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.audit_positions ALTER COLUMN seq SET STATISTICS 0;

-- Name: COLUMN audit_positions.seq; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.audit_positions.seq IS 'The last audit row that was read for the deliveries of replies.';

-- Name: audit_positions audit_positions_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.audit_positions
    ADD CONSTRAINT audit_positions_pkey PRIMARY KEY (tenant_id);

-- Name: audit_positions audit_positions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.audit_positions
    ADD CONSTRAINT audit_positions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: audit_positions; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.audit_positions ENABLE ROW LEVEL SECURITY;

-- Name: audit_positions audit_positions_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY audit_positions_app_ro ON drafts.audit_positions FOR SELECT TO app_ro USING (true);

-- Name: audit_positions audit_positions_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY audit_positions_app_rw ON drafts.audit_positions TO app_rw USING (true);

-- Name: audit_positions audit_positions_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY audit_positions_tenant ON drafts.audit_positions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE audit_positions; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.audit_positions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.audit_positions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.audit_positions TO service_role;

-- Name: COLUMN audit_positions.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.audit_positions TO authenticated;

-- Name: COLUMN audit_positions.seq; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(seq) ON TABLE drafts.audit_positions TO authenticated;

-- Name: automatic_decisions; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.automatic_decisions (
    tenant_id uuid NOT NULL,
    draft_id uuid NOT NULL,
    topic text NOT NULL,
    mode text NOT NULL,
    would_approve boolean NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT automatic_decisions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)),
    CONSTRAINT automatic_decisions_mode_check CHECK ((mode = ANY (ARRAY['shadow'::text, 'automatic'::text]))),
    CONSTRAINT automatic_decisions_mode_fits CHECK (app_private.fits('mode'::text, mode)),
    CONSTRAINT automatic_decisions_reason_fits CHECK (app_private.fits('reason'::text, reason)),
    CONSTRAINT automatic_decisions_topic_fits CHECK (app_private.fits('topic'::text, topic))
);
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN tenant_id SET (n_distinct=-0.1);
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN draft_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN topic SET STATISTICS 0;
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN mode SET STATISTICS 0;
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN would_approve SET STATISTICS 0;
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE ONLY drafts.automatic_decisions ALTER COLUMN created_at SET STATISTICS 0;

-- Name: TABLE automatic_decisions; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.automatic_decisions IS 'What the application decided, or in shadow mode would have decided, about a draft, and why.';

-- Name: automatic_decisions automatic_decisions_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.automatic_decisions
    ADD CONSTRAINT automatic_decisions_pkey PRIMARY KEY (tenant_id, draft_id);

-- Name: idx_automatic_decision_topic; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_automatic_decision_topic ON drafts.automatic_decisions USING btree (tenant_id, topic, created_at, draft_id);

-- Name: automatic_decisions automatic_decisions_draft_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.automatic_decisions
    ADD CONSTRAINT automatic_decisions_draft_id_fkey FOREIGN KEY (tenant_id, draft_id) REFERENCES drafts.drafts(tenant_id, id) ON DELETE CASCADE;

-- Name: automatic_decisions automatic_decisions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.automatic_decisions
    ADD CONSTRAINT automatic_decisions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: automatic_decisions; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.automatic_decisions ENABLE ROW LEVEL SECURITY;

-- Name: automatic_decisions automatic_decisions_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY automatic_decisions_app_ro ON drafts.automatic_decisions FOR SELECT TO app_ro USING (true);

-- Name: automatic_decisions automatic_decisions_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY automatic_decisions_app_rw ON drafts.automatic_decisions TO app_rw USING (true);

-- Name: automatic_decisions automatic_decisions_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY automatic_decisions_tenant ON drafts.automatic_decisions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE automatic_decisions; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.automatic_decisions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.automatic_decisions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.automatic_decisions TO service_role;

-- Name: COLUMN automatic_decisions.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: COLUMN automatic_decisions.draft_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(draft_id) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: COLUMN automatic_decisions.topic; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(topic) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: COLUMN automatic_decisions.mode; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(mode) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: COLUMN automatic_decisions.would_approve; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(would_approve) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: COLUMN automatic_decisions.reason; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(reason) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: COLUMN automatic_decisions.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.automatic_decisions TO authenticated;

-- Name: budgets; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.budgets (
    tenant_id uuid NOT NULL,
    monthly_usd numeric NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT budgets_monthly_usd_check CHECK (((monthly_usd >= (0)::numeric) AND (monthly_usd <= (1000000)::numeric))),
    CONSTRAINT budgets_monthly_usd_fits CHECK (app_private.fits('monthly_usd'::text, monthly_usd)),
    CONSTRAINT budgets_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at))
);
ALTER TABLE ONLY drafts.budgets ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.budgets ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.budgets ALTER COLUMN monthly_usd SET STATISTICS 0;
ALTER TABLE ONLY drafts.budgets ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: TABLE budgets; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.budgets IS 'What a tenant''s calls of models may cost in a month (UTC).';

-- Name: budgets budgets_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (tenant_id);

-- Name: budgets set_budgets_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_budgets_updated_at BEFORE UPDATE ON drafts.budgets FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: budgets budgets_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.budgets
    ADD CONSTRAINT budgets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: budgets; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.budgets ENABLE ROW LEVEL SECURITY;

-- Name: budgets budgets_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY budgets_app_ro ON drafts.budgets FOR SELECT TO app_ro USING (true);

-- Name: budgets budgets_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY budgets_app_rw ON drafts.budgets TO app_rw USING (true);

-- Name: budgets budgets_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY budgets_tenant ON drafts.budgets FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE budgets; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.budgets TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.budgets TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.budgets TO service_role;

-- Name: COLUMN budgets.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.budgets TO authenticated;

-- Name: COLUMN budgets.monthly_usd; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(monthly_usd) ON TABLE drafts.budgets TO authenticated;

-- Name: COLUMN budgets.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.budgets TO authenticated;

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
    reply_tool_slug text,
    reply_account_id text,
    CONSTRAINT channels_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT channels_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536))),
    CONSTRAINT channels_reply_account_id_check CHECK (((length(reply_account_id) >= 1) AND (length(reply_account_id) <= 255))),
    CONSTRAINT channels_reply_tool_slug_check CHECK (((length(reply_tool_slug) >= 1) AND (length(reply_tool_slug) <= 255))),
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
ALTER TABLE ONLY drafts.channels ALTER COLUMN reply_tool_slug SET STATISTICS 0;
ALTER TABLE ONLY drafts.channels ALTER COLUMN reply_account_id SET STATISTICS 0;

-- Name: COLUMN channels.reply_tool_slug; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.channels.reply_tool_slug IS 'The tool that sends replies. Null: replies cannot be sent here.';

-- Name: COLUMN channels.reply_account_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.channels.reply_account_id IS 'The connected account that the tool uses; null if it needs none.';

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

-- Name: channels channels_reply_account_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_reply_account_id_fits CHECK (app_private.fits('reply_account_id'::text, reply_account_id)) NOT VALID;

-- Name: channels channels_reply_tool_slug_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.channels
    ADD CONSTRAINT channels_reply_tool_slug_fits CHECK (app_private.fits('reply_tool_slug'::text, reply_tool_slug)) NOT VALID;

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

-- Name: COLUMN channels.reply_tool_slug; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(reply_tool_slug) ON TABLE drafts.channels TO authenticated;

-- Name: COLUMN channels.reply_account_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(reply_account_id) ON TABLE drafts.channels TO authenticated;

-- Name: check_fields(text, jsonb, jsonb); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.check_fields(path text, document jsonb, kinds jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 fa493d7080b2b157cdb836f020565bcd054b673e228320020c533b5e70fc1cf4;

-- Name: FUNCTION check_fields(path text, document jsonb, kinds jsonb); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.check_fields(path text, document jsonb, kinds jsonb) FROM PUBLIC;

-- Name: check_files(jsonb); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.check_files(files jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 18b88994a01fef1aab167ae2a2810e2c40fd5424be73880bb00fecb7db029548;

-- Name: FUNCTION check_files(files jsonb); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.check_files(files jsonb) FROM PUBLIC;

-- Name: check_reply(jsonb, drafts.channels, drafts.conversations, text, text, boolean); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.check_reply(envelope jsonb, place drafts.channels, thread drafts.conversations, words text, html text, has_files boolean) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ae285928d0b8edecda56b281921de2baf1e6f95fd41e7bda983ad449c22da4a3;

-- Name: FUNCTION check_reply(envelope jsonb, place drafts.channels, thread drafts.conversations, words text, html text, has_files boolean); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.check_reply(envelope jsonb, place drafts.channels, thread drafts.conversations, words text, html text, has_files boolean) FROM PUBLIC;

-- Name: chunk_signatures; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.chunk_signatures (
    tenant_id uuid NOT NULL,
    document_id uuid NOT NULL,
    "position" integer NOT NULL,
    signature bit(256) NOT NULL
);
ALTER TABLE ONLY drafts.chunk_signatures ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.chunk_signatures ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.chunk_signatures ALTER COLUMN document_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunk_signatures ALTER COLUMN "position" SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunk_signatures ALTER COLUMN signature SET STATISTICS 0;

-- Name: TABLE chunk_signatures; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.chunk_signatures IS 'The signs of each passage''s embedding, in rows so narrow that a search reads those of all passages of a tenant.';

-- Name: chunk_signatures chunk_signatures_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.chunk_signatures
    ADD CONSTRAINT chunk_signatures_pkey PRIMARY KEY (tenant_id, document_id, "position");

-- Name: chunk_signatures chunk_signatures_document_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.chunk_signatures
    ADD CONSTRAINT chunk_signatures_document_id_fkey FOREIGN KEY (tenant_id, document_id, "position") REFERENCES drafts.chunks(tenant_id, document_id, "position") ON DELETE CASCADE;

-- Name: chunk_signatures chunk_signatures_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.chunk_signatures
    ADD CONSTRAINT chunk_signatures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: chunk_signatures; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.chunk_signatures ENABLE ROW LEVEL SECURITY;

-- Name: chunk_signatures chunk_signatures_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY chunk_signatures_app_ro ON drafts.chunk_signatures FOR SELECT TO app_ro USING (true);

-- Name: chunk_signatures chunk_signatures_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY chunk_signatures_app_rw ON drafts.chunk_signatures TO app_rw USING (true);

-- Name: chunk_signatures chunk_signatures_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY chunk_signatures_tenant ON drafts.chunk_signatures FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE chunk_signatures; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.chunk_signatures TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.chunk_signatures TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.chunk_signatures TO service_role;

-- Name: COLUMN chunk_signatures.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.chunk_signatures TO authenticated;

-- Name: COLUMN chunk_signatures.document_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(document_id) ON TABLE drafts.chunk_signatures TO authenticated;

-- Name: COLUMN chunk_signatures."position"; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT("position") ON TABLE drafts.chunk_signatures TO authenticated;

-- Name: COLUMN chunk_signatures.signature; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(signature) ON TABLE drafts.chunk_signatures TO authenticated;

-- Name: chunks; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.chunks (
    tenant_id uuid NOT NULL,
    document_id uuid NOT NULL,
    "position" integer NOT NULL,
    heading text DEFAULT ''::text NOT NULL,
    text text NOT NULL,
    language text,
    embedding bytea NOT NULL,
    words tsvector GENERATED ALWAYS AS ((to_tsvector(
CASE language
    WHEN 'en'::text THEN 'english'::regconfig
    WHEN 'de'::text THEN 'german'::regconfig
    WHEN 'fr'::text THEN 'french'::regconfig
    WHEN 'es'::text THEN 'spanish'::regconfig
    WHEN 'it'::text THEN 'italian'::regconfig
    WHEN 'nl'::text THEN 'dutch'::regconfig
    WHEN 'pt'::text THEN 'portuguese'::regconfig
    ELSE 'simple'::regconfig
END, ((heading || ' '::text) || text)) || array_to_tsvector(ARRAY[('tenant '::text || (tenant_id)::text)]))) STORED NOT NULL,
    CONSTRAINT chunks_embedding_check CHECK ((octet_length(embedding) = 512)),
    CONSTRAINT chunks_heading_check CHECK ((octet_length(heading) <= 1024)),
    CONSTRAINT chunks_position_check CHECK (("position" >= 0)),
    CONSTRAINT chunks_text_check CHECK ((octet_length(text) <= 65536))
);
ALTER TABLE ONLY drafts.chunks ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.chunks ALTER COLUMN document_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN "position" SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN heading SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN text SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN language SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN embedding SET STATISTICS 0;
ALTER TABLE ONLY drafts.chunks ALTER COLUMN words SET STATISTICS 0;

-- Name: TABLE chunks; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.chunks IS 'Passages of the sources. A search finds passages.';

-- Name: COLUMN chunks.embedding; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.chunks.embedding IS '256 numbers of 16 bits (IEEE 754, little-endian): a vector of length 1.';

-- Name: chunks chunks_heading_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.chunks
    ADD CONSTRAINT chunks_heading_fits CHECK (app_private.fits('heading'::text, heading)) NOT VALID;

-- Name: chunks chunks_language_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.chunks
    ADD CONSTRAINT chunks_language_fits CHECK (app_private.fits('language'::text, language)) NOT VALID;

-- Name: chunks chunks_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (tenant_id, document_id, "position");

-- Name: chunks chunks_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.chunks
    ADD CONSTRAINT chunks_text_fits CHECK (app_private.fits('text'::text, text)) NOT VALID;

-- Name: chunks_words_idx; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX chunks_words_idx ON drafts.chunks USING gin (words);

-- Name: chunks chunks_document_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.chunks
    ADD CONSTRAINT chunks_document_id_fkey FOREIGN KEY (tenant_id, document_id) REFERENCES drafts.source_documents(tenant_id, id) ON DELETE CASCADE;

-- Name: chunks chunks_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.chunks
    ADD CONSTRAINT chunks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: chunks; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.chunks ENABLE ROW LEVEL SECURITY;

-- Name: chunks chunks_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY chunks_app_ro ON drafts.chunks FOR SELECT TO app_ro USING (true);

-- Name: chunks chunks_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY chunks_app_rw ON drafts.chunks TO app_rw USING (true);

-- Name: chunks chunks_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY chunks_tenant ON drafts.chunks FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE chunks; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.chunks TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.chunks TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.chunks TO service_role;

-- Name: COLUMN chunks.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks.document_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(document_id) ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks."position"; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT("position") ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks.heading; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(heading) ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks.text; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(text) ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks.language; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(language) ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks.embedding; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(embedding) ON TABLE drafts.chunks TO authenticated;

-- Name: COLUMN chunks.words; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(words) ON TABLE drafts.chunks TO authenticated;

-- Name: claim_draft_requests(integer, interval, uuid, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.claim_draft_requests(max_requests integer DEFAULT 10, lease_for interval DEFAULT '00:05:00'::interval, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '1s'
    AS sha256 da732ad9af7f5bcad834ac5c359f367400bef6e49c244e51fbf3e9af8afc7bca;

-- Name: FUNCTION claim_draft_requests(max_requests integer, lease_for interval, tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.claim_draft_requests(max_requests integer, lease_for interval, tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.claim_draft_requests(max_requests integer, lease_for interval, tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.claim_draft_requests(max_requests integer, lease_for interval, tenant uuid, as_of timestamp with time zone) TO service_role;

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
    customer_key text GENERATED ALWAYS AS (lower("left"(customer_email, 320))) STORED,
    reply_to text,
    last_message_at timestamp with time zone DEFAULT now() NOT NULL,
    unanswered_id uuid,
    unanswered_since timestamp with time zone,
    draft_at timestamp with time zone,
    draft_instruction text,
    abstained_at timestamp with time zone,
    abstained_reason text,
    closed_at timestamp with time zone,
    archived_at timestamp with time zone,
    CONSTRAINT conversations_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255))),
    CONSTRAINT conversations_reply_to_check CHECK (((length(reply_to) >= 1) AND (length(reply_to) <= 320))),
    CONSTRAINT conversations_status_check CHECK (((length(status) >= 1) AND (length(status) <= 255)))
);
ALTER TABLE ONLY drafts.conversations ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN tenant_id SET (n_distinct=-0.001);
ALTER TABLE ONLY drafts.conversations ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN channel_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN customer_email SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN customer_name SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN customer_key SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN reply_to SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN last_message_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN unanswered_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN unanswered_since SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN draft_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN draft_instruction SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN abstained_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN abstained_reason SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN closed_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.conversations ALTER COLUMN archived_at SET STATISTICS 0;

-- Name: COLUMN conversations.status; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.status IS 'open until the channel says otherwise, in its own words.';

-- Name: COLUMN conversations.customer_key; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.customer_key IS 'The customer''s address in lower case, for look-ups.';

-- Name: COLUMN conversations.reply_to; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.reply_to IS 'Where the newest message asks for answers, if that is not the customer''s address. A person has to confirm it.';

-- Name: COLUMN conversations.unanswered_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.unanswered_id IS 'The newest message of the customer that waits for an answer. Null: nothing waits.';

-- Name: COLUMN conversations.unanswered_since; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.unanswered_since IS 'When the oldest message arrived that waits for an answer.';

-- Name: COLUMN conversations.draft_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.draft_at IS 'When a draft is to be written; while it is being written, when to try again. Null: none is wanted.';

-- Name: COLUMN conversations.draft_instruction; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.draft_instruction IS 'What a reviewer asked for in the next draft.';

-- Name: COLUMN conversations.abstained_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.abstained_at IS 'When the drafter found no answer to the newest message. Null: it did not abstain.';

-- Name: COLUMN conversations.archived_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.conversations.archived_at IS 'When the texts of its messages and drafts were blanked last.';

-- Name: conversations conversations_abstained_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_abstained_at_fits CHECK (app_private.fits('abstained_at'::text, abstained_at)) NOT VALID;

-- Name: conversations conversations_abstained_reason_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_abstained_reason_fits CHECK (app_private.fits('abstained_reason'::text, abstained_reason)) NOT VALID;

-- Name: conversations conversations_archived_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_archived_at_fits CHECK (app_private.fits('archived_at'::text, archived_at)) NOT VALID;

-- Name: conversations conversations_closed_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_closed_at_fits CHECK (app_private.fits('closed_at'::text, closed_at)) NOT VALID;

-- Name: conversations conversations_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: conversations conversations_customer_email_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_customer_email_fits CHECK (app_private.fits('customer_email'::text, customer_email)) NOT VALID;

-- Name: conversations conversations_customer_name_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_customer_name_fits CHECK (app_private.fits('customer_name'::text, customer_name)) NOT VALID;

-- Name: conversations conversations_draft_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_draft_at_fits CHECK (app_private.fits('draft_at'::text, draft_at)) NOT VALID;

-- Name: conversations conversations_draft_instruction_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_draft_instruction_fits CHECK (app_private.fits('draft_instruction'::text, draft_instruction)) NOT VALID;

-- Name: conversations conversations_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: conversations conversations_last_message_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_last_message_at_fits CHECK (app_private.fits('last_message_at'::text, last_message_at)) NOT VALID;

-- Name: conversations conversations_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id);

-- Name: conversations conversations_reply_to_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_reply_to_fits CHECK (app_private.fits('reply_to'::text, reply_to)) NOT VALID;

-- Name: conversations conversations_status_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: conversations conversations_subject_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_subject_fits CHECK (app_private.fits('subject'::text, subject)) NOT VALID;

-- Name: conversations conversations_unanswered_since_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_unanswered_since_fits CHECK (app_private.fits('unanswered_since'::text, unanswered_since)) NOT VALID;

-- Name: conversations conversations_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.conversations
    ADD CONSTRAINT conversations_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: conversations uq_conversations_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.conversations
    ADD CONSTRAINT uq_conversations_external_id UNIQUE (tenant_id, channel_id, external_id);

-- Name: idx_conversation_abstained; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_abstained ON drafts.conversations USING btree (tenant_id, abstained_at, id) WHERE (abstained_at IS NOT NULL);

-- Name: idx_conversation_account_status; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_account_status ON drafts.conversations USING btree (tenant_id, status);

-- Name: idx_conversation_channel_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_channel_created ON drafts.conversations USING btree (tenant_id, channel_id, created_at);

-- Name: idx_conversation_customer; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_customer ON drafts.conversations USING btree (tenant_id, customer_key, last_message_at, id);

-- Name: idx_conversation_draft_at; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_draft_at ON drafts.conversations USING btree (draft_at) WHERE (draft_at IS NOT NULL);

-- Name: idx_conversation_recent; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_recent ON drafts.conversations USING btree (tenant_id, status, last_message_at, id);

-- Name: idx_conversation_tenant_draft_at; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_tenant_draft_at ON drafts.conversations USING btree (tenant_id, draft_at, id) WHERE (draft_at IS NOT NULL);

-- Name: idx_conversation_to_archive; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_conversation_to_archive ON drafts.conversations USING btree (tenant_id, COALESCE(last_message_at, created_at), id) WHERE ((archived_at IS NULL) OR (archived_at < last_message_at));

-- Name: conversations keep_conversation_abstention; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER keep_conversation_abstention AFTER UPDATE ON drafts.conversations FOR EACH ROW WHEN (((new.abstained_at IS NOT NULL) AND (new.abstained_at IS DISTINCT FROM old.abstained_at))) EXECUTE FUNCTION drafts.keep_abstention();

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

-- Name: COLUMN conversations.customer_key; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(customer_key) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.reply_to; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(reply_to) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.last_message_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(last_message_at) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.unanswered_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(unanswered_id) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.unanswered_since; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(unanswered_since) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.draft_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(draft_at) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.draft_instruction; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(draft_instruction) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.abstained_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(abstained_at) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.abstained_reason; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(abstained_reason) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.closed_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(closed_at) ON TABLE drafts.conversations TO authenticated;

-- Name: COLUMN conversations.archived_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(archived_at) ON TABLE drafts.conversations TO authenticated;

-- Name: corrections; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.corrections (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    external_id text NOT NULL,
    patterns jsonb DEFAULT '[]'::jsonb NOT NULL,
    question text,
    answer text NOT NULL,
    sources jsonb DEFAULT '[]'::jsonb NOT NULL,
    topic text,
    status text DEFAULT 'proposed'::text NOT NULL,
    last_verified date,
    decided_by text,
    decided_at timestamp with time zone,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT corrections_answer_check CHECK (((octet_length(answer) >= 1) AND (octet_length(answer) <= 65536))),
    CONSTRAINT corrections_decided_check CHECK (((status = 'proposed'::text) = (decided_at IS NULL))),
    CONSTRAINT corrections_external_id_check CHECK (((octet_length(external_id) >= 1) AND (octet_length(external_id) <= 255))),
    CONSTRAINT corrections_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536))),
    CONSTRAINT corrections_patterns_check CHECK (((jsonb_typeof(patterns) = 'array'::text) AND (octet_length((patterns)::text) <= 16384))),
    CONSTRAINT corrections_question_check CHECK ((octet_length(question) <= 16384)),
    CONSTRAINT corrections_sources_check CHECK (((jsonb_typeof(sources) = 'array'::text) AND (octet_length((sources)::text) <= 65536))),
    CONSTRAINT corrections_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'approved'::text, 'retired'::text]))),
    CONSTRAINT corrections_topic_check CHECK (((octet_length(topic) >= 1) AND (octet_length(topic) <= 255)))
);
ALTER TABLE ONLY drafts.corrections ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.corrections ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN patterns SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN question SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN answer SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN sources SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN topic SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN last_verified SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN decided_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN decided_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.corrections ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: TABLE corrections; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.corrections IS 'What people corrected, for the next reply. Only approved ones are used.';

-- Name: COLUMN corrections.patterns; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.corrections.patterns IS 'Regular expressions. A message that one of them matches is answered with `answer`.';

-- Name: COLUMN corrections.question; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.corrections.question IS 'The message that was answered wrongly; similar ones get `answer` too.';

-- Name: corrections corrections_answer_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_answer_fits CHECK (app_private.fits('answer'::text, answer)) NOT VALID;

-- Name: corrections corrections_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: corrections corrections_decided_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_decided_at_fits CHECK (app_private.fits('decided_at'::text, decided_at)) NOT VALID;

-- Name: corrections corrections_decided_by_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_decided_by_fits CHECK (app_private.fits('decided_by'::text, decided_by)) NOT VALID;

-- Name: corrections corrections_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: corrections corrections_last_verified_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_last_verified_fits CHECK (app_private.fits('last_verified'::text, last_verified)) NOT VALID;

-- Name: corrections corrections_metadata_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: corrections corrections_patterns_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_patterns_fits CHECK (app_private.fits('patterns'::text, patterns)) NOT VALID;

-- Name: corrections corrections_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.corrections
    ADD CONSTRAINT corrections_pkey PRIMARY KEY (tenant_id, id);

-- Name: corrections corrections_question_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_question_fits CHECK (app_private.fits('question'::text, question)) NOT VALID;

-- Name: corrections corrections_sources_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_sources_fits CHECK (app_private.fits('sources'::text, sources)) NOT VALID;

-- Name: corrections corrections_status_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_status_fits CHECK (app_private.fits('status'::text, status)) NOT VALID;

-- Name: corrections corrections_topic_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_topic_fits CHECK (app_private.fits('topic'::text, topic)) NOT VALID;

-- Name: corrections corrections_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections
    ADD CONSTRAINT corrections_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: corrections uq_corrections_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.corrections
    ADD CONSTRAINT uq_corrections_external_id UNIQUE (tenant_id, external_id);

-- Name: corrections_status_idx; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX corrections_status_idx ON drafts.corrections USING btree (tenant_id, status, created_at);

-- Name: corrections set_corrections_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_corrections_updated_at BEFORE UPDATE ON drafts.corrections FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: corrections corrections_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.corrections
    ADD CONSTRAINT corrections_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: corrections; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.corrections ENABLE ROW LEVEL SECURITY;

-- Name: corrections corrections_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY corrections_app_ro ON drafts.corrections FOR SELECT TO app_ro USING (true);

-- Name: corrections corrections_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY corrections_app_rw ON drafts.corrections TO app_rw USING (true);

-- Name: corrections corrections_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY corrections_tenant ON drafts.corrections FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE corrections; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.corrections TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.corrections TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.corrections TO service_role;

-- Name: COLUMN corrections.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.external_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(external_id) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.patterns; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(patterns) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.question; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(question) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.answer; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(answer) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.sources; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(sources) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.topic; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(topic) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.status; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(status) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.last_verified; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(last_verified) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.decided_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(decided_by) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.decided_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(decided_at) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.metadata; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(metadata) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.corrections TO authenticated;

-- Name: COLUMN corrections.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.corrections TO authenticated;

-- Name: customer_key(text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.customer_key(customer text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ac013b6909803ecbd67e8885ec121bbce9264188669e92f26042931ddb1b1d9d;

-- Name: FUNCTION customer_key(customer text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.customer_key(customer text) FROM PUBLIC;

-- Name: decide_draft(uuid, uuid, text, integer, text, text, text, jsonb, text, text, jsonb, jsonb, text, boolean, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.decide_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, decision text DEFAULT NULL::text, version integer DEFAULT NULL::integer, digest text DEFAULT NULL::text, final_text text DEFAULT NULL::text, final_html text DEFAULT NULL::text, diff jsonb DEFAULT NULL::jsonb, reason text DEFAULT NULL::text, code text DEFAULT NULL::text, envelope jsonb DEFAULT NULL::jsonb, message jsonb DEFAULT NULL::jsonb, confirmed_recipient text DEFAULT NULL::text, take_over boolean DEFAULT false, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 4fb577bd986624ad8ee0e75149630fb1832c942355629dbd88f604b6603bd7ab;

-- Name: FUNCTION decide_draft(tenant uuid, draft uuid, decision text, version integer, digest text, final_text text, final_html text, diff jsonb, reason text, code text, envelope jsonb, message jsonb, confirmed_recipient text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.decide_draft(tenant uuid, draft uuid, decision text, version integer, digest text, final_text text, final_html text, diff jsonb, reason text, code text, envelope jsonb, message jsonb, confirmed_recipient text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.decide_draft(tenant uuid, draft uuid, decision text, version integer, digest text, final_text text, final_html text, diff jsonb, reason text, code text, envelope jsonb, message jsonb, confirmed_recipient text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.decide_draft(tenant uuid, draft uuid, decision text, version integer, digest text, final_text text, final_html text, diff jsonb, reason text, code text, envelope jsonb, message jsonb, confirmed_recipient text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.decide_draft(tenant uuid, draft uuid, decision text, version integer, digest text, final_text text, final_html text, diff jsonb, reason text, code text, envelope jsonb, message jsonb, confirmed_recipient text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: delete_golden(uuid, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.delete_golden(golden uuid, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 70bdfe9bdb8abe03a2e24981f420f0d856cc6d96df1b57012e78d039b7c2d183;

-- Name: FUNCTION delete_golden(golden uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.delete_golden(golden uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.delete_golden(golden uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.delete_golden(golden uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.delete_golden(golden uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: digest_of(drafts.drafts, drafts.conversations); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.digest_of(draft drafts.drafts, conversation drafts.conversations) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 72c9e5736b68ac1150458a4abf56f8ab4e4a9888258670d2a801df60e2e117b9;

-- Name: FUNCTION digest_of(draft drafts.drafts, conversation drafts.conversations); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.digest_of(draft drafts.drafts, conversation drafts.conversations) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.digest_of(draft drafts.drafts, conversation drafts.conversations) TO app_ro;
GRANT ALL ON FUNCTION drafts.digest_of(draft drafts.drafts, conversation drafts.conversations) TO app_rw;
GRANT ALL ON FUNCTION drafts.digest_of(draft drafts.drafts, conversation drafts.conversations) TO authenticated;
GRANT ALL ON FUNCTION drafts.digest_of(draft drafts.drafts, conversation drafts.conversations) TO service_role;

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
    code text,
    version integer,
    digest text,
    CONSTRAINT draft_actions_code_check CHECK ((code = ANY (ARRAY['wrong'::text, 'incomplete'::text, 'tone'::text, 'unsafe'::text, 'not_needed'::text, 'other'::text]))),
    CONSTRAINT draft_actions_diff_json_check CHECK (((jsonb_typeof(diff_json) = 'object'::text) AND (octet_length((diff_json)::text) <= 65536))),
    CONSTRAINT draft_actions_type_check CHECK ((type = ANY (ARRAY['approve'::text, 'edit'::text, 'reject'::text])))
);
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN tenant_id SET (n_distinct=-0.001);
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
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN code SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN version SET STATISTICS 0;
ALTER TABLE ONLY drafts.draft_actions ALTER COLUMN digest SET STATISTICS 0;

-- Name: COLUMN draft_actions.sent_msg_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.draft_actions.sent_msg_id IS 'What the channel calls the message that was sent.';

-- Name: COLUMN draft_actions.diff_json; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.draft_actions.diff_json IS 'The edit, to be replayed: {operations: […]}.';

-- Name: COLUMN draft_actions.code; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.draft_actions.code IS 'Why the draft was rejected, in one word.';

-- Name: COLUMN draft_actions.digest; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.draft_actions.digest IS 'The digest of what the person had been shown.';

-- Name: draft_actions draft_actions_code_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_code_fits CHECK (app_private.fits('code'::text, code)) NOT VALID;

-- Name: draft_actions draft_actions_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: draft_actions draft_actions_diff_json_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_diff_json_fits CHECK (app_private.fits('diff_json'::text, diff_json)) NOT VALID;

-- Name: draft_actions draft_actions_digest_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.draft_actions
    ADD CONSTRAINT draft_actions_digest_fits CHECK (app_private.fits('digest'::text, digest)) NOT VALID;

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

-- Name: idx_action_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_action_created ON drafts.draft_actions USING btree (tenant_id, created_at, id);

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

-- Name: COLUMN draft_actions.code; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(code) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.version; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(version) ON TABLE drafts.draft_actions TO authenticated;

-- Name: COLUMN draft_actions.digest; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(digest) ON TABLE drafts.draft_actions TO authenticated;

-- Name: draft_is_needed(uuid, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.draft_is_needed(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 73a7f09c0b0c240bff28a0b42c8a6ad6e14323b68456b9bcc805ac279144de96;

-- Name: FUNCTION draft_is_needed(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.draft_is_needed(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.draft_is_needed(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.draft_is_needed(tenant uuid, as_of timestamp with time zone) TO service_role;

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
    version integer DEFAULT 1 NOT NULL,
    language text,
    topic text,
    confidence double precision,
    input_tokens integer DEFAULT 0 NOT NULL,
    output_tokens integer DEFAULT 0 NOT NULL,
    cost_usd numeric DEFAULT 0 NOT NULL,
    instruction text,
    attachments jsonb DEFAULT '[]'::jsonb NOT NULL,
    priority text DEFAULT 'normal'::text NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    assignee_user_id uuid,
    snoozed_until timestamp with time zone,
    locked_by uuid,
    locked_until timestamp with time zone,
    edited_text text,
    edited_html text,
    edited_by uuid,
    edited_at timestamp with time zone,
    escalated_by uuid,
    escalated_at timestamp with time zone,
    escalated_reason text,
    CONSTRAINT drafts_attachments_check CHECK (((jsonb_typeof(attachments) = 'array'::text) AND (octet_length((attachments)::text) <= 65536))),
    CONSTRAINT drafts_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT drafts_cost_usd_check CHECK ((cost_usd >= (0)::numeric)),
    CONSTRAINT drafts_language_check CHECK (((length(language) >= 1) AND (length(language) <= 35))),
    CONSTRAINT drafts_priority_check CHECK ((priority = ANY (ARRAY['low'::text, 'normal'::text, 'high'::text, 'urgent'::text]))),
    CONSTRAINT drafts_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sent'::text, 'superseded'::text, 'archived'::text]))),
    CONSTRAINT drafts_tokens_check CHECK (((input_tokens >= 0) AND (output_tokens >= 0))),
    CONSTRAINT drafts_top_sources_check CHECK (((jsonb_typeof(top_sources) = 'array'::text) AND (octet_length((top_sources)::text) <= 65536))),
    CONSTRAINT drafts_version_check CHECK ((version > 0))
);
ALTER TABLE ONLY drafts.drafts ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN tenant_id SET (n_distinct=-0.001);
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
ALTER TABLE ONLY drafts.drafts ALTER COLUMN version SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN language SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN topic SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN confidence SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN input_tokens SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN output_tokens SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN cost_usd SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN instruction SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN attachments SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN priority SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN due_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN assignee_user_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN snoozed_until SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN locked_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN locked_until SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN edited_text SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN edited_html SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN edited_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN edited_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN escalated_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN escalated_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.drafts ALTER COLUMN escalated_reason SET STATISTICS 0;

-- Name: COLUMN drafts.top_sources; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.top_sources IS 'Where the text comes from: a list of {title, url, score}.';

-- Name: COLUMN drafts.version; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.version IS 'Grows with each saved edit. A decision names the version that was shown.';

-- Name: COLUMN drafts.confidence; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.confidence IS 'How sure the drafter was, from 0 to 1.';

-- Name: COLUMN drafts.instruction; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.instruction IS 'What a reviewer asked for when they had it written again.';

-- Name: COLUMN drafts.attachments; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.attachments IS 'Files for the reply: a list of {file_name, mime_type, size_bytes, file_url}.';

-- Name: COLUMN drafts.due_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.due_at IS 'When the reply is due. Rows from before this column: when it came.';

-- Name: COLUMN drafts.locked_by; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.locked_by IS 'Who is working on it, until locked_until. Others see that, and may take over.';

-- Name: COLUMN drafts.edited_text; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.edited_text IS 'The text as a person last saved it; null if nobody edited it.';

-- Name: COLUMN drafts.escalated_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.drafts.escalated_at IS 'Since when only an admin may decide.';

-- Name: drafts drafts_attachments_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_attachments_fits CHECK (app_private.fits('attachments'::text, attachments)) NOT VALID;

-- Name: drafts drafts_confidence_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_confidence_fits CHECK (app_private.fits('confidence'::text, confidence)) NOT VALID;

-- Name: drafts drafts_cost_usd_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_cost_usd_fits CHECK (app_private.fits('cost_usd'::text, cost_usd)) NOT VALID;

-- Name: drafts drafts_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: drafts drafts_due_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_due_at_fits CHECK (app_private.fits('due_at'::text, due_at)) NOT VALID;

-- Name: drafts drafts_edited_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_edited_at_fits CHECK (app_private.fits('edited_at'::text, edited_at)) NOT VALID;

-- Name: drafts drafts_edited_html_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_edited_html_fits CHECK (app_private.fits('edited_html'::text, edited_html)) NOT VALID;

-- Name: drafts drafts_edited_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_edited_text_fits CHECK (app_private.fits('edited_text'::text, edited_text)) NOT VALID;

-- Name: drafts drafts_escalated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_escalated_at_fits CHECK (app_private.fits('escalated_at'::text, escalated_at)) NOT VALID;

-- Name: drafts drafts_escalated_reason_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_escalated_reason_fits CHECK (app_private.fits('escalated_reason'::text, escalated_reason)) NOT VALID;

-- Name: drafts drafts_instruction_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_instruction_fits CHECK (app_private.fits('instruction'::text, instruction)) NOT VALID;

-- Name: drafts drafts_language_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_language_fits CHECK (app_private.fits('language'::text, language)) NOT VALID;

-- Name: drafts drafts_locked_until_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_locked_until_fits CHECK (app_private.fits('locked_until'::text, locked_until)) NOT VALID;

-- Name: drafts drafts_model_key_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_model_key_fits CHECK (app_private.fits('model_key'::text, model_key)) NOT VALID;

-- Name: drafts drafts_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (tenant_id, id);

-- Name: drafts drafts_priority_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_priority_fits CHECK (app_private.fits('priority'::text, priority)) NOT VALID;

-- Name: drafts drafts_prompt_version_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_prompt_version_fits CHECK (app_private.fits('prompt_version'::text, prompt_version)) NOT VALID;

-- Name: drafts drafts_snoozed_until_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_snoozed_until_fits CHECK (app_private.fits('snoozed_until'::text, snoozed_until)) NOT VALID;

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

-- Name: drafts drafts_topic_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_topic_fits CHECK (app_private.fits('topic'::text, topic)) NOT VALID;

-- Name: drafts drafts_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.drafts
    ADD CONSTRAINT drafts_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: drafts uq_drafts_trigger_message_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT uq_drafts_trigger_message_id UNIQUE (tenant_id, trigger_message_id);

-- Name: idx_draft_assignee; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_assignee ON drafts.drafts USING btree (tenant_id, assignee_user_id) WHERE (assignee_user_id IS NOT NULL);

-- Name: idx_draft_assignee_queue; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_assignee_queue ON drafts.drafts USING btree (tenant_id, assignee_user_id, due_at, id) WHERE ((status = 'pending'::text) AND (assignee_user_id IS NOT NULL));

-- Name: idx_draft_author; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_author ON drafts.drafts USING btree (tenant_id, author_user_id);

-- Name: idx_draft_conversation_status; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_conversation_status ON drafts.drafts USING btree (tenant_id, conversation_id, status);

-- Name: idx_draft_queue; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_queue ON drafts.drafts USING btree (tenant_id, due_at, id) WHERE (status = 'pending'::text);

-- Name: idx_draft_status_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_draft_status_created ON drafts.drafts USING btree (tenant_id, status, created_at);

-- Name: drafts set_drafts_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_drafts_updated_at BEFORE UPDATE ON drafts.drafts FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: drafts drafts_assignee_user_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.drafts
    ADD CONSTRAINT drafts_assignee_user_id_fkey FOREIGN KEY (tenant_id, assignee_user_id) REFERENCES drafts.users(tenant_id, id) ON DELETE SET NULL (assignee_user_id);

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

-- Name: COLUMN drafts.version; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(version) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.language; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(language) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.topic; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(topic) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.confidence; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(confidence) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.input_tokens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(input_tokens) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.output_tokens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(output_tokens) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.cost_usd; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(cost_usd) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.instruction; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(instruction) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.attachments; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(attachments) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.priority; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(priority) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.due_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(due_at) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.assignee_user_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(assignee_user_id) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.snoozed_until; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(snoozed_until) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.locked_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(locked_by) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.locked_until; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(locked_until) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.edited_text; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(edited_text) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.edited_html; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(edited_html) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.edited_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(edited_by) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.edited_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(edited_at) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.escalated_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(escalated_by) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.escalated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(escalated_at) ON TABLE drafts.drafts TO authenticated;

-- Name: COLUMN drafts.escalated_reason; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(escalated_reason) ON TABLE drafts.drafts TO authenticated;

-- Name: due_documents(integer, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.due_documents(max_documents integer DEFAULT 100, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9a63cfabf00d64fa234de8e7b0d4b13d48c72466c22b940206e1b45af2ec8877;

-- Name: FUNCTION due_documents(max_documents integer, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.due_documents(max_documents integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.due_documents(max_documents integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.due_documents(max_documents integer, as_of timestamp with time zone) TO service_role;

-- Name: due_minutes(uuid, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.due_minutes(tenant uuid, priority text) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 31a255b2eefc1a8d45358fe4f8cb8b32badb52cce4f25ef9741fd059af923f74;

-- Name: FUNCTION due_minutes(tenant uuid, priority text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.due_minutes(tenant uuid, priority text) FROM PUBLIC;

-- Name: edit_draft(uuid, uuid, integer, text, text, jsonb, boolean, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.edit_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, version integer DEFAULT NULL::integer, final_text text DEFAULT NULL::text, final_html text DEFAULT NULL::text, attachments jsonb DEFAULT NULL::jsonb, take_over boolean DEFAULT false, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 3696ed030d6f883552e6f7a168d13a712ac1405093d89cd226bd2df0987c259d;

-- Name: FUNCTION edit_draft(tenant uuid, draft uuid, version integer, final_text text, final_html text, attachments jsonb, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.edit_draft(tenant uuid, draft uuid, version integer, final_text text, final_html text, attachments jsonb, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.edit_draft(tenant uuid, draft uuid, version integer, final_text text, final_html text, attachments jsonb, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.edit_draft(tenant uuid, draft uuid, version integer, final_text text, final_html text, attachments jsonb, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.edit_draft(tenant uuid, draft uuid, version integer, final_text text, final_html text, attachments jsonb, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: ensure_user(uuid, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.ensure_user(tenant uuid, actor_type text, actor_id text) RETURNS drafts.users
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 b09b13ef1ebc902577aae82b896e836099ee7fa8b96684e099c8832c66aa1e3f;

-- Name: FUNCTION ensure_user(tenant uuid, actor_type text, actor_id text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.ensure_user(tenant uuid, actor_type text, actor_id text) FROM PUBLIC;

-- Name: erase_customer(text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.erase_customer(customer text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 660e8479ba11ae401954efe398d7bf90bef733ad972810e76c46e5686f87db87;

-- Name: FUNCTION erase_customer(customer text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.erase_customer(customer text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.erase_customer(customer text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.erase_customer(customer text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.erase_customer(customer text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: erasures; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.erasures (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    customer_sha256 text NOT NULL,
    counts jsonb NOT NULL,
    erased_by text NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    CONSTRAINT erasures_counts_check CHECK ((jsonb_typeof(counts) = 'object'::text)),
    CONSTRAINT erasures_customer_sha256_check CHECK ((customer_sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE ONLY drafts.erasures ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.erasures ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.erasures ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.erasures ALTER COLUMN customer_sha256 SET STATISTICS 0;
ALTER TABLE ONLY drafts.erasures ALTER COLUMN counts SET STATISTICS 0;
ALTER TABLE ONLY drafts.erasures ALTER COLUMN erased_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.erasures ALTER COLUMN erased_at SET STATISTICS 0;

-- Name: TABLE erasures; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.erasures IS 'Which customers were erased, without their names. The audit log has the same.';

-- Name: COLUMN erasures.customer_sha256; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.erasures.customer_sha256 IS 'The SHA-256 of the tenant''s id, a colon and the address in lower case. Only who knows the address can compute it.';

-- Name: erasures erasures_counts_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.erasures
    ADD CONSTRAINT erasures_counts_fits CHECK (app_private.fits('counts'::text, counts)) NOT VALID;

-- Name: erasures erasures_customer_sha256_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.erasures
    ADD CONSTRAINT erasures_customer_sha256_fits CHECK (app_private.fits('customer_sha256'::text, customer_sha256)) NOT VALID;

-- Name: erasures erasures_erased_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.erasures
    ADD CONSTRAINT erasures_erased_at_fits CHECK (app_private.fits('erased_at'::text, erased_at)) NOT VALID;

-- Name: erasures erasures_erased_by_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.erasures
    ADD CONSTRAINT erasures_erased_by_fits CHECK (app_private.fits('erased_by'::text, erased_by)) NOT VALID;

-- Name: erasures erasures_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_erasure_customer; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_erasure_customer ON drafts.erasures USING btree (tenant_id, customer_sha256, erased_at);

-- Name: erasures erasures_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.erasures
    ADD CONSTRAINT erasures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: erasures; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.erasures ENABLE ROW LEVEL SECURITY;

-- Name: erasures erasures_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY erasures_app_ro ON drafts.erasures FOR SELECT TO app_ro USING (true);

-- Name: erasures erasures_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY erasures_app_rw ON drafts.erasures TO app_rw USING (true);

-- Name: erasures erasures_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY erasures_tenant ON drafts.erasures FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE erasures; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.erasures TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.erasures TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.erasures TO service_role;

-- Name: COLUMN erasures.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.erasures TO authenticated;

-- Name: COLUMN erasures.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.erasures TO authenticated;

-- Name: COLUMN erasures.customer_sha256; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(customer_sha256) ON TABLE drafts.erasures TO authenticated;

-- Name: COLUMN erasures.counts; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(counts) ON TABLE drafts.erasures TO authenticated;

-- Name: COLUMN erasures.erased_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(erased_by) ON TABLE drafts.erasures TO authenticated;

-- Name: COLUMN erasures.erased_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(erased_at) ON TABLE drafts.erasures TO authenticated;

-- Name: escalate_draft(uuid, uuid, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.escalate_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 01556cde70ed97c604c0eb2626955d0226832eda6d6f8438a4ddf495e93fd117;

-- Name: FUNCTION escalate_draft(tenant uuid, draft uuid, reason text, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.escalate_draft(tenant uuid, draft uuid, reason text, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.escalate_draft(tenant uuid, draft uuid, reason text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.escalate_draft(tenant uuid, draft uuid, reason text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.escalate_draft(tenant uuid, draft uuid, reason text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: evaluations; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.evaluations (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    prompt_version text NOT NULL,
    model_key text NOT NULL,
    baseline jsonb NOT NULL,
    cases integer NOT NULL,
    passed integer NOT NULL,
    baseline_passed integer NOT NULL,
    worse integer NOT NULL,
    better integer NOT NULL,
    is_worse boolean NOT NULL,
    report jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT evaluations_baseline_check CHECK ((jsonb_typeof(baseline) = 'object'::text)),
    CONSTRAINT evaluations_baseline_fits CHECK (app_private.fits('baseline'::text, baseline)),
    CONSTRAINT evaluations_counts_check CHECK (((LEAST(cases, passed, baseline_passed, worse, better) >= 0) AND (GREATEST(passed, baseline_passed, worse, better) <= cases))),
    CONSTRAINT evaluations_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)),
    CONSTRAINT evaluations_created_by_fits CHECK (app_private.fits('created_by'::text, created_by)),
    CONSTRAINT evaluations_model_key_fits CHECK (app_private.fits('model_key'::text, model_key)),
    CONSTRAINT evaluations_prompt_version_fits CHECK (app_private.fits('prompt_version'::text, prompt_version)),
    CONSTRAINT evaluations_report_check CHECK (((jsonb_typeof(report) = 'object'::text) AND (octet_length((report)::text) <= 65536))),
    CONSTRAINT evaluations_report_fits CHECK (app_private.fits('report'::text, report))
);
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN prompt_version SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN model_key SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN baseline SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN cases SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN passed SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN baseline_passed SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN worse SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN better SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN is_worse SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN report SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN created_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.evaluations ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN evaluations.baseline; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.evaluations.baseline IS 'What it was compared with: {prompt_version, model_key}.';

-- Name: COLUMN evaluations.report; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.evaluations.report IS 'The cases that became worse: {worse: [{case, problems}]}.';

-- Name: evaluations evaluations_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.evaluations
    ADD CONSTRAINT evaluations_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_evaluation_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_evaluation_created ON drafts.evaluations USING btree (tenant_id, created_at, id);

-- Name: idx_evaluation_version; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_evaluation_version ON drafts.evaluations USING btree (tenant_id, prompt_version, created_at);

-- Name: evaluations evaluations_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.evaluations
    ADD CONSTRAINT evaluations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: evaluations; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.evaluations ENABLE ROW LEVEL SECURITY;

-- Name: evaluations evaluations_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY evaluations_app_ro ON drafts.evaluations FOR SELECT TO app_ro USING (true);

-- Name: evaluations evaluations_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY evaluations_app_rw ON drafts.evaluations TO app_rw USING (true);

-- Name: evaluations evaluations_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY evaluations_tenant ON drafts.evaluations FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE evaluations; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.evaluations TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.evaluations TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.evaluations TO service_role;

-- Name: COLUMN evaluations.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.prompt_version; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(prompt_version) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.model_key; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(model_key) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.baseline; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(baseline) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.cases; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(cases) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.passed; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(passed) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.baseline_passed; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(baseline_passed) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.worse; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(worse) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.better; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(better) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.is_worse; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(is_worse) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.report; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(report) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.created_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_by) ON TABLE drafts.evaluations TO authenticated;

-- Name: COLUMN evaluations.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.evaluations TO authenticated;

-- Name: export_customer(text, uuid, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.export_customer(customer text, after uuid DEFAULT NULL::uuid, max_conversations integer DEFAULT 20, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 ad322b2456f872ec9cdd640bdcc020863e50d40cd1e822abe09c16a45159492e;

-- Name: FUNCTION export_customer(customer text, after uuid, max_conversations integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.export_customer(customer text, after uuid, max_conversations integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.export_customer(customer text, after uuid, max_conversations integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.export_customer(customer text, after uuid, max_conversations integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.export_customer(customer text, after uuid, max_conversations integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: export_events(text, uuid, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.export_events(customer text, after uuid DEFAULT NULL::uuid, max_events integer DEFAULT 100, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 634ac854435ef595805c6acf48cd9c9e09595686701896192999d3ac04800bb0;

-- Name: FUNCTION export_events(customer text, after uuid, max_events integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.export_events(customer text, after uuid, max_events integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.export_events(customer text, after uuid, max_events integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.export_events(customer text, after uuid, max_events integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.export_events(customer text, after uuid, max_events integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: find_documents(jsonb, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.find_documents(source_urls jsonb, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 197b514696503ded48ed2aeb22959773ebaff9210d6a6ed0621bf06baf5d3543;

-- Name: FUNCTION find_documents(source_urls jsonb, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.find_documents(source_urls jsonb, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.find_documents(source_urls jsonb, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.find_documents(source_urls jsonb, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.find_documents(source_urls jsonb, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: finish_import(uuid, text, jsonb, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.finish_import(import_id uuid, error text DEFAULT NULL::text, metrics jsonb DEFAULT '{}'::jsonb, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 8ec29cab004357520e41ee95833cf3698ad4513ed9be02101172f4e6ebc254fa;

-- Name: FUNCTION finish_import(import_id uuid, error text, metrics jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.finish_import(import_id uuid, error text, metrics jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.finish_import(import_id uuid, error text, metrics jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.finish_import(import_id uuid, error text, metrics jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.finish_import(import_id uuid, error text, metrics jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: follow_settlements(integer, uuid, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.follow_settlements(max_rows integer DEFAULT 1000, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '1s'
    AS sha256 166af95699b04e5a3ed7db78180b851988ee143895ea77cb7a03335a3dd205ae;

-- Name: FUNCTION follow_settlements(max_rows integer, tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.follow_settlements(max_rows integer, tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.follow_settlements(max_rows integer, tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.follow_settlements(max_rows integer, tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: forget_tenant(uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.forget_tenant(tenant uuid, actor_id text, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d722e7bc35d611b633630422004be4d4331bc30629ed2553991d2fa8c11859ac;

-- Name: FUNCTION forget_tenant(tenant uuid, actor_id text, actor_type text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.forget_tenant(tenant uuid, actor_id text, actor_type text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.forget_tenant(tenant uuid, actor_id text, actor_type text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.forget_tenant(tenant uuid, actor_id text, actor_type text, door text, as_of timestamp with time zone) TO service_role;

-- Name: goldens; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.goldens (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    external_id text NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    must_include jsonb DEFAULT '[]'::jsonb NOT NULL,
    must_cite jsonb DEFAULT '[]'::jsonb NOT NULL,
    topic text,
    sources jsonb DEFAULT '[]'::jsonb NOT NULL,
    last_verified date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT goldens_answer_check CHECK (((octet_length(answer) >= 1) AND (octet_length(answer) <= 65536))),
    CONSTRAINT goldens_external_id_check CHECK (((octet_length(external_id) >= 1) AND (octet_length(external_id) <= 255))),
    CONSTRAINT goldens_must_cite_check CHECK (((jsonb_typeof(must_cite) = 'array'::text) AND (octet_length((must_cite)::text) <= 65536))),
    CONSTRAINT goldens_must_include_check CHECK (((jsonb_typeof(must_include) = 'array'::text) AND (octet_length((must_include)::text) <= 65536))),
    CONSTRAINT goldens_question_check CHECK (((octet_length(question) >= 1) AND (octet_length(question) <= 16384))),
    CONSTRAINT goldens_sources_check CHECK (((jsonb_typeof(sources) = 'array'::text) AND (octet_length((sources)::text) <= 65536))),
    CONSTRAINT goldens_topic_check CHECK (((octet_length(topic) >= 1) AND (octet_length(topic) <= 255)))
);
ALTER TABLE ONLY drafts.goldens ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.goldens ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN question SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN answer SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN must_include SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN must_cite SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN topic SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN sources SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN last_verified SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.goldens ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: TABLE goldens; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.goldens IS 'Questions with an answer that people verified.';

-- Name: COLUMN goldens.external_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.goldens.external_id IS 'The id in the file that it comes from.';

-- Name: COLUMN goldens.must_include; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.goldens.must_include IS 'Texts that a good answer contains.';

-- Name: COLUMN goldens.must_cite; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.goldens.must_cite IS 'Addresses of sources that a good answer cites.';

-- Name: COLUMN goldens.sources; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.goldens.sources IS 'Addresses of the sources of this answer.';

-- Name: goldens goldens_answer_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_answer_fits CHECK (app_private.fits('answer'::text, answer)) NOT VALID;

-- Name: goldens goldens_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: goldens goldens_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: goldens goldens_last_verified_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_last_verified_fits CHECK (app_private.fits('last_verified'::text, last_verified)) NOT VALID;

-- Name: goldens goldens_must_cite_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_must_cite_fits CHECK (app_private.fits('must_cite'::text, must_cite)) NOT VALID;

-- Name: goldens goldens_must_include_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_must_include_fits CHECK (app_private.fits('must_include'::text, must_include)) NOT VALID;

-- Name: goldens goldens_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.goldens
    ADD CONSTRAINT goldens_pkey PRIMARY KEY (tenant_id, id);

-- Name: goldens goldens_question_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_question_fits CHECK (app_private.fits('question'::text, question)) NOT VALID;

-- Name: goldens goldens_sources_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_sources_fits CHECK (app_private.fits('sources'::text, sources)) NOT VALID;

-- Name: goldens goldens_topic_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_topic_fits CHECK (app_private.fits('topic'::text, topic)) NOT VALID;

-- Name: goldens goldens_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens
    ADD CONSTRAINT goldens_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: goldens uq_goldens_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.goldens
    ADD CONSTRAINT uq_goldens_external_id UNIQUE (tenant_id, external_id);

-- Name: goldens set_goldens_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_goldens_updated_at BEFORE UPDATE ON drafts.goldens FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: goldens goldens_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.goldens
    ADD CONSTRAINT goldens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: goldens; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.goldens ENABLE ROW LEVEL SECURITY;

-- Name: goldens goldens_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY goldens_app_ro ON drafts.goldens FOR SELECT TO app_ro USING (true);

-- Name: goldens goldens_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY goldens_app_rw ON drafts.goldens TO app_rw USING (true);

-- Name: goldens goldens_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY goldens_tenant ON drafts.goldens FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE goldens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.goldens TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.goldens TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.goldens TO service_role;

-- Name: COLUMN goldens.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.external_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(external_id) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.question; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(question) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.answer; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(answer) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.must_include; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(must_include) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.must_cite; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(must_cite) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.topic; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(topic) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.sources; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(sources) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.last_verified; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(last_verified) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.goldens TO authenticated;

-- Name: COLUMN goldens.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.goldens TO authenticated;

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

-- Name: keep_abstention(); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.keep_abstention() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e94c17702dda18dd0940150cf5bb2aee64ef1cbceadb833fadecbff24eeeddb4;

-- Name: FUNCTION keep_abstention(); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.keep_abstention() FROM PUBLIC;

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
ALTER TABLE ONLY drafts.learning_samples ALTER COLUMN tenant_id SET (n_distinct=-0.1);
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

-- Name: idx_learning_sample_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_learning_sample_created ON drafts.learning_samples USING btree (tenant_id, created_at, id);

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

-- Name: list_abstained(uuid, integer); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_abstained(tenant uuid DEFAULT NULL::uuid, max_conversations integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 1cbdd5c2ea7d8c8571933405a67cbd913a8b1657627bb441b232aece6fa3ef82;

-- Name: FUNCTION list_abstained(tenant uuid, max_conversations integer); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_abstained(tenant uuid, max_conversations integer) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_abstained(tenant uuid, max_conversations integer) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_abstained(tenant uuid, max_conversations integer) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_abstained(tenant uuid, max_conversations integer) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_abstained(tenant uuid, max_conversations integer) TO service_role;

-- Name: list_abstentions(timestamp with time zone, timestamp with time zone, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_abstentions(since timestamp with time zone, until timestamp with time zone, max_abstentions integer DEFAULT 2000, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 023a973a6825da013e09393f406d419d9bb8a4e92e89b64abed3c2297bc66326;

-- Name: FUNCTION list_abstentions(since timestamp with time zone, until timestamp with time zone, max_abstentions integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_abstentions(since timestamp with time zone, until timestamp with time zone, max_abstentions integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_abstentions(since timestamp with time zone, until timestamp with time zone, max_abstentions integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_abstentions(since timestamp with time zone, until timestamp with time zone, max_abstentions integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_abstentions(since timestamp with time zone, until timestamp with time zone, max_abstentions integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_answered(timestamp with time zone, uuid, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_answered(after_moment timestamp with time zone DEFAULT NULL::timestamp with time zone, after_id uuid DEFAULT NULL::uuid, max_answers integer DEFAULT 100, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 70d89cbdfe00cce4fb439d532ba8ce834803eb7802884e7773d69c46170a0b2c;

-- Name: FUNCTION list_answered(after_moment timestamp with time zone, after_id uuid, max_answers integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_answered(after_moment timestamp with time zone, after_id uuid, max_answers integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_answered(after_moment timestamp with time zone, after_id uuid, max_answers integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_answered(after_moment timestamp with time zone, after_id uuid, max_answers integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_answered(after_moment timestamp with time zone, after_id uuid, max_answers integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_approved_replies(integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_approved_replies(max_replies integer DEFAULT 100, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 cf74f8f7e02de5f903e38861eff6eb5bbd9abeef4a6e486fb32996f11b1c845a;

-- Name: FUNCTION list_approved_replies(max_replies integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_approved_replies(max_replies integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_approved_replies(max_replies integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_approved_replies(max_replies integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_automatic_candidates(integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_automatic_candidates(max_drafts integer DEFAULT 100, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 c721bc86cf8c88134033c4aa8d8a3f66c4dca60319a15de699ee8c69db8e7033;

-- Name: FUNCTION list_automatic_candidates(max_drafts integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_automatic_candidates(max_drafts integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_automatic_candidates(max_drafts integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_automatic_candidates(max_drafts integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_channels(uuid, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_channels(tenant uuid DEFAULT NULL::uuid, type text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9e99b538e9c74acd7ee772d5d99f15433b01cf2ebb02b388d0ad23c086b875ee;

-- Name: FUNCTION list_channels(tenant uuid, type text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_channels(tenant uuid, type text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_channels(tenant uuid, type text) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_channels(tenant uuid, type text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_channels(tenant uuid, type text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_channels(tenant uuid, type text) TO service_role;

-- Name: list_conversations(uuid, integer, text, text, timestamp with time zone, uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_conversations(tenant uuid DEFAULT NULL::uuid, max_conversations integer DEFAULT 50, status text DEFAULT 'open'::text, customer text DEFAULT NULL::text, before timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 09b5c4247c6a6a52d04729e0a2d0dbf46faf66db3a4d45679766bd21bbd86ca3;

-- Name: FUNCTION list_conversations(tenant uuid, max_conversations integer, status text, customer text, before timestamp with time zone, before_id uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_conversations(tenant uuid, max_conversations integer, status text, customer text, before timestamp with time zone, before_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_conversations(tenant uuid, max_conversations integer, status text, customer text, before timestamp with time zone, before_id uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_conversations(tenant uuid, max_conversations integer, status text, customer text, before timestamp with time zone, before_id uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_conversations(tenant uuid, max_conversations integer, status text, customer text, before timestamp with time zone, before_id uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_conversations(tenant uuid, max_conversations integer, status text, customer text, before timestamp with time zone, before_id uuid) TO service_role;

-- Name: list_corrections(text, text, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_corrections(status text DEFAULT NULL::text, after text DEFAULT ''::text, max_corrections integer DEFAULT 1000, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 5782663de3dea124134f3e6fe6f7d2de668d2d797126ce2d45b682e4eafbce6d;

-- Name: FUNCTION list_corrections(status text, after text, max_corrections integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_corrections(status text, after text, max_corrections integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_corrections(status text, after text, max_corrections integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_corrections(status text, after text, max_corrections integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_corrections(status text, after text, max_corrections integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_documents(text, text, text, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_documents(kind text DEFAULT NULL::text, begins text DEFAULT ''::text, after text DEFAULT ''::text, max_documents integer DEFAULT 1000, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 cb9d0e6f478507d12d754f0225e37d7da0b18c9f8fe5679b57506bca2f6511cf;

-- Name: FUNCTION list_documents(kind text, begins text, after text, max_documents integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_documents(kind text, begins text, after text, max_documents integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_documents(kind text, begins text, after text, max_documents integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_documents(kind text, begins text, after text, max_documents integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_documents(kind text, begins text, after text, max_documents integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_evaluations(text, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_evaluations(version text DEFAULT NULL::text, max_evaluations integer DEFAULT 50, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 1dab60fb5d870a7ef48f5acde3ce3da5567e1eb2030ad8a49b621a02c6cb3a6f;

-- Name: FUNCTION list_evaluations(version text, max_evaluations integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_evaluations(version text, max_evaluations integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_evaluations(version text, max_evaluations integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_evaluations(version text, max_evaluations integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_evaluations(version text, max_evaluations integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_goldens(text, text, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_goldens(topic text DEFAULT NULL::text, after text DEFAULT ''::text, max_goldens integer DEFAULT 1000, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 30dc09994d57ef375db2cc8f40fed62b3af0d111c35d85c151bf6b2f8fdb1275;

-- Name: FUNCTION list_goldens(topic text, after text, max_goldens integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_goldens(topic text, after text, max_goldens integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_goldens(topic text, after text, max_goldens integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_goldens(topic text, after text, max_goldens integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_goldens(topic text, after text, max_goldens integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_imports(integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_imports(max_imports integer DEFAULT 50, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 b384e2df09a4844afa8c62c346a2c6f8d52c1848c972314b28ed141c0ce97aac;

-- Name: FUNCTION list_imports(max_imports integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_imports(max_imports integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_imports(max_imports integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_imports(max_imports integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_imports(max_imports integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_messages(uuid, uuid, integer, timestamp with time zone, uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_messages(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, max_messages integer DEFAULT 50, before timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 a327e10899b4290828bf57b1ade6b32ee8d1356d1498d90e0435c7a5c3a6f21c;

-- Name: FUNCTION list_messages(tenant uuid, conversation uuid, max_messages integer, before timestamp with time zone, before_id uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_messages(tenant uuid, conversation uuid, max_messages integer, before timestamp with time zone, before_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_messages(tenant uuid, conversation uuid, max_messages integer, before timestamp with time zone, before_id uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_messages(tenant uuid, conversation uuid, max_messages integer, before timestamp with time zone, before_id uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_messages(tenant uuid, conversation uuid, max_messages integer, before timestamp with time zone, before_id uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_messages(tenant uuid, conversation uuid, max_messages integer, before timestamp with time zone, before_id uuid) TO service_role;

-- Name: list_notifications(uuid, integer, text, boolean, timestamp with time zone, uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_notifications(tenant uuid DEFAULT NULL::uuid, max_notifications integer DEFAULT 50, for_subject text DEFAULT NULL::text, unread_only boolean DEFAULT false, before timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS sha256 2ace5098b1a04b9d7536336977eec4e4c3412659cb7efb35ea257869f00e2d8c;

-- Name: FUNCTION list_notifications(tenant uuid, max_notifications integer, for_subject text, unread_only boolean, before timestamp with time zone, before_id uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_notifications(tenant uuid, max_notifications integer, for_subject text, unread_only boolean, before timestamp with time zone, before_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_notifications(tenant uuid, max_notifications integer, for_subject text, unread_only boolean, before timestamp with time zone, before_id uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_notifications(tenant uuid, max_notifications integer, for_subject text, unread_only boolean, before timestamp with time zone, before_id uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_notifications(tenant uuid, max_notifications integer, for_subject text, unread_only boolean, before timestamp with time zone, before_id uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_notifications(tenant uuid, max_notifications integer, for_subject text, unread_only boolean, before timestamp with time zone, before_id uuid) TO service_role;

-- Name: list_prompts(integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_prompts(max_prompts integer DEFAULT 100, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 a326ca6f72755719442e01fdcee6bcf8efe8debaef0b9d056f3c1d3c36304d11;

-- Name: FUNCTION list_prompts(max_prompts integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_prompts(max_prompts integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_prompts(max_prompts integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_prompts(max_prompts integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_prompts(max_prompts integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_queue(uuid, integer, uuid, boolean, timestamp with time zone, uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_queue(tenant uuid DEFAULT NULL::uuid, max_drafts integer DEFAULT 50, assignee uuid DEFAULT NULL::uuid, with_snoozed boolean DEFAULT false, after_due timestamp with time zone DEFAULT NULL::timestamp with time zone, after_id uuid DEFAULT NULL::uuid) RETURNS json
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 53928b135d7323bad29bebd4a864058ca0a1a3ef229ad32be8702f0b64912ae7;

-- Name: FUNCTION list_queue(tenant uuid, max_drafts integer, assignee uuid, with_snoozed boolean, after_due timestamp with time zone, after_id uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_queue(tenant uuid, max_drafts integer, assignee uuid, with_snoozed boolean, after_due timestamp with time zone, after_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_queue(tenant uuid, max_drafts integer, assignee uuid, with_snoozed boolean, after_due timestamp with time zone, after_id uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_queue(tenant uuid, max_drafts integer, assignee uuid, with_snoozed boolean, after_due timestamp with time zone, after_id uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_queue(tenant uuid, max_drafts integer, assignee uuid, with_snoozed boolean, after_due timestamp with time zone, after_id uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_queue(tenant uuid, max_drafts integer, assignee uuid, with_snoozed boolean, after_due timestamp with time zone, after_id uuid) TO service_role;

-- Name: list_recent_questions(integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_recent_questions(max_questions integer DEFAULT 500, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 27e952f63f973db9bca4abea0602335548e0f87b90c3b15ef976f5b54556b626;

-- Name: FUNCTION list_recent_questions(max_questions integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_recent_questions(max_questions integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_recent_questions(max_questions integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_recent_questions(max_questions integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_recent_questions(max_questions integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_ruled_tenants(); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_ruled_tenants() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 07b8fb11554be0d0c4bb0d786747838ed3794c72324033c7f4914edde6a07926;

-- Name: FUNCTION list_ruled_tenants(); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_ruled_tenants() FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_ruled_tenants() TO app_rw;
GRANT ALL ON FUNCTION drafts.list_ruled_tenants() TO service_role;

-- Name: list_samples(timestamp with time zone, timestamp with time zone, uuid, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_samples(since timestamp with time zone, until timestamp with time zone, after uuid DEFAULT NULL::uuid, max_samples integer DEFAULT 200, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 e7b2ff93af2c48a4c16500b264c21449f06975de4052632cbd9d5f63419ef3af;

-- Name: FUNCTION list_samples(since timestamp with time zone, until timestamp with time zone, after uuid, max_samples integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_samples(since timestamp with time zone, until timestamp with time zone, after uuid, max_samples integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_samples(since timestamp with time zone, until timestamp with time zone, after uuid, max_samples integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_samples(since timestamp with time zone, until timestamp with time zone, after uuid, max_samples integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_samples(since timestamp with time zone, until timestamp with time zone, after uuid, max_samples integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_topic_rules(uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_topic_rules(tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 3892b88211c6bb8a6850c32f7fef682469cccf1bdc048789c6b46498bc677756;

-- Name: FUNCTION list_topic_rules(tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_topic_rules(tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_topic_rules(tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_topic_rules(tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_topic_rules(tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: list_unknown_replies(uuid, integer); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_unknown_replies(tenant uuid DEFAULT NULL::uuid, max_rows integer DEFAULT 200) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2c917d0e2a34ec38bc6de2700fde839a0c7a442b498fc3827da3b19431b37ea0;

-- Name: FUNCTION list_unknown_replies(tenant uuid, max_rows integer); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_unknown_replies(tenant uuid, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_unknown_replies(tenant uuid, max_rows integer) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_unknown_replies(tenant uuid, max_rows integer) TO service_role;

-- Name: list_users(uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.list_users(tenant uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 b82d098dfa60295c2f7d014200c13000bead81f5d7025943b7e8aace29a2a480;

-- Name: FUNCTION list_users(tenant uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.list_users(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.list_users(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.list_users(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.list_users(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.list_users(tenant uuid) TO service_role;

-- Name: lock_draft(uuid, uuid, integer, boolean, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.lock_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, seconds integer DEFAULT 120, take_over boolean DEFAULT false, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 e36ee66740b5c0dce7c85deb4aefd6d04f774aa797841598ce7717645a19896a;

-- Name: FUNCTION lock_draft(tenant uuid, draft uuid, seconds integer, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.lock_draft(tenant uuid, draft uuid, seconds integer, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.lock_draft(tenant uuid, draft uuid, seconds integer, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.lock_draft(tenant uuid, draft uuid, seconds integer, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.lock_draft(tenant uuid, draft uuid, seconds integer, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: lock_for_change(uuid, uuid, drafts.users, timestamp with time zone, integer, text, boolean); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.lock_for_change(tenant uuid, draft uuid, me drafts.users, moment timestamp with time zone, version integer DEFAULT NULL::integer, digest text DEFAULT NULL::text, take_over boolean DEFAULT false, OUT made drafts.drafts, OUT thread drafts.conversations) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 d189f231090ca8f0c14c79b4fef7d8b3e4dc4c152b4fe99eb0e7695c3d96ecbc;

-- Name: FUNCTION lock_for_change(tenant uuid, draft uuid, me drafts.users, moment timestamp with time zone, version integer, digest text, take_over boolean, OUT made drafts.drafts, OUT thread drafts.conversations); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.lock_for_change(tenant uuid, draft uuid, me drafts.users, moment timestamp with time zone, version integer, digest text, take_over boolean, OUT made drafts.drafts, OUT thread drafts.conversations) FROM PUBLIC;

-- Name: lock_pending(uuid, uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.lock_pending(tenant uuid, draft uuid) RETURNS drafts.drafts
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 71aeae2a474e1cbd7972481878a0fc305e923b1d1477cfa9bb09243ae2e17bce;

-- Name: FUNCTION lock_pending(tenant uuid, draft uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.lock_pending(tenant uuid, draft uuid) FROM PUBLIC;

-- Name: mailbox_positions; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.mailbox_positions (
    tenant_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    folder text NOT NULL,
    uidvalidity bigint NOT NULL,
    uid bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT mailbox_positions_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)),
    CONSTRAINT mailbox_positions_folder_check CHECK (((length(folder) >= 1) AND (length(folder) <= 255))),
    CONSTRAINT mailbox_positions_folder_fits CHECK (app_private.fits('folder'::text, folder)),
    CONSTRAINT mailbox_positions_uid_check CHECK (((uid >= 0) AND (uidvalidity >= 0))),
    CONSTRAINT mailbox_positions_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at))
)
WITH (fillfactor='50');
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN channel_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN folder SET STATISTICS 0;
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN uidvalidity SET STATISTICS 0;
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN uid SET STATISTICS 0;
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.mailbox_positions ALTER COLUMN updated_at SET STATISTICS 0;

-- Name: TABLE mailbox_positions; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.mailbox_positions IS 'The last mail of each folder that was stored or refused.';

-- Name: COLUMN mailbox_positions.uidvalidity; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.mailbox_positions.uidvalidity IS 'Names the numbering of the folder: under another all ids are new.';

-- Name: mailbox_positions mailbox_positions_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.mailbox_positions
    ADD CONSTRAINT mailbox_positions_pkey PRIMARY KEY (tenant_id, channel_id, folder);

-- Name: mailbox_positions set_mailbox_positions_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_mailbox_positions_updated_at BEFORE UPDATE ON drafts.mailbox_positions FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: mailbox_positions mailbox_positions_channel_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.mailbox_positions
    ADD CONSTRAINT mailbox_positions_channel_id_fkey FOREIGN KEY (tenant_id, channel_id) REFERENCES drafts.channels(tenant_id, id);

-- Name: mailbox_positions mailbox_positions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.mailbox_positions
    ADD CONSTRAINT mailbox_positions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: mailbox_positions; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.mailbox_positions ENABLE ROW LEVEL SECURITY;

-- Name: mailbox_positions mailbox_positions_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY mailbox_positions_app_ro ON drafts.mailbox_positions FOR SELECT TO app_ro USING (true);

-- Name: mailbox_positions mailbox_positions_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY mailbox_positions_app_rw ON drafts.mailbox_positions TO app_rw USING (true);

-- Name: mailbox_positions mailbox_positions_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY mailbox_positions_tenant ON drafts.mailbox_positions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE mailbox_positions; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.mailbox_positions TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.mailbox_positions TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.mailbox_positions TO service_role;

-- Name: COLUMN mailbox_positions.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: COLUMN mailbox_positions.channel_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(channel_id) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: COLUMN mailbox_positions.folder; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(folder) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: COLUMN mailbox_positions.uidvalidity; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(uidvalidity) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: COLUMN mailbox_positions.uid; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(uid) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: COLUMN mailbox_positions.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: COLUMN mailbox_positions.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.mailbox_positions TO authenticated;

-- Name: mark_document_failed(text, text, text, timestamp with time zone, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.mark_document_failed(source_url text, kind text, problem text, next_refresh_at timestamp with time zone DEFAULT NULL::timestamp with time zone, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 37330a4e740ba717134f1b383f2e997bb74fa0544d0d3a0f9cbb52624d4c93f3;

-- Name: FUNCTION mark_document_failed(source_url text, kind text, problem text, next_refresh_at timestamp with time zone, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.mark_document_failed(source_url text, kind text, problem text, next_refresh_at timestamp with time zone, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.mark_document_failed(source_url text, kind text, problem text, next_refresh_at timestamp with time zone, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.mark_document_failed(source_url text, kind text, problem text, next_refresh_at timestamp with time zone, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.mark_document_failed(source_url text, kind text, problem text, next_refresh_at timestamp with time zone, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: mark_documents_vanished(jsonb, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.mark_documents_vanished(source_urls jsonb, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 6ffd84cff110344b48826f46cb0a037b5dd3bb30ecdaea918022aa19dd478902;

-- Name: FUNCTION mark_documents_vanished(source_urls jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.mark_documents_vanished(source_urls jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.mark_documents_vanished(source_urls jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.mark_documents_vanished(source_urls jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.mark_documents_vanished(source_urls jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

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
    received_at timestamp with time zone DEFAULT now(),
    from_address text,
    reply_to text,
    automatic text,
    same_id_as uuid,
    author_user_id uuid,
    archived_at timestamp with time zone,
    envelope_id uuid,
    delivery_state text,
    delivery_error text,
    delivered_at timestamp with time zone,
    CONSTRAINT messages_automatic_check CHECK ((automatic = ANY (ARRAY['auto_reply'::text, 'bounce'::text, 'list'::text]))),
    CONSTRAINT messages_delivery_state_check CHECK ((delivery_state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'unknown'::text, 'cancelled'::text]))),
    CONSTRAINT messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'system'::text]))),
    CONSTRAINT messages_external_id_check CHECK (((octet_length(external_id) >= 1) AND (octet_length(external_id) <= 998))),
    CONSTRAINT messages_metadata_check CHECK (((jsonb_typeof(metadata) = 'object'::text) AND (octet_length((metadata)::text) <= 65536)))
);
ALTER TABLE ONLY drafts.messages ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.messages ALTER COLUMN tenant_id SET (n_distinct=-0.001);
ALTER TABLE ONLY drafts.messages ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN conversation_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN external_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN direction SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN body_text SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN body_html SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN sent_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN metadata SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN received_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN from_address SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN reply_to SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN automatic SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN same_id_as SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN author_user_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN archived_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN envelope_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN delivery_state SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN delivery_error SET STATISTICS 0;
ALTER TABLE ONLY drafts.messages ALTER COLUMN delivered_at SET STATISTICS 0;

-- Name: COLUMN messages.received_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.received_at IS 'When we stored it; sent_at is what the sender says. Null in old rows.';

-- Name: COLUMN messages.automatic; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.automatic IS 'No person wrote it: it is stored, and never answered.';

-- Name: COLUMN messages.same_id_as; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.same_id_as IS 'An earlier message that came with the same id and another text.';

-- Name: COLUMN messages.author_user_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.author_user_id IS 'Who wrote this note (direction system) or approved this reply.';

-- Name: COLUMN messages.archived_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.archived_at IS 'When the texts were blanked, because they are no longer needed.';

-- Name: COLUMN messages.envelope_id; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.envelope_id IS 'The envelope that sends this reply.';

-- Name: COLUMN messages.delivery_state; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.messages.delivery_state IS 'What became of the envelope. Null: this message was not sent by us.';

-- Name: messages messages_archived_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_archived_at_fits CHECK (app_private.fits('archived_at'::text, archived_at)) NOT VALID;

-- Name: messages messages_automatic_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_automatic_fits CHECK (app_private.fits('automatic'::text, automatic)) NOT VALID;

-- Name: messages messages_body_html_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_body_html_fits CHECK (app_private.fits('body_html'::text, body_html)) NOT VALID;

-- Name: messages messages_body_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_body_text_fits CHECK (app_private.fits('body_text'::text, body_text)) NOT VALID;

-- Name: messages messages_delivered_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_delivered_at_fits CHECK (app_private.fits('delivered_at'::text, delivered_at)) NOT VALID;

-- Name: messages messages_delivery_error_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_delivery_error_fits CHECK (app_private.fits('delivery_error'::text, delivery_error)) NOT VALID;

-- Name: messages messages_delivery_state_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_delivery_state_fits CHECK (app_private.fits('delivery_state'::text, delivery_state)) NOT VALID;

-- Name: messages messages_direction_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_direction_fits CHECK (app_private.fits('direction'::text, direction)) NOT VALID;

-- Name: messages messages_external_id_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_external_id_fits CHECK (app_private.fits('external_id'::text, external_id)) NOT VALID;

-- Name: messages messages_from_address_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_from_address_fits CHECK (app_private.fits('from_address'::text, from_address)) NOT VALID;

-- Name: messages messages_metadata_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_metadata_fits CHECK (app_private.fits('metadata'::text, metadata)) NOT VALID;

-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id);

-- Name: messages messages_received_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_received_at_fits CHECK (app_private.fits('received_at'::text, received_at)) NOT VALID;

-- Name: messages messages_reply_to_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_reply_to_fits CHECK (app_private.fits('reply_to'::text, reply_to)) NOT VALID;

-- Name: messages messages_sent_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_sent_at_fits CHECK (app_private.fits('sent_at'::text, sent_at)) NOT VALID;

-- Name: messages messages_subject_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.messages
    ADD CONSTRAINT messages_subject_fits CHECK (app_private.fits('subject'::text, subject)) NOT VALID;

-- Name: messages uq_messages_external_id; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT uq_messages_external_id UNIQUE (tenant_id, conversation_id, external_id);

-- Name: idx_message_author; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_author ON drafts.messages USING btree (tenant_id, author_user_id) WHERE (author_user_id IS NOT NULL);

-- Name: idx_message_conversation_sent; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_conversation_sent ON drafts.messages USING btree (tenant_id, conversation_id, sent_at);

-- Name: idx_message_envelope; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_envelope ON drafts.messages USING btree (tenant_id, envelope_id) WHERE (envelope_id IS NOT NULL);

-- Name: idx_message_external; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_external ON drafts.messages USING btree (tenant_id, external_id) WHERE (external_id IS NOT NULL);

-- Name: idx_message_from_address; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_from_address ON drafts.messages USING btree (tenant_id, lower("left"(from_address, 320))) WHERE (from_address IS NOT NULL);

-- Name: idx_message_same_id; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_same_id ON drafts.messages USING btree (tenant_id, same_id_as) WHERE (same_id_as IS NOT NULL);

-- Name: idx_message_unknown; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_message_unknown ON drafts.messages USING btree (tenant_id, id) WHERE (delivery_state = 'unknown'::text);

-- Name: messages messages_author_user_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_author_user_id_fkey FOREIGN KEY (tenant_id, author_user_id) REFERENCES drafts.users(tenant_id, id) ON DELETE SET NULL (author_user_id);

-- Name: messages messages_conversation_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES drafts.conversations(tenant_id, id);

-- Name: messages messages_same_id_as_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.messages
    ADD CONSTRAINT messages_same_id_as_fkey FOREIGN KEY (tenant_id, same_id_as) REFERENCES drafts.messages(tenant_id, id) ON DELETE SET NULL (same_id_as);

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

-- Name: COLUMN messages.received_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(received_at) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.from_address; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(from_address) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.reply_to; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(reply_to) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.automatic; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(automatic) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.same_id_as; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(same_id_as) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.author_user_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(author_user_id) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.archived_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(archived_at) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.envelope_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(envelope_id) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.delivery_state; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(delivery_state) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.delivery_error; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(delivery_error) ON TABLE drafts.messages TO authenticated;

-- Name: COLUMN messages.delivered_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(delivered_at) ON TABLE drafts.messages TO authenticated;

-- Name: model_calls; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.model_calls (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    conversation_id uuid,
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    input_tokens integer NOT NULL,
    output_tokens integer NOT NULL,
    cost_usd numeric NOT NULL,
    failure text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT model_calls_cost_usd_check CHECK ((cost_usd >= (0)::numeric)),
    CONSTRAINT model_calls_cost_usd_fits CHECK (app_private.fits('cost_usd'::text, cost_usd)),
    CONSTRAINT model_calls_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)),
    CONSTRAINT model_calls_failure_fits CHECK (app_private.fits('failure'::text, failure)),
    CONSTRAINT model_calls_model_key_fits CHECK (app_private.fits('model_key'::text, model_key)),
    CONSTRAINT model_calls_prompt_version_fits CHECK (app_private.fits('prompt_version'::text, prompt_version)),
    CONSTRAINT model_calls_tokens_check CHECK (((input_tokens >= 0) AND (output_tokens >= 0)))
);
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN tenant_id SET (n_distinct=-0.1);
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN conversation_id SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN model_key SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN prompt_version SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN input_tokens SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN output_tokens SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN cost_usd SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN failure SET STATISTICS 0;
ALTER TABLE ONLY drafts.model_calls ALTER COLUMN created_at SET STATISTICS 0;

-- Name: COLUMN model_calls.failure; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.model_calls.failure IS 'Why the answer was not used, and another drafter wrote the draft. Null: it was used.';

-- Name: model_calls model_calls_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.model_calls
    ADD CONSTRAINT model_calls_pkey PRIMARY KEY (tenant_id, id);

-- Name: idx_model_call_conversation; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_model_call_conversation ON drafts.model_calls USING btree (tenant_id, conversation_id) WHERE (conversation_id IS NOT NULL);

-- Name: idx_model_call_created; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX idx_model_call_created ON drafts.model_calls USING btree (tenant_id, created_at, id);

-- Name: model_calls model_calls_conversation_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.model_calls
    ADD CONSTRAINT model_calls_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES drafts.conversations(tenant_id, id) ON DELETE SET NULL (conversation_id);

-- Name: model_calls model_calls_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.model_calls
    ADD CONSTRAINT model_calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: model_calls; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.model_calls ENABLE ROW LEVEL SECURITY;

-- Name: model_calls model_calls_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY model_calls_app_ro ON drafts.model_calls FOR SELECT TO app_ro USING (true);

-- Name: model_calls model_calls_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY model_calls_app_rw ON drafts.model_calls TO app_rw USING (true);

-- Name: model_calls model_calls_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY model_calls_tenant ON drafts.model_calls FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE model_calls; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.model_calls TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.model_calls TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.model_calls TO service_role;

-- Name: COLUMN model_calls.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.conversation_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(conversation_id) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.model_key; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(model_key) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.prompt_version; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(prompt_version) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.input_tokens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(input_tokens) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.output_tokens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(output_tokens) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.cost_usd; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(cost_usd) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.failure; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(failure) ON TABLE drafts.model_calls TO authenticated;

-- Name: COLUMN model_calls.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.model_calls TO authenticated;

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
ALTER TABLE ONLY drafts.notifications ALTER COLUMN tenant_id SET (n_distinct=-0.1);
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

-- Name: notify(uuid, uuid, text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.notify(tenant uuid, user_id uuid, type text, payload jsonb, moment timestamp with time zone) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 d5271e281cf419716e9a594c123d40aea784c2fef48e8b0daa602edbe971ce25;

-- Name: FUNCTION notify(tenant uuid, user_id uuid, type text, payload jsonb, moment timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.notify(tenant uuid, user_id uuid, type text, payload jsonb, moment timestamp with time zone) FROM PUBLIC;

-- Name: prompts; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.prompts (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    version text NOT NULL,
    instructions text NOT NULL,
    status text DEFAULT 'candidate'::text NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    activated_by text,
    activated_at timestamp with time zone,
    CONSTRAINT prompts_activated_at_fits CHECK (app_private.fits('activated_at'::text, activated_at)),
    CONSTRAINT prompts_activated_by_fits CHECK (app_private.fits('activated_by'::text, activated_by)),
    CONSTRAINT prompts_activated_check CHECK (((status = 'candidate'::text) = (activated_at IS NULL))),
    CONSTRAINT prompts_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)),
    CONSTRAINT prompts_created_by_fits CHECK (app_private.fits('created_by'::text, created_by)),
    CONSTRAINT prompts_instructions_check CHECK ((octet_length(instructions) <= 32768)),
    CONSTRAINT prompts_instructions_fits CHECK (app_private.fits('instructions'::text, instructions)),
    CONSTRAINT prompts_status_check CHECK ((status = ANY (ARRAY['candidate'::text, 'active'::text, 'retired'::text]))),
    CONSTRAINT prompts_status_fits CHECK (app_private.fits('status'::text, status)),
    CONSTRAINT prompts_version_check CHECK (((version ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'::text) AND (version <> 'default'::text))),
    CONSTRAINT prompts_version_fits CHECK (app_private.fits('version'::text, version))
);
ALTER TABLE ONLY drafts.prompts ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.prompts ALTER COLUMN id SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN version SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN instructions SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN status SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN created_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN activated_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.prompts ALTER COLUMN activated_at SET STATISTICS 0;

-- Name: TABLE prompts; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.prompts IS 'A tenant''s own instructions for models. A version does not change. Without an active one, models get none.';

-- Name: prompts prompts_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.prompts
    ADD CONSTRAINT prompts_pkey PRIMARY KEY (tenant_id, id);

-- Name: prompts uq_prompts_version; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.prompts
    ADD CONSTRAINT uq_prompts_version UNIQUE (tenant_id, version);

-- Name: idx_prompt_active; Type: INDEX; Schema: drafts; Owner: -
CREATE UNIQUE INDEX idx_prompt_active ON drafts.prompts USING btree (tenant_id) WHERE (status = 'active'::text);

-- Name: prompts prompts_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.prompts
    ADD CONSTRAINT prompts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: prompts; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.prompts ENABLE ROW LEVEL SECURITY;

-- Name: prompts prompts_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY prompts_app_ro ON drafts.prompts FOR SELECT TO app_ro USING (true);

-- Name: prompts prompts_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY prompts_app_rw ON drafts.prompts TO app_rw USING (true);

-- Name: prompts prompts_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY prompts_tenant ON drafts.prompts FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE prompts; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.prompts TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.prompts TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.prompts TO service_role;

-- Name: COLUMN prompts.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(id) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.version; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(version) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.instructions; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(instructions) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.status; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(status) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.created_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_by) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.activated_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(activated_by) ON TABLE drafts.prompts TO authenticated;

-- Name: COLUMN prompts.activated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(activated_at) ON TABLE drafts.prompts TO authenticated;

-- Name: propose_correction(jsonb, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.propose_correction(correction jsonb, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 19533e60a945745a081314e4dc0a79bc7908b5ddc15048645789bbb98f6dc49b;

-- Name: FUNCTION propose_correction(correction jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.propose_correction(correction jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.propose_correction(correction jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.propose_correction(correction jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.propose_correction(correction jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: put_document(uuid, jsonb, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.put_document(tenant uuid, document jsonb, moment timestamp with time zone) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 d39c53a2d18e25c190e291d6be57675e0dd72042d56c45a2affbe99b2b7692ed;

-- Name: FUNCTION put_document(tenant uuid, document jsonb, moment timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.put_document(tenant uuid, document jsonb, moment timestamp with time zone) FROM PUBLIC;

-- Name: read_conversation(uuid, uuid, integer); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.read_conversation(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, max_messages integer DEFAULT 100) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 040283eb7a3722be475f37048026f8ae5b861357ed34d3b8b50abd219cb306fb;

-- Name: FUNCTION read_conversation(tenant uuid, conversation uuid, max_messages integer); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.read_conversation(tenant uuid, conversation uuid, max_messages integer) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.read_conversation(tenant uuid, conversation uuid, max_messages integer) TO app_ro;
GRANT ALL ON FUNCTION drafts.read_conversation(tenant uuid, conversation uuid, max_messages integer) TO app_rw;
GRANT ALL ON FUNCTION drafts.read_conversation(tenant uuid, conversation uuid, max_messages integer) TO authenticated;
GRANT ALL ON FUNCTION drafts.read_conversation(tenant uuid, conversation uuid, max_messages integer) TO service_role;

-- Name: read_draft(uuid, uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.read_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 991e6d24a6c5ec2ad5bd133a0b3f4a387b918bfc251073feb70021673267473b;

-- Name: FUNCTION read_draft(tenant uuid, draft uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.read_draft(tenant uuid, draft uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.read_draft(tenant uuid, draft uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.read_draft(tenant uuid, draft uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.read_draft(tenant uuid, draft uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.read_draft(tenant uuid, draft uuid) TO service_role;

-- Name: read_mailbox_position(uuid, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.read_mailbox_position(tenant uuid, channel text, folder text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 968862ab9d4a5a594e557a4622f30b3433d1a912341466cbfaf55eaee45de16c;

-- Name: FUNCTION read_mailbox_position(tenant uuid, channel text, folder text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.read_mailbox_position(tenant uuid, channel text, folder text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.read_mailbox_position(tenant uuid, channel text, folder text) TO app_rw;
GRANT ALL ON FUNCTION drafts.read_mailbox_position(tenant uuid, channel text, folder text) TO service_role;

-- Name: read_model_account(uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.read_model_account(tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 167a263c3bc8f47d4cbc8c728f8cfe686d83df0812c7e1b00e283fc0ed68f4a3;

-- Name: FUNCTION read_model_account(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.read_model_account(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.read_model_account(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.read_model_account(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.read_model_account(tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: read_notifications(uuid, uuid[], text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.read_notifications(tenant uuid DEFAULT NULL::uuid, ids uuid[] DEFAULT NULL::uuid[], actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d48d0a3e1657693412e675a0a320891281a4a8d149e5c69e48bc6e4e1bb90cec;

-- Name: FUNCTION read_notifications(tenant uuid, ids uuid[], actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.read_notifications(tenant uuid, ids uuid[], actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.read_notifications(tenant uuid, ids uuid[], actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.read_notifications(tenant uuid, ids uuid[], actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.read_notifications(tenant uuid, ids uuid[], actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: read_settings(uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.read_settings(tenant uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 23df16a03af546fda0070b11c5f557acdf5c82a025b80eb3c61672218bce28db;

-- Name: FUNCTION read_settings(tenant uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.read_settings(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.read_settings(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.read_settings(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.read_settings(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.read_settings(tenant uuid) TO service_role;

-- Name: receive_message(uuid, jsonb, uuid, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.receive_message(tenant uuid DEFAULT NULL::uuid, message jsonb DEFAULT NULL::jsonb, channel uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 8100d345669c0c3b979a4c79a4439545a1a98604fbe58b2add96a6706299caab;

-- Name: FUNCTION receive_message(tenant uuid, message jsonb, channel uuid, conversation uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.receive_message(tenant uuid, message jsonb, channel uuid, conversation uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.receive_message(tenant uuid, message jsonb, channel uuid, conversation uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.receive_message(tenant uuid, message jsonb, channel uuid, conversation uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.receive_message(tenant uuid, message jsonb, channel uuid, conversation uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: record_automatic_decision(uuid, boolean, boolean, text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.record_automatic_decision(draft uuid, would_approve boolean, is_sample boolean, reason text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 9912b6d7892f24a65489765b48b1ccd930c3cf076d55328f8a413d598466a7c0;

-- Name: FUNCTION record_automatic_decision(draft uuid, would_approve boolean, is_sample boolean, reason text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.record_automatic_decision(draft uuid, would_approve boolean, is_sample boolean, reason text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.record_automatic_decision(draft uuid, would_approve boolean, is_sample boolean, reason text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.record_automatic_decision(draft uuid, would_approve boolean, is_sample boolean, reason text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: record_evaluation(jsonb, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.record_evaluation(result jsonb, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 c453c907e91cfe3e1c1b0170e3ccf7a2bada68f6139ab541af66dedf18a79de4;

-- Name: FUNCTION record_evaluation(result jsonb, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.record_evaluation(result jsonb, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.record_evaluation(result jsonb, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.record_evaluation(result jsonb, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: record_model_call(uuid, text, text, integer, integer, numeric, text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.record_model_call(conversation uuid, model_key text, prompt_version text, input_tokens integer, output_tokens integer, cost_usd numeric, failure text DEFAULT NULL::text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 4a9e75b56cae420689e64b5d9be874e6cdbbb71bf9abc3e5b2f06495de393e39;

-- Name: FUNCTION record_model_call(conversation uuid, model_key text, prompt_version text, input_tokens integer, output_tokens integer, cost_usd numeric, failure text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.record_model_call(conversation uuid, model_key text, prompt_version text, input_tokens integer, output_tokens integer, cost_usd numeric, failure text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.record_model_call(conversation uuid, model_key text, prompt_version text, input_tokens integer, output_tokens integer, cost_usd numeric, failure text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.record_model_call(conversation uuid, model_key text, prompt_version text, input_tokens integer, output_tokens integer, cost_usd numeric, failure text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: regenerate_draft(uuid, uuid, integer, text, boolean, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.regenerate_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, version integer DEFAULT NULL::integer, instruction text DEFAULT NULL::text, take_over boolean DEFAULT false, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 3f479763cbd66eb52d59dfb98a33e8fc8e1705fc79829e6a72910f2bde122112;

-- Name: FUNCTION regenerate_draft(tenant uuid, draft uuid, version integer, instruction text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.regenerate_draft(tenant uuid, draft uuid, version integer, instruction text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.regenerate_draft(tenant uuid, draft uuid, version integer, instruction text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.regenerate_draft(tenant uuid, draft uuid, version integer, instruction text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.regenerate_draft(tenant uuid, draft uuid, version integer, instruction text, take_over boolean, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: report_learning(timestamp with time zone, timestamp with time zone, text, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.report_learning(since timestamp with time zone, until timestamp with time zone, by text DEFAULT NULL::text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS sha256 9cdbb642675db044c655417c4eb8b82f9bebb32fdeb503ca64f6a76eac061fed;

-- Name: FUNCTION report_learning(since timestamp with time zone, until timestamp with time zone, by text, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.report_learning(since timestamp with time zone, until timestamp with time zone, by text, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.report_learning(since timestamp with time zone, until timestamp with time zone, by text, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.report_learning(since timestamp with time zone, until timestamp with time zone, by text, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.report_learning(since timestamp with time zone, until timestamp with time zone, by text, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: request_draft(uuid, uuid, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.request_draft(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, instruction text DEFAULT NULL::text, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 44d717021b00ab45e628c08b3303532202529bbb1a557cd94470d4fb7df56535;

-- Name: FUNCTION request_draft(tenant uuid, conversation uuid, instruction text, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.request_draft(tenant uuid, conversation uuid, instruction text, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.request_draft(tenant uuid, conversation uuid, instruction text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.request_draft(tenant uuid, conversation uuid, instruction text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.request_draft(tenant uuid, conversation uuid, instruction text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: retire_correction(uuid, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.retire_correction(correction uuid, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 4abea831532adf516df1e9b3d0a487cfdeeacb41554adeb9b12b7c37787679e9;

-- Name: FUNCTION retire_correction(correction uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.retire_correction(correction uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.retire_correction(correction uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.retire_correction(correction uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.retire_correction(correction uuid, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: save_abstention(uuid, uuid, uuid, text, double precision, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_abstention(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, trigger_message uuid DEFAULT NULL::uuid, reason text DEFAULT NULL::text, best_score double precision DEFAULT NULL::double precision, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 07597a6880317ceee2e48589c843ed19dba56b105628938c6e044b51500408a2;

-- Name: FUNCTION save_abstention(tenant uuid, conversation uuid, trigger_message uuid, reason text, best_score double precision, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_abstention(tenant uuid, conversation uuid, trigger_message uuid, reason text, best_score double precision, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_abstention(tenant uuid, conversation uuid, trigger_message uuid, reason text, best_score double precision, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_abstention(tenant uuid, conversation uuid, trigger_message uuid, reason text, best_score double precision, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_abstention(tenant uuid, conversation uuid, trigger_message uuid, reason text, best_score double precision, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: save_channel(uuid, text, text, text, jsonb, text, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_channel(tenant uuid DEFAULT NULL::uuid, external_id text DEFAULT NULL::text, name text DEFAULT NULL::text, type text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, reply_tool_slug text DEFAULT NULL::text, reply_account_id text DEFAULT NULL::text, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 055e213de5ca521e38f7ad30b0058d89e70b43c0c42dc6895111ede29b48442c;

-- Name: FUNCTION save_channel(tenant uuid, external_id text, name text, type text, metadata jsonb, reply_tool_slug text, reply_account_id text, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_channel(tenant uuid, external_id text, name text, type text, metadata jsonb, reply_tool_slug text, reply_account_id text, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_channel(tenant uuid, external_id text, name text, type text, metadata jsonb, reply_tool_slug text, reply_account_id text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_channel(tenant uuid, external_id text, name text, type text, metadata jsonb, reply_tool_slug text, reply_account_id text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_channel(tenant uuid, external_id text, name text, type text, metadata jsonb, reply_tool_slug text, reply_account_id text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: save_documents(jsonb, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_documents(documents jsonb, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 ce813219eea7334741f1969d62584aaa4974d6cb5b50a9c95303d39992aa2f6e;

-- Name: FUNCTION save_documents(documents jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_documents(documents jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_documents(documents jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_documents(documents jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_documents(documents jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: save_draft(uuid, uuid, uuid, jsonb, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_draft(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, trigger_message uuid DEFAULT NULL::uuid, draft jsonb DEFAULT NULL::jsonb, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 cb2b46e4b1e5d941baffe2afaaab248eb4b2be5e533b7177aeb40c567db2ff05;

-- Name: FUNCTION save_draft(tenant uuid, conversation uuid, trigger_message uuid, draft jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_draft(tenant uuid, conversation uuid, trigger_message uuid, draft jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_draft(tenant uuid, conversation uuid, trigger_message uuid, draft jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_draft(tenant uuid, conversation uuid, trigger_message uuid, draft jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_draft(tenant uuid, conversation uuid, trigger_message uuid, draft jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: save_goldens(jsonb, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_goldens(goldens jsonb, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 94a7a31c01e1ad46794d88f2df8c4508990dd6018b4bbb34126c79058d6e1044;

-- Name: FUNCTION save_goldens(goldens jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_goldens(goldens jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_goldens(goldens jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_goldens(goldens jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_goldens(goldens jsonb, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: save_mailbox_position(uuid, uuid, text, bigint, bigint, jsonb, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_mailbox_position(tenant uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint, refused jsonb DEFAULT '[]'::jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 05dc01a197fa9194ca1946a873ff2b7f9a39723c993d162923344642bf7677dd;

-- Name: FUNCTION save_mailbox_position(tenant uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint, refused jsonb, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_mailbox_position(tenant uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint, refused jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_mailbox_position(tenant uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint, refused jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_mailbox_position(tenant uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint, refused jsonb, as_of timestamp with time zone) TO service_role;

-- Name: save_prompt(text, text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_prompt(version text, instructions text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 869d092d49c4edded73b07daa13b5e4d03917f7d44133df3bb5f2b6a2386c216;

-- Name: FUNCTION save_prompt(version text, instructions text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_prompt(version text, instructions text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_prompt(version text, instructions text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_prompt(version text, instructions text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_prompt(version text, instructions text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: save_settings(uuid, jsonb, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.save_settings(tenant uuid DEFAULT NULL::uuid, settings jsonb DEFAULT NULL::jsonb, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 739787c3e6f3b0ebd483b547728ae40da85527cb2f137b7041d4e0226f1458a8;

-- Name: FUNCTION save_settings(tenant uuid, settings jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.save_settings(tenant uuid, settings jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.save_settings(tenant uuid, settings jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.save_settings(tenant uuid, settings jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.save_settings(tenant uuid, settings jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: search_chunks(text, text, text, text, integer, integer, uuid, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.search_chunks(question text, signature text, magnitudes text, language text DEFAULT NULL::text, max_near integer DEFAULT 60, max_matching integer DEFAULT 40, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS sha256 7fbe258fc0a2372edc2406d2d45ec279e7256c11f8269a7f84f4c414559a17c8;

-- Name: FUNCTION search_chunks(question text, signature text, magnitudes text, language text, max_near integer, max_matching integer, tenant uuid, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.search_chunks(question text, signature text, magnitudes text, language text, max_near integer, max_matching integer, tenant uuid, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.search_chunks(question text, signature text, magnitudes text, language text, max_near integer, max_matching integer, tenant uuid, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.search_chunks(question text, signature text, magnitudes text, language text, max_near integer, max_matching integer, tenant uuid, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.search_chunks(question text, signature text, magnitudes text, language text, max_near integer, max_matching integer, tenant uuid, actor_type text, actor_id text, door text) TO service_role;

-- Name: set_budget(numeric, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.set_budget(monthly_usd numeric, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 5d3b4515a08b85fe073dd09b9a00b0fc24ab561715763fc0a63abc6dd9787ac6;

-- Name: FUNCTION set_budget(monthly_usd numeric, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.set_budget(monthly_usd numeric, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.set_budget(monthly_usd numeric, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.set_budget(monthly_usd numeric, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: set_priority(uuid, uuid, text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.set_priority(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, priority text DEFAULT NULL::text, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 ab254a6629865613030235bc4f820fbc8601f64c3ca0ce17eb3f3db095545dec;

-- Name: FUNCTION set_priority(tenant uuid, draft uuid, priority text, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.set_priority(tenant uuid, draft uuid, priority text, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.set_priority(tenant uuid, draft uuid, priority text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.set_priority(tenant uuid, draft uuid, priority text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.set_priority(tenant uuid, draft uuid, priority text, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: set_topic_rule(text, text, uuid, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.set_topic_rule(topic text, mode text, tenant uuid DEFAULT NULL::uuid, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 582988aef7b2bbcad3d7d41fa849f55e71226775c285b027b16f5aa489a0945a;

-- Name: FUNCTION set_topic_rule(topic text, mode text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.set_topic_rule(topic text, mode text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.set_topic_rule(topic text, mode text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.set_topic_rule(topic text, mode text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.set_topic_rule(topic text, mode text, tenant uuid, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: settings; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.settings (
    tenant_id uuid NOT NULL,
    quiet_seconds integer DEFAULT 60 NOT NULL,
    due_low_minutes integer DEFAULT 2880 NOT NULL,
    due_normal_minutes integer DEFAULT 1440 NOT NULL,
    due_high_minutes integer DEFAULT 240 NOT NULL,
    due_urgent_minutes integer DEFAULT 60 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    archive_after_days integer,
    CONSTRAINT settings_due_check CHECK (((LEAST(due_low_minutes, due_normal_minutes, due_high_minutes, due_urgent_minutes) > 0) AND (GREATEST(due_low_minutes, due_normal_minutes, due_high_minutes, due_urgent_minutes) <= 525600))),
    CONSTRAINT settings_quiet_seconds_check CHECK (((quiet_seconds >= 0) AND (quiet_seconds <= 86400)))
);
ALTER TABLE ONLY drafts.settings ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.settings ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.settings ALTER COLUMN quiet_seconds SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN due_low_minutes SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN due_normal_minutes SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN due_high_minutes SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN due_urgent_minutes SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN created_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN updated_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.settings ALTER COLUMN archive_after_days SET STATISTICS 0;

-- Name: TABLE settings; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.settings IS 'How drafts works for a tenant. Without a row, the defaults of the columns hold.';

-- Name: COLUMN settings.quiet_seconds; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.settings.quiet_seconds IS 'A draft is written when the customer has been silent for this long.';

-- Name: COLUMN settings.due_normal_minutes; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.settings.due_normal_minutes IS 'How long after the customer''s message a reply is due.';

-- Name: COLUMN settings.archive_after_days; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.settings.archive_after_days IS 'Texts of a conversation are blanked when it has been quiet for so many days. Null: never.';

-- Name: settings settings_archive_after_days_check; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.settings
    ADD CONSTRAINT settings_archive_after_days_check CHECK (((archive_after_days >= 1) AND (archive_after_days <= 3650))) NOT VALID;

-- Name: settings settings_created_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.settings
    ADD CONSTRAINT settings_created_at_fits CHECK (app_private.fits('created_at'::text, created_at)) NOT VALID;

-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (tenant_id);

-- Name: settings settings_updated_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.settings
    ADD CONSTRAINT settings_updated_at_fits CHECK (app_private.fits('updated_at'::text, updated_at)) NOT VALID;

-- Name: settings set_settings_updated_at; Type: TRIGGER; Schema: drafts; Owner: -
CREATE TRIGGER set_settings_updated_at BEFORE UPDATE ON drafts.settings FOR EACH ROW EXECUTE FUNCTION app_private.touch_updated_at();

-- Name: settings settings_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.settings
    ADD CONSTRAINT settings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: settings; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.settings ENABLE ROW LEVEL SECURITY;

-- Name: settings settings_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY settings_app_ro ON drafts.settings FOR SELECT TO app_ro USING (true);

-- Name: settings settings_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY settings_app_rw ON drafts.settings TO app_rw USING (true);

-- Name: settings settings_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY settings_tenant ON drafts.settings FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE settings; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.settings TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.settings TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.settings TO service_role;

-- Name: COLUMN settings.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.quiet_seconds; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(quiet_seconds) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.due_low_minutes; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(due_low_minutes) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.due_normal_minutes; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(due_normal_minutes) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.due_high_minutes; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(due_high_minutes) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.due_urgent_minutes; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(due_urgent_minutes) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.created_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(created_at) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.updated_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(updated_at) ON TABLE drafts.settings TO authenticated;

-- Name: COLUMN settings.archive_after_days; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(archive_after_days) ON TABLE drafts.settings TO authenticated;

-- Name: settlements_wait(uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.settlements_wait(tenant uuid DEFAULT NULL::uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS sha256 dec033af5cd61496f7cc2d1670f8f40392615902fd890775e6eca10dc156391b;

-- Name: FUNCTION settlements_wait(tenant uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.settlements_wait(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.settlements_wait(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.settlements_wait(tenant uuid) TO service_role;

-- Name: snooze_draft(uuid, uuid, timestamp with time zone, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.snooze_draft(tenant uuid DEFAULT NULL::uuid, draft uuid DEFAULT NULL::uuid, until timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 4da3b5b65da027ce0e9857a7e912ca1cc5978abf05a35c8d068da98e078b4853;

-- Name: FUNCTION snooze_draft(tenant uuid, draft uuid, until timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.snooze_draft(tenant uuid, draft uuid, until timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.snooze_draft(tenant uuid, draft uuid, until timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.snooze_draft(tenant uuid, draft uuid, until timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.snooze_draft(tenant uuid, draft uuid, until timestamp with time zone, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: source_documents; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.source_documents (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    source_url text NOT NULL,
    title text,
    hash text,
    indexed_at timestamp with time zone,
    next_refresh_at timestamp with time zone,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    kind text DEFAULT 'page'::text NOT NULL,
    text text,
    language text,
    etag text,
    last_modified text,
    failure text,
    failed_at timestamp with time zone,
    vanished_at timestamp with time zone,
    CONSTRAINT source_documents_failure_check CHECK (((failure IS NULL) = (failed_at IS NULL))),
    CONSTRAINT source_documents_kind_check CHECK ((kind = ANY (ARRAY['page'::text, 'file'::text, 'golden'::text, 'correction'::text, 'conversation'::text]))),
    CONSTRAINT source_documents_known_check CHECK (((indexed_at IS NOT NULL) OR (failed_at IS NOT NULL))),
    CONSTRAINT source_documents_language_check CHECK ((language ~ '^[a-z]{2,3}$'::text)),
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
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN kind SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN text SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN language SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN etag SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN last_modified SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN failure SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN failed_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.source_documents ALTER COLUMN vanished_at SET STATISTICS 0;

-- Name: COLUMN source_documents.hash; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.source_documents.hash IS 'The SHA-256 of what was read, in hex; null: to be read again.';

-- Name: COLUMN source_documents.indexed_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.source_documents.indexed_at IS 'Null: it could never be read.';

-- Name: COLUMN source_documents.text; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.source_documents.text IS 'What was read; of a golden, a correction or a conversation, the answer.';

-- Name: COLUMN source_documents.language; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.source_documents.language IS 'An ISO 639 code; null: not known.';

-- Name: COLUMN source_documents.failure; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.source_documents.failure IS 'Why the last attempt to read it failed; its passages stay.';

-- Name: COLUMN source_documents.vanished_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.source_documents.vanished_at IS 'Since when it is gone. It has no passages, so nothing cites it.';

-- Name: source_documents source_documents_etag_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_etag_fits CHECK (app_private.fits('etag'::text, etag)) NOT VALID;

-- Name: source_documents source_documents_failed_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_failed_at_fits CHECK (app_private.fits('failed_at'::text, failed_at)) NOT VALID;

-- Name: source_documents source_documents_failure_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_failure_fits CHECK (app_private.fits('failure'::text, failure)) NOT VALID;

-- Name: source_documents source_documents_hash_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_hash_fits CHECK (app_private.fits('hash'::text, hash)) NOT VALID;

-- Name: source_documents source_documents_indexed_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_indexed_at_fits CHECK (app_private.fits('indexed_at'::text, indexed_at)) NOT VALID;

-- Name: source_documents source_documents_kind_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_kind_fits CHECK (app_private.fits('kind'::text, kind)) NOT VALID;

-- Name: source_documents source_documents_language_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_language_fits CHECK (app_private.fits('language'::text, language)) NOT VALID;

-- Name: source_documents source_documents_last_modified_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_last_modified_fits CHECK (app_private.fits('last_modified'::text, last_modified)) NOT VALID;

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

-- Name: source_documents source_documents_text_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_text_fits CHECK (app_private.fits('text'::text, text)) NOT VALID;

-- Name: source_documents source_documents_title_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_title_fits CHECK (app_private.fits('title'::text, title)) NOT VALID;

-- Name: source_documents source_documents_vanished_at_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.source_documents
    ADD CONSTRAINT source_documents_vanished_at_fits CHECK (app_private.fits('vanished_at'::text, vanished_at)) NOT VALID;

-- Name: source_documents uq_source_documents_source_url; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.source_documents
    ADD CONSTRAINT uq_source_documents_source_url UNIQUE (tenant_id, source_url);

-- Name: source_documents_due_idx; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX source_documents_due_idx ON drafts.source_documents USING btree (next_refresh_at, tenant_id) WHERE (next_refresh_at IS NOT NULL);

-- Name: source_documents_kind_idx; Type: INDEX; Schema: drafts; Owner: -
CREATE INDEX source_documents_kind_idx ON drafts.source_documents USING btree (tenant_id, kind, source_url);

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

-- Name: COLUMN source_documents.kind; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(kind) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.text; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(text) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.language; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(language) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.etag; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(etag) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.last_modified; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(last_modified) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.failure; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(failure) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.failed_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(failed_at) ON TABLE drafts.source_documents TO authenticated;

-- Name: COLUMN source_documents.vanished_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(vanished_at) ON TABLE drafts.source_documents TO authenticated;

-- Name: spending; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.spending (
    tenant_id uuid NOT NULL,
    month date NOT NULL,
    calls bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cost_usd numeric NOT NULL,
    CONSTRAINT spending_cost_usd_fits CHECK (app_private.fits('cost_usd'::text, cost_usd)),
    CONSTRAINT spending_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT spending_month_fits CHECK (app_private.fits('month'::text, month))
);
ALTER TABLE ONLY drafts.spending ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.spending ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.spending ALTER COLUMN month SET STATISTICS 0;
ALTER TABLE ONLY drafts.spending ALTER COLUMN calls SET STATISTICS 0;
ALTER TABLE ONLY drafts.spending ALTER COLUMN input_tokens SET STATISTICS 0;
ALTER TABLE ONLY drafts.spending ALTER COLUMN output_tokens SET STATISTICS 0;
ALTER TABLE ONLY drafts.spending ALTER COLUMN cost_usd SET STATISTICS 0;

-- Name: TABLE spending; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.spending IS 'The sums of drafts.model_calls by month.';

-- Name: spending spending_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.spending
    ADD CONSTRAINT spending_pkey PRIMARY KEY (tenant_id, month);

-- Name: spending spending_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.spending
    ADD CONSTRAINT spending_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: spending; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.spending ENABLE ROW LEVEL SECURITY;

-- Name: spending spending_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY spending_app_ro ON drafts.spending FOR SELECT TO app_ro USING (true);

-- Name: spending spending_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY spending_app_rw ON drafts.spending TO app_rw USING (true);

-- Name: spending spending_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY spending_tenant ON drafts.spending FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE spending; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.spending TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.spending TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.spending TO service_role;

-- Name: COLUMN spending.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.spending TO authenticated;

-- Name: COLUMN spending.month; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(month) ON TABLE drafts.spending TO authenticated;

-- Name: COLUMN spending.calls; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(calls) ON TABLE drafts.spending TO authenticated;

-- Name: COLUMN spending.input_tokens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(input_tokens) ON TABLE drafts.spending TO authenticated;

-- Name: COLUMN spending.output_tokens; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(output_tokens) ON TABLE drafts.spending TO authenticated;

-- Name: COLUMN spending.cost_usd; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(cost_usd) ON TABLE drafts.spending TO authenticated;

-- Name: start_import(text, uuid, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.start_import(type text, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 6dabac1d8a7c7a78ef9c6514129b5ed97a571e3b8f3d2ea151f4fa8d27c9d8d9;

-- Name: FUNCTION start_import(type text, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.start_import(type text, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.start_import(type text, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION drafts.start_import(type text, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO authenticated;
GRANT ALL ON FUNCTION drafts.start_import(type text, tenant uuid, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: tenant_of(uuid); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.tenant_of(tenant uuid) RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 05d0724441c02fd6f60d726276c30bc6a840c14f17477a6a94b96340ec4c0bca;

-- Name: FUNCTION tenant_of(tenant uuid); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.tenant_of(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.tenant_of(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION drafts.tenant_of(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION drafts.tenant_of(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION drafts.tenant_of(tenant uuid) TO service_role;

-- Name: thread_key(text, integer); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.thread_key(key text, at_most integer) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 78014cd4a41a205906ca03b4cd479341b06a04337545c48a4712116861c71871;

-- Name: FUNCTION thread_key(key text, at_most integer); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.thread_key(key text, at_most integer) FROM PUBLIC;

-- Name: topic_record(uuid, text); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.topic_record(tenant uuid, topic text, OUT decided integer, OUT unedited integer) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 edcb7c541da03a5a71a6cfa013329bf4b8cdd6ccfcacf20a60db7f65f416cc9e;

-- Name: FUNCTION topic_record(tenant uuid, topic text, OUT decided integer, OUT unedited integer); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.topic_record(tenant uuid, topic text, OUT decided integer, OUT unedited integer) FROM PUBLIC;

-- Name: topic_rules; Type: TABLE; Schema: drafts; Owner: app_owner
CREATE TABLE drafts.topic_rules (
    tenant_id uuid NOT NULL,
    topic text NOT NULL,
    mode text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    demoted_at timestamp with time zone,
    CONSTRAINT topic_rules_changed_at_fits CHECK (app_private.fits('changed_at'::text, changed_at)),
    CONSTRAINT topic_rules_changed_by_fits CHECK (app_private.fits('changed_by'::text, changed_by)),
    CONSTRAINT topic_rules_demoted_at_fits CHECK (app_private.fits('demoted_at'::text, demoted_at)),
    CONSTRAINT topic_rules_mode_check CHECK ((mode = ANY (ARRAY['off'::text, 'shadow'::text, 'automatic'::text]))),
    CONSTRAINT topic_rules_mode_fits CHECK (app_private.fits('mode'::text, mode)),
    CONSTRAINT topic_rules_topic_check CHECK (((octet_length(topic) >= 1) AND (octet_length(topic) <= 255))),
    CONSTRAINT topic_rules_topic_fits CHECK (app_private.fits('topic'::text, topic))
);
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN tenant_id SET (n_distinct=-0.5);
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN topic SET STATISTICS 0;
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN mode SET STATISTICS 0;
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN changed_by SET STATISTICS 0;
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN changed_at SET STATISTICS 0;
ALTER TABLE ONLY drafts.topic_rules ALTER COLUMN demoted_at SET STATISTICS 0;

-- Name: TABLE topic_rules; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON TABLE drafts.topic_rules IS 'Whether drafts of a topic are approved by a person (off, shadow) or by the application (automatic).';

-- Name: COLUMN topic_rules.demoted_at; Type: COMMENT; Schema: drafts; Owner: -
COMMENT ON COLUMN drafts.topic_rules.demoted_at IS 'When the application itself ended the automatic mode last.';

-- Name: topic_rules topic_rules_pkey; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.topic_rules
    ADD CONSTRAINT topic_rules_pkey PRIMARY KEY (tenant_id, topic);

-- Name: topic_rules topic_rules_tenant_id_fkey; Type: FK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.topic_rules
    ADD CONSTRAINT topic_rules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: topic_rules; Type: ROW SECURITY; Schema: drafts; Owner: -
ALTER TABLE drafts.topic_rules ENABLE ROW LEVEL SECURITY;

-- Name: topic_rules topic_rules_app_ro; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY topic_rules_app_ro ON drafts.topic_rules FOR SELECT TO app_ro USING (true);

-- Name: topic_rules topic_rules_app_rw; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY topic_rules_app_rw ON drafts.topic_rules TO app_rw USING (true);

-- Name: topic_rules topic_rules_tenant; Type: POLICY; Schema: drafts; Owner: -
CREATE POLICY topic_rules_tenant ON drafts.topic_rules FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE topic_rules; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT ON TABLE drafts.topic_rules TO app_ro;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.topic_rules TO app_rw;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE drafts.topic_rules TO service_role;

-- Name: COLUMN topic_rules.tenant_id; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(tenant_id) ON TABLE drafts.topic_rules TO authenticated;

-- Name: COLUMN topic_rules.topic; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(topic) ON TABLE drafts.topic_rules TO authenticated;

-- Name: COLUMN topic_rules.mode; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(mode) ON TABLE drafts.topic_rules TO authenticated;

-- Name: COLUMN topic_rules.changed_by; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(changed_by) ON TABLE drafts.topic_rules TO authenticated;

-- Name: COLUMN topic_rules.changed_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(changed_at) ON TABLE drafts.topic_rules TO authenticated;

-- Name: COLUMN topic_rules.demoted_at; Type: ACL; Schema: drafts; Owner: -
GRANT SELECT(demoted_at) ON TABLE drafts.topic_rules TO authenticated;

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

-- Name: users uq_users_auth_subject; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.users
    ADD CONSTRAINT uq_users_auth_subject UNIQUE (tenant_id, auth_provider, auth_subject);

-- Name: users uq_users_email; Type: CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE ONLY drafts.users
    ADD CONSTRAINT uq_users_email UNIQUE (tenant_id, email);

-- Name: users users_auth_provider_fits; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_auth_provider_fits CHECK (app_private.fits('auth_provider'::text, auth_provider)) NOT VALID;

-- Name: users users_auth_subject_check; Type: CHECK CONSTRAINT; Schema: drafts; Owner: -
ALTER TABLE drafts.users
    ADD CONSTRAINT users_auth_subject_check CHECK (((octet_length(auth_subject) >= 1) AND (octet_length(auth_subject) <= 1024))) NOT VALID;

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

-- Name: write_draft(uuid, uuid, text, text, jsonb, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: drafts; Owner: app_owner
CREATE FUNCTION drafts.write_draft(tenant uuid DEFAULT NULL::uuid, conversation uuid DEFAULT NULL::uuid, final_text text DEFAULT NULL::text, final_html text DEFAULT NULL::text, attachments jsonb DEFAULT NULL::jsonb, actor_type text DEFAULT 'operator'::text, actor_id text DEFAULT NULL::text, door text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 74db6269358170ef57d418d2a18694daeda41b5efa3aceb7d09a26676ee2fe4c;

-- Name: FUNCTION write_draft(tenant uuid, conversation uuid, final_text text, final_html text, attachments jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone); Type: ACL; Schema: drafts; Owner: -
REVOKE ALL ON FUNCTION drafts.write_draft(tenant uuid, conversation uuid, final_text text, final_html text, attachments jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION drafts.write_draft(tenant uuid, conversation uuid, final_text text, final_html text, attachments jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION drafts.write_draft(tenant uuid, conversation uuid, final_text text, final_html text, attachments jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION drafts.write_draft(tenant uuid, conversation uuid, final_text text, final_html text, attachments jsonb, actor_type text, actor_id text, door text, as_of timestamp with time zone) TO service_role;

-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA public TO app_owner;
GRANT USAGE ON SCHEMA public TO app_ro;
GRANT USAGE ON SCHEMA public TO app_rw;

-- Name: api_tokens; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.api_tokens (
    tenant_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    agent text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT api_tokens_agent_check CHECK (((length(agent) >= 1) AND (length(agent) <= 255))),
    CONSTRAINT api_tokens_expires_at_check CHECK (((expires_at > created_at) AND (expires_at <= (created_at + '366 days'::interval)))),
    CONSTRAINT api_tokens_revoked_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT api_tokens_scopes_check CHECK (((scopes <> '{}'::text[]) AND (scopes <@ ARRAY['propose'::text, 'cancel'::text, 'read'::text])))
);
ALTER TABLE ONLY public.api_tokens ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.api_tokens ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: api_tokens api_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (tenant_id, id);

-- Name: api_tokens api_tokens_scopes_list_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.api_tokens
    ADD CONSTRAINT api_tokens_scopes_list_check CHECK (app_private.fits('scopes'::text, scopes)) NOT VALID;

-- Name: api_tokens api_tokens_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: api_tokens; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

-- Name: api_tokens api_tokens_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY api_tokens_app ON public.api_tokens FOR SELECT TO app_ro, app_rw USING (true);

-- Name: api_tokens api_tokens_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY api_tokens_select ON public.api_tokens FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE api_tokens; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.api_tokens TO app_ro;
GRANT SELECT ON TABLE public.api_tokens TO app_rw;
GRANT SELECT ON TABLE public.api_tokens TO service_role;

-- Name: COLUMN api_tokens.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.agent; Type: ACL; Schema: public; Owner: -
GRANT SELECT(agent) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.scopes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(scopes) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.created_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_by) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.expires_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(expires_at) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.revoked_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(revoked_at) ON TABLE public.api_tokens TO authenticated;

-- Name: COLUMN api_tokens.revoked_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(revoked_by) ON TABLE public.api_tokens TO authenticated;

-- Name: approval_viewers; Type: TABLE; Schema: public; Owner: app_owner
CREATE UNLOGGED TABLE public.approval_viewers (
    tenant_id uuid NOT NULL,
    envelope_id uuid NOT NULL,
    viewer text NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    CONSTRAINT approval_viewers_viewer_check CHECK (((length(viewer) >= 1) AND (length(viewer) <= 300)))
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.approval_viewers ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.approval_viewers ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: COLUMN approval_viewers.viewer; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.approval_viewers.viewer IS 'The type and id of the person, such as `user:maria`.';

-- Name: approval_viewers approval_viewers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.approval_viewers
    ADD CONSTRAINT approval_viewers_pkey PRIMARY KEY (tenant_id, envelope_id, viewer);

-- Name: approval_viewers approval_viewers_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.approval_viewers
    ADD CONSTRAINT approval_viewers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: approval_viewers; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.approval_viewers ENABLE ROW LEVEL SECURITY;

-- Name: approval_viewers approval_viewers_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY approval_viewers_app ON public.approval_viewers FOR SELECT TO app_ro, app_rw USING (true);

-- Name: approval_viewers approval_viewers_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY approval_viewers_select ON public.approval_viewers FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[])) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) <> 'agent'::text)));

-- Name: TABLE approval_viewers; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.approval_viewers TO app_ro;
GRANT SELECT ON TABLE public.approval_viewers TO app_rw;
GRANT SELECT ON TABLE public.approval_viewers TO service_role;

-- Name: COLUMN approval_viewers.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.approval_viewers TO authenticated;

-- Name: COLUMN approval_viewers.envelope_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(envelope_id) ON TABLE public.approval_viewers TO authenticated;

-- Name: COLUMN approval_viewers.viewer; Type: ACL; Schema: public; Owner: -
GRANT SELECT(viewer) ON TABLE public.approval_viewers TO authenticated;

-- Name: COLUMN approval_viewers.seen_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(seen_at) ON TABLE public.approval_viewers TO authenticated;

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
    rejection_code text,
    decided_arguments jsonb,
    decided_digest text,
    first_approved_by text,
    first_approved_at timestamp with time zone,
    reminder_steps smallint DEFAULT 0 NOT NULL,
    reminded_at timestamp with time zone,
    escalated_at timestamp with time zone,
    escalated_to text,
    escalation_level smallint DEFAULT 0 NOT NULL,
    tool_slug text,
    risk text,
    proposed_by text,
    shown_whole boolean,
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

-- Name: COLUMN approvals.reminder_steps; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.approvals.reminder_steps IS 'How many steps of the reminders have been taken.';

-- Name: COLUMN approvals.escalation_level; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.approvals.escalation_level IS 'How many of these steps were escalations.';

-- Name: COLUMN approvals.shown_whole; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.approvals.shown_whole IS 'Whether all of the call had been shown to who decided. Null if the door does not know.';

-- Name: approvals approvals_edited_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.approvals
    ADD CONSTRAINT approvals_edited_check CHECK (((decided_arguments IS NULL) = (decided_digest IS NULL))) NOT VALID;

-- Name: approvals approvals_escalated_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.approvals
    ADD CONSTRAINT approvals_escalated_check CHECK ((((escalated_at IS NULL) = (escalated_to IS NULL)) AND ((escalated_at IS NULL) = (escalation_level = 0)))) NOT VALID;

-- Name: approvals approvals_escalated_to_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.approvals
    ADD CONSTRAINT approvals_escalated_to_check CHECK ((escalated_to = ANY (ARRAY['owner'::text, 'reviewer'::text]))) NOT VALID;

-- Name: approvals approvals_first_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.approvals
    ADD CONSTRAINT approvals_first_check CHECK (((first_approved_by IS NULL) = (first_approved_at IS NULL))) NOT VALID;

-- Name: approvals approvals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (tenant_id, id);

-- Name: approvals approvals_rejected_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.approvals
    ADD CONSTRAINT approvals_rejected_check CHECK (((rejection_code IS NOT NULL) = COALESCE((decision = 'rejected'::text), false))) NOT VALID;

-- Name: approvals approvals_rejection_code_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.approvals
    ADD CONSTRAINT approvals_rejection_code_check CHECK ((rejection_code = ANY (ARRAY['wrong_target'::text, 'wrong_content'::text, 'wrong_time'::text, 'not_needed'::text, 'too_risky'::text, 'not_permitted'::text, 'answered'::text, 'other'::text, 'tool_rejected'::text, 'cancelled'::text]))) NOT VALID;

-- Name: approvals_decided_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_decided_idx ON public.approvals USING btree (decided_at, id) WHERE (decision IS NOT NULL);

-- Name: approvals_expires_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_expires_idx ON public.approvals USING btree (expires_at, id) WHERE (decision IS NULL);

-- Name: approvals_open_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX approvals_open_uidx ON public.approvals USING btree (tenant_id, envelope_id) WHERE (decision IS NULL);

-- Name: approvals_requested_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_requested_idx ON public.approvals USING btree (requested_at, id) WHERE (decision IS NULL);

-- Name: approvals_tenant_decided_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_tenant_decided_idx ON public.approvals USING btree (tenant_id, decided_at, id) WHERE (decision IS NOT NULL);

-- Name: approvals_tenant_envelope_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_tenant_envelope_idx ON public.approvals USING btree (tenant_id, envelope_id);

-- Name: approvals_tenant_expires_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_tenant_expires_idx ON public.approvals USING btree (tenant_id, expires_at, id) WHERE (decision IS NULL);

-- Name: approvals_tenant_requested_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX approvals_tenant_requested_idx ON public.approvals USING btree (tenant_id, requested_at, id) WHERE (decision IS NULL);

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

-- Name: COLUMN approvals.rejection_code; Type: ACL; Schema: public; Owner: -
GRANT SELECT(rejection_code) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.decided_arguments; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decided_arguments) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.decided_digest; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decided_digest) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.first_approved_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(first_approved_by) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.first_approved_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(first_approved_at) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.reminder_steps; Type: ACL; Schema: public; Owner: -
GRANT SELECT(reminder_steps) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.reminded_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(reminded_at) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.escalated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(escalated_at) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.escalated_to; Type: ACL; Schema: public; Owner: -
GRANT SELECT(escalated_to) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.escalation_level; Type: ACL; Schema: public; Owner: -
GRANT SELECT(escalation_level) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.tool_slug; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tool_slug) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.risk; Type: ACL; Schema: public; Owner: -
GRANT SELECT(risk) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.proposed_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(proposed_by) ON TABLE public.approvals TO authenticated;

-- Name: COLUMN approvals.shown_whole; Type: ACL; Schema: public; Owner: -
GRANT SELECT(shown_whole) ON TABLE public.approvals TO authenticated;

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

-- Name: audit_log audit_log_actor_type_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.audit_log
    ADD CONSTRAINT audit_log_actor_type_check CHECK ((actor_type = ANY (ARRAY['agent'::text, 'worker'::text, 'operator'::text, 'user'::text, 'system'::text]))) NOT VALID;

-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, seq);

-- Name: audit_log_envelope_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX audit_log_envelope_idx ON public.audit_log USING btree (tenant_id, ((payload ->> 'envelope_id'::text)), seq) WHERE (((payload ->> 'envelope_id'::text) IS NOT NULL) AND (category <> ALL (ARRAY['envelope.proposed'::text, 'envelope.success'::text])));

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
CREATE POLICY connected_accounts_delete ON public.connected_accounts FOR DELETE TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) = 'owner'::text)));

-- Name: connected_accounts connected_accounts_insert; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_insert ON public.connected_accounts FOR INSERT TO authenticated WITH CHECK (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) = 'owner'::text)));

-- Name: connected_accounts connected_accounts_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_select ON public.connected_accounts FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: connected_accounts connected_accounts_update; Type: POLICY; Schema: public; Owner: -
CREATE POLICY connected_accounts_update ON public.connected_accounts FOR UPDATE TO authenticated USING ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid))) WITH CHECK (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) = 'owner'::text)));

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

-- Name: event_subscriptions; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.event_subscriptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    via text,
    event_types text[] NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    secret_version integer DEFAULT 1 NOT NULL,
    secret_rotated_at timestamp with time zone,
    read_seq bigint NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    mailed_at timestamp with time zone,
    CONSTRAINT event_subscriptions_description_check CHECK ((length(description) <= 255)),
    CONSTRAINT event_subscriptions_disabled_check CHECK (((disabled_at IS NULL) = (disabled_reason IS NULL))),
    CONSTRAINT event_subscriptions_event_types_check CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 50))),
    CONSTRAINT event_subscriptions_failures_check CHECK ((failures >= 0)),
    CONSTRAINT event_subscriptions_kind_check CHECK ((kind = ANY (ARRAY['webhook'::text, 'slack'::text, 'email'::text]))),
    CONSTRAINT event_subscriptions_secret_version_check CHECK ((secret_version > 0)),
    CONSTRAINT event_subscriptions_target_check CHECK (((length(target) >= 1) AND (length(target) <= 1024))),
    CONSTRAINT event_subscriptions_via_check CHECK (((length(via) >= 1) AND (length(via) <= 255)))
);
ALTER TABLE ONLY public.event_subscriptions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.event_subscriptions ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: TABLE event_subscriptions; Type: COMMENT; Schema: public; Owner: -
COMMENT ON TABLE public.event_subscriptions IS 'Who is told about a tenant''s events. No secret is stored: signing secrets are computed from ACP_WEBHOOK_KEY.';

-- Name: COLUMN event_subscriptions.target; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.event_subscriptions.target IS 'Where to: the URL of a webhook, the id of a Slack channel, or addresses separated by commas.';

-- Name: COLUMN event_subscriptions.via; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.event_subscriptions.via IS 'The name of a Slack app in ACP_SLACK_APPS; null for other kinds.';

-- Name: COLUMN event_subscriptions.event_types; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.event_subscriptions.event_types IS 'Such as approval.requested, or envelope.* for all of a noun.';

-- Name: COLUMN event_subscriptions.read_seq; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.event_subscriptions.read_seq IS 'The seq of the last audit row that was made into events.';

-- Name: COLUMN event_subscriptions.failures; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.event_subscriptions.failures IS 'Deliveries that became dead letters since the last success.';

-- Name: COLUMN event_subscriptions.mailed_at; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.event_subscriptions.mailed_at IS 'When the last e-mail was enqueued; null for other kinds.';

-- Name: event_subscriptions event_subscriptions_event_types_list_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.event_subscriptions
    ADD CONSTRAINT event_subscriptions_event_types_list_check CHECK (app_private.fits('event_types'::text, event_types)) NOT VALID;

-- Name: event_subscriptions event_subscriptions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.event_subscriptions
    ADD CONSTRAINT event_subscriptions_pkey PRIMARY KEY (tenant_id, id);

-- Name: event_subscriptions event_subscriptions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.event_subscriptions
    ADD CONSTRAINT event_subscriptions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: event_subscriptions; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.event_subscriptions ENABLE ROW LEVEL SECURITY;

-- Name: event_subscriptions event_subscriptions_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY event_subscriptions_app ON public.event_subscriptions FOR SELECT TO app_ro, app_rw USING (true);

-- Name: event_subscriptions event_subscriptions_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY event_subscriptions_select ON public.event_subscriptions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE event_subscriptions; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.event_subscriptions TO app_ro;
GRANT SELECT ON TABLE public.event_subscriptions TO app_rw;
GRANT SELECT ON TABLE public.event_subscriptions TO service_role;

-- Name: COLUMN event_subscriptions.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.kind; Type: ACL; Schema: public; Owner: -
GRANT SELECT(kind) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.target; Type: ACL; Schema: public; Owner: -
GRANT SELECT(target) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.via; Type: ACL; Schema: public; Owner: -
GRANT SELECT(via) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.event_types; Type: ACL; Schema: public; Owner: -
GRANT SELECT(event_types) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.description; Type: ACL; Schema: public; Owner: -
GRANT SELECT(description) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.secret_version; Type: ACL; Schema: public; Owner: -
GRANT SELECT(secret_version) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.secret_rotated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(secret_rotated_at) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.read_seq; Type: ACL; Schema: public; Owner: -
GRANT SELECT(read_seq) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.failures; Type: ACL; Schema: public; Owner: -
GRANT SELECT(failures) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.disabled_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(disabled_at) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.disabled_reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(disabled_reason) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.created_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_by) ON TABLE public.event_subscriptions TO authenticated;

-- Name: COLUMN event_subscriptions.mailed_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(mailed_at) ON TABLE public.event_subscriptions TO authenticated;

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

-- Name: grant_uses; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.grant_uses (
    tenant_id uuid NOT NULL,
    envelope_id uuid NOT NULL,
    lane smallint NOT NULL,
    token bigint NOT NULL,
    grant_id uuid NOT NULL,
    used_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.grant_uses ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.grant_uses ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: COLUMN grant_uses.token; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.grant_uses.token IS 'Of the claim: see app_private.lanes.';

-- Name: grant_uses grant_uses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.grant_uses
    ADD CONSTRAINT grant_uses_pkey PRIMARY KEY (tenant_id, envelope_id, lane, token);

-- Name: grant_uses_of_grant_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX grant_uses_of_grant_idx ON public.grant_uses USING btree (tenant_id, grant_id, used_at, envelope_id);

-- Name: grant_uses_used_at_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX grant_uses_used_at_idx ON public.grant_uses USING btree (tenant_id, used_at);

-- Name: grant_uses grant_uses_grant_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.grant_uses
    ADD CONSTRAINT grant_uses_grant_fkey FOREIGN KEY (tenant_id, grant_id) REFERENCES public.grants(tenant_id, id);

-- Name: grant_uses; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.grant_uses ENABLE ROW LEVEL SECURITY;

-- Name: grant_uses grant_uses_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY grant_uses_app ON public.grant_uses FOR SELECT TO app_ro, app_rw USING (true);

-- Name: grant_uses grant_uses_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY grant_uses_select ON public.grant_uses FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[])) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) <> 'agent'::text)));

-- Name: TABLE grant_uses; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.grant_uses TO app_ro;
GRANT SELECT ON TABLE public.grant_uses TO app_rw;
GRANT SELECT ON TABLE public.grant_uses TO service_role;

-- Name: COLUMN grant_uses.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.grant_uses TO authenticated;

-- Name: COLUMN grant_uses.envelope_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(envelope_id) ON TABLE public.grant_uses TO authenticated;

-- Name: COLUMN grant_uses.lane; Type: ACL; Schema: public; Owner: -
GRANT SELECT(lane) ON TABLE public.grant_uses TO authenticated;

-- Name: COLUMN grant_uses.token; Type: ACL; Schema: public; Owner: -
GRANT SELECT(token) ON TABLE public.grant_uses TO authenticated;

-- Name: COLUMN grant_uses.grant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(grant_id) ON TABLE public.grant_uses TO authenticated;

-- Name: COLUMN grant_uses.used_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(used_at) ON TABLE public.grant_uses TO authenticated;

-- Name: grants; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.grants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    tools text NOT NULL,
    account_id uuid,
    arguments jsonb NOT NULL,
    reason text,
    issued_at timestamp with time zone NOT NULL,
    issued_by text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    use_count bigint DEFAULT 0 NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT grants_arguments_check CHECK ((jsonb_typeof(arguments) = 'array'::text)),
    CONSTRAINT grants_expires_at_check CHECK (((expires_at > issued_at) AND (expires_at <= (issued_at + '7 days'::interval)))),
    CONSTRAINT grants_revoked_check CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT grants_tools_check CHECK ((tools ~ '^[^\s*]\S{0,254}$'::text)),
    CONSTRAINT grants_used_check CHECK (((use_count = 0) = (last_used_at IS NULL)))
);
ALTER TABLE ONLY public.grants ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.grants ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: COLUMN grants.tools; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.grants.tools IS 'A tool slug, in which * stands for any characters.';

-- Name: COLUMN grants.account_id; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.grants.account_id IS 'Null: calls that use no account.';

-- Name: COLUMN grants.arguments; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.grants.arguments IS 'Conditions, which services/guardrails/grants.py describes. All must hold.';

-- Name: grants grants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (tenant_id, id);

-- Name: grants_open_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX grants_open_idx ON public.grants USING btree (tenant_id, expires_at) WHERE (revoked_at IS NULL);

-- Name: grants grants_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: grants; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.grants ENABLE ROW LEVEL SECURITY;

-- Name: grants grants_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY grants_app ON public.grants FOR SELECT TO app_ro, app_rw USING (true);

-- Name: grants grants_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY grants_select ON public.grants FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[])) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) <> 'agent'::text)));

-- Name: TABLE grants; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.grants TO app_ro;
GRANT SELECT ON TABLE public.grants TO app_rw;
GRANT SELECT ON TABLE public.grants TO service_role;

-- Name: COLUMN grants.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.tools; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tools) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.account_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(account_id) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.arguments; Type: ACL; Schema: public; Owner: -
GRANT SELECT(arguments) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(reason) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.issued_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(issued_at) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.issued_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(issued_by) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.expires_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(expires_at) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.revoked_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(revoked_at) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.revoked_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(revoked_by) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.use_count; Type: ACL; Schema: public; Owner: -
GRANT SELECT(use_count) ON TABLE public.grants TO authenticated;

-- Name: COLUMN grants.last_used_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(last_used_at) ON TABLE public.grants TO authenticated;

-- Name: guardrail_versions; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.guardrail_versions (
    tenant_id uuid NOT NULL,
    version integer NOT NULL,
    document jsonb NOT NULL,
    actor_type text NOT NULL,
    actor_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT guardrail_versions_document_check CHECK ((jsonb_typeof(document) = 'object'::text)),
    CONSTRAINT guardrail_versions_version_check CHECK ((version > 0))
);
ALTER TABLE ONLY public.guardrail_versions ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.guardrail_versions ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: TABLE guardrail_versions; Type: COMMENT; Schema: public; Owner: -
COMMENT ON TABLE public.guardrail_versions IS 'What a tenant''s guardrails were, from 1. A trigger on guardrails writes them; document has the columns that people set.';

-- Name: guardrail_versions guardrail_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.guardrail_versions
    ADD CONSTRAINT guardrail_versions_pkey PRIMARY KEY (tenant_id, version);

-- Name: guardrail_versions guardrail_versions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.guardrail_versions
    ADD CONSTRAINT guardrail_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: guardrail_versions; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.guardrail_versions ENABLE ROW LEVEL SECURITY;

-- Name: guardrail_versions guardrail_versions_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY guardrail_versions_app ON public.guardrail_versions FOR SELECT TO app_ro, app_rw USING (true);

-- Name: guardrail_versions guardrail_versions_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY guardrail_versions_select ON public.guardrail_versions FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE guardrail_versions; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.guardrail_versions TO app_ro;
GRANT SELECT ON TABLE public.guardrail_versions TO app_rw;
GRANT SELECT ON TABLE public.guardrail_versions TO service_role;

-- Name: COLUMN guardrail_versions.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.guardrail_versions TO authenticated;

-- Name: COLUMN guardrail_versions.version; Type: ACL; Schema: public; Owner: -
GRANT SELECT(version) ON TABLE public.guardrail_versions TO authenticated;

-- Name: COLUMN guardrail_versions.document; Type: ACL; Schema: public; Owner: -
GRANT SELECT(document) ON TABLE public.guardrail_versions TO authenticated;

-- Name: COLUMN guardrail_versions.actor_type; Type: ACL; Schema: public; Owner: -
GRANT SELECT(actor_type) ON TABLE public.guardrail_versions TO authenticated;

-- Name: COLUMN guardrail_versions.actor_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(actor_id) ON TABLE public.guardrail_versions TO authenticated;

-- Name: COLUMN guardrail_versions.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.guardrail_versions TO authenticated;

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
    approval_rules jsonb DEFAULT '{}'::jsonb NOT NULL,
    approval_reminders jsonb DEFAULT '{}'::jsonb NOT NULL,
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

-- Name: guardrails guardrails_versioned; Type: TRIGGER; Schema: public; Owner: -
CREATE TRIGGER guardrails_versioned AFTER INSERT OR DELETE OR UPDATE ON public.guardrails FOR EACH ROW EXECUTE FUNCTION app_private.add_guardrail_version();

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
CREATE POLICY guardrails_update ON public.guardrails FOR UPDATE TO authenticated USING ((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid))) WITH CHECK (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) = 'owner'::text)));

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

-- Name: COLUMN guardrails.approval_rules; Type: ACL; Schema: public; Owner: -
GRANT SELECT(approval_rules),UPDATE(approval_rules) ON TABLE public.guardrails TO authenticated;

-- Name: COLUMN guardrails.approval_reminders; Type: ACL; Schema: public; Owner: -
GRANT SELECT(approval_reminders),UPDATE(approval_reminders) ON TABLE public.guardrails TO authenticated;

-- Name: inbound_webhooks; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.inbound_webhooks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    secret_version integer DEFAULT 1 NOT NULL,
    secret_rotated_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT inbound_webhooks_name_check CHECK ((name ~ '^[a-z][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT inbound_webhooks_secret_version_check CHECK ((secret_version > 0))
);
ALTER TABLE ONLY public.inbound_webhooks ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.inbound_webhooks ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: TABLE inbound_webhooks; Type: COMMENT; Schema: public; Owner: -
COMMENT ON TABLE public.inbound_webhooks IS 'No secret is stored: signing secrets are computed from ACP_WEBHOOK_KEY.';

-- Name: COLUMN inbound_webhooks.name; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.inbound_webhooks.name IS 'The sender; its events are the evidence of the tool inbound.<name>.';

-- Name: inbound_webhooks inbound_webhooks_name_key; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.inbound_webhooks
    ADD CONSTRAINT inbound_webhooks_name_key UNIQUE (tenant_id, name);

-- Name: inbound_webhooks inbound_webhooks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.inbound_webhooks
    ADD CONSTRAINT inbound_webhooks_pkey PRIMARY KEY (tenant_id, id);

-- Name: inbound_webhooks inbound_webhooks_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.inbound_webhooks
    ADD CONSTRAINT inbound_webhooks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: inbound_webhooks; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.inbound_webhooks ENABLE ROW LEVEL SECURITY;

-- Name: inbound_webhooks inbound_webhooks_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY inbound_webhooks_app ON public.inbound_webhooks FOR SELECT TO app_ro, app_rw USING (true);

-- Name: inbound_webhooks inbound_webhooks_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY inbound_webhooks_select ON public.inbound_webhooks FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE inbound_webhooks; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.inbound_webhooks TO app_ro;
GRANT SELECT ON TABLE public.inbound_webhooks TO app_rw;
GRANT SELECT ON TABLE public.inbound_webhooks TO service_role;

-- Name: COLUMN inbound_webhooks.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.inbound_webhooks TO authenticated;

-- Name: COLUMN inbound_webhooks.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.inbound_webhooks TO authenticated;

-- Name: COLUMN inbound_webhooks.name; Type: ACL; Schema: public; Owner: -
GRANT SELECT(name) ON TABLE public.inbound_webhooks TO authenticated;

-- Name: COLUMN inbound_webhooks.secret_version; Type: ACL; Schema: public; Owner: -
GRANT SELECT(secret_version) ON TABLE public.inbound_webhooks TO authenticated;

-- Name: COLUMN inbound_webhooks.secret_rotated_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(secret_rotated_at) ON TABLE public.inbound_webhooks TO authenticated;

-- Name: COLUMN inbound_webhooks.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.inbound_webhooks TO authenticated;

-- Name: COLUMN inbound_webhooks.created_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_by) ON TABLE public.inbound_webhooks TO authenticated;

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
    proposed_by text,
    proposed_arguments jsonb,
    objective_id uuid,
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
ALTER TABLE ONLY public.outbox ALTER COLUMN objective_id SET STATISTICS 0;

-- Name: COLUMN outbox.settled_token; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.settled_token IS 'Under which claim its last attempt was settled: the same settlement sent again is no lost lease.';

-- Name: COLUMN outbox.verdict_set; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.verdict_set IS 'Where an attempt was let through: its verdicts, in verdict_sets. Otherwise they are in the column verdicts.';

-- Name: COLUMN outbox.must_run_before; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.must_run_before IS 'No call to its tool begins at this moment or later: the envelope expires instead. Null: there is no such moment.';

-- Name: COLUMN outbox.objective_id; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox.objective_id IS 'The objective of the same tenant that the call serves. Null: none.';

-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

-- Name: outbox_external_id_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX outbox_external_id_uidx ON public.outbox USING btree (tenant_id, external_id);

-- Name: outbox_objective_created_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX outbox_objective_created_idx ON public.outbox USING btree (tenant_id, objective_id, created_at DESC, id DESC) WHERE (objective_id IS NOT NULL);

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

-- Name: outbox outbox_objective_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_objective_id_fkey FOREIGN KEY (tenant_id, objective_id) REFERENCES public.objectives(tenant_id, id) NOT VALID;

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

-- Name: COLUMN outbox.proposed_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(proposed_by) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.proposed_arguments; Type: ACL; Schema: public; Owner: -
GRANT SELECT(proposed_arguments) ON TABLE public.outbox TO authenticated;

-- Name: COLUMN outbox.objective_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(objective_id) ON TABLE public.outbox TO authenticated;

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
    proposed_by text,
    proposed_arguments jsonb,
    objective_id uuid,
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
ALTER TABLE ONLY public.outbox_dlq ALTER COLUMN objective_id SET STATISTICS 0;

-- Name: COLUMN outbox_dlq.doubtful; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.outbox_dlq.doubtful IS 'Its effect may have happened: only a person who names it gives it back to the queue.';

-- Name: outbox_dlq outbox_dlq_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox_dlq
    ADD CONSTRAINT outbox_dlq_pkey PRIMARY KEY (tenant_id, id);

-- Name: outbox_dlq_external_id_uidx; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX outbox_dlq_external_id_uidx ON public.outbox_dlq USING btree (tenant_id, external_id);

-- Name: outbox_dlq_objective_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX outbox_dlq_objective_idx ON public.outbox_dlq USING btree (tenant_id, objective_id) WHERE (objective_id IS NOT NULL);

-- Name: outbox_dlq_tenant_idx; Type: INDEX; Schema: public; Owner: -
CREATE INDEX outbox_dlq_tenant_idx ON public.outbox_dlq USING btree (tenant_id, moved_at DESC);

-- Name: outbox_dlq outbox_dlq_objective_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.outbox_dlq
    ADD CONSTRAINT outbox_dlq_objective_id_fkey FOREIGN KEY (tenant_id, objective_id) REFERENCES public.objectives(tenant_id, id) NOT VALID;

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

-- Name: COLUMN outbox_dlq.proposed_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(proposed_by) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.proposed_arguments; Type: ACL; Schema: public; Owner: -
GRANT SELECT(proposed_arguments) ON TABLE public.outbox_dlq TO authenticated;

-- Name: COLUMN outbox_dlq.objective_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(objective_id) ON TABLE public.outbox_dlq TO authenticated;

-- Name: pauses; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.pauses (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    reason text,
    started_at timestamp with time zone NOT NULL,
    started_by text NOT NULL,
    ends_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT pauses_ends_at_check CHECK ((ends_at > started_at)),
    CONSTRAINT pauses_kind_check CHECK ((kind = ANY (ARRAY['tool'::text, 'account'::text, 'agent'::text]))),
    CONSTRAINT pauses_target_check CHECK (((length(target) >= 1) AND (length(target) <= 255)))
);
ALTER TABLE ONLY public.pauses ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.pauses ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: COLUMN pauses.target; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.pauses.target IS 'The slug of the tool, the id of the account, or the name of the agent.';

-- Name: COLUMN pauses.ends_at; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.pauses.ends_at IS 'Null: until a person ends it.';

-- Name: pauses pauses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (tenant_id, kind, target);

-- Name: pauses pauses_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: pauses; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.pauses ENABLE ROW LEVEL SECURITY;

-- Name: pauses pauses_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY pauses_app ON public.pauses FOR SELECT TO app_ro, app_rw USING (true);

-- Name: pauses pauses_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY pauses_select ON public.pauses FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE pauses; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.pauses TO app_ro;
GRANT SELECT ON TABLE public.pauses TO app_rw;
GRANT SELECT ON TABLE public.pauses TO service_role;

-- Name: COLUMN pauses.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.kind; Type: ACL; Schema: public; Owner: -
GRANT SELECT(kind) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.target; Type: ACL; Schema: public; Owner: -
GRANT SELECT(target) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(reason) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.started_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(started_at) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.started_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(started_by) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.ends_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(ends_at) ON TABLE public.pauses TO authenticated;

-- Name: COLUMN pauses.changed_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(changed_at) ON TABLE public.pauses TO authenticated;

-- Name: shadow_runs; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.shadow_runs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    candidate jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    started_by text NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    stopped_at timestamp with time zone,
    stopped_by text,
    max_envelopes integer NOT NULL,
    envelopes integer DEFAULT 0 NOT NULL,
    CONSTRAINT shadow_runs_candidate_check CHECK ((jsonb_typeof(candidate) = 'object'::text)),
    CONSTRAINT shadow_runs_ends_at_check CHECK (((ends_at > started_at) AND (ends_at <= (started_at + '30 days'::interval)))),
    CONSTRAINT shadow_runs_envelopes_check CHECK (((envelopes >= 0) AND (envelopes <= max_envelopes))),
    CONSTRAINT shadow_runs_max_envelopes_check CHECK (((max_envelopes >= 1) AND (max_envelopes <= 10000))),
    CONSTRAINT shadow_runs_stopped_check CHECK (((stopped_at IS NULL) = (stopped_by IS NULL)))
);
ALTER TABLE ONLY public.shadow_runs ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.shadow_runs ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: COLUMN shadow_runs.candidate; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.shadow_runs.candidate IS 'The fields of guardrails.';

-- Name: COLUMN shadow_runs.envelopes; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.shadow_runs.envelopes IS 'How many have been judged; at max_envelopes the run ends.';

-- Name: shadow_runs shadow_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.shadow_runs
    ADD CONSTRAINT shadow_runs_pkey PRIMARY KEY (tenant_id, id);

-- Name: shadow_runs shadow_runs_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.shadow_runs
    ADD CONSTRAINT shadow_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: shadow_runs; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.shadow_runs ENABLE ROW LEVEL SECURITY;

-- Name: shadow_runs shadow_runs_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY shadow_runs_app ON public.shadow_runs FOR SELECT TO app_ro, app_rw USING (true);

-- Name: shadow_runs shadow_runs_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY shadow_runs_select ON public.shadow_runs FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[])) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) <> 'agent'::text)));

-- Name: TABLE shadow_runs; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.shadow_runs TO app_ro;
GRANT SELECT ON TABLE public.shadow_runs TO app_rw;
GRANT SELECT ON TABLE public.shadow_runs TO service_role;

-- Name: COLUMN shadow_runs.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(id) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.candidate; Type: ACL; Schema: public; Owner: -
GRANT SELECT(candidate) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.started_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(started_at) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.started_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(started_by) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.ends_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(ends_at) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.stopped_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(stopped_at) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.stopped_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(stopped_by) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.max_envelopes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(max_envelopes) ON TABLE public.shadow_runs TO authenticated;

-- Name: COLUMN shadow_runs.envelopes; Type: ACL; Schema: public; Owner: -
GRANT SELECT(envelopes) ON TABLE public.shadow_runs TO authenticated;

-- Name: shadow_verdicts; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.shadow_verdicts (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    envelope_id uuid NOT NULL,
    decision text NOT NULL,
    candidate_decision text NOT NULL,
    candidate_reason text NOT NULL,
    judged_at timestamp with time zone NOT NULL,
    CONSTRAINT shadow_verdicts_candidate_decision_check CHECK ((candidate_decision = ANY (ARRAY['allow'::text, 'hold'::text, 'needs_approval'::text, 'deny'::text]))),
    CONSTRAINT shadow_verdicts_decision_check CHECK ((decision = ANY (ARRAY['allow'::text, 'hold'::text, 'needs_approval'::text, 'deny'::text])))
);
ALTER TABLE ONLY public.shadow_verdicts ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.shadow_verdicts ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: shadow_verdicts shadow_verdicts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.shadow_verdicts
    ADD CONSTRAINT shadow_verdicts_pkey PRIMARY KEY (tenant_id, run_id, envelope_id);

-- Name: shadow_verdicts shadow_verdicts_run_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.shadow_verdicts
    ADD CONSTRAINT shadow_verdicts_run_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES public.shadow_runs(tenant_id, id);

-- Name: shadow_verdicts; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.shadow_verdicts ENABLE ROW LEVEL SECURITY;

-- Name: shadow_verdicts shadow_verdicts_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY shadow_verdicts_app ON public.shadow_verdicts FOR SELECT TO app_ro, app_rw USING (true);

-- Name: shadow_verdicts shadow_verdicts_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY shadow_verdicts_select ON public.shadow_verdicts FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[])) AND (( SELECT app_private.current_tenant_role() AS current_tenant_role) <> 'agent'::text)));

-- Name: TABLE shadow_verdicts; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.shadow_verdicts TO app_ro;
GRANT SELECT ON TABLE public.shadow_verdicts TO app_rw;
GRANT SELECT ON TABLE public.shadow_verdicts TO service_role;

-- Name: COLUMN shadow_verdicts.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.shadow_verdicts TO authenticated;

-- Name: COLUMN shadow_verdicts.run_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(run_id) ON TABLE public.shadow_verdicts TO authenticated;

-- Name: COLUMN shadow_verdicts.envelope_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(envelope_id) ON TABLE public.shadow_verdicts TO authenticated;

-- Name: COLUMN shadow_verdicts.decision; Type: ACL; Schema: public; Owner: -
GRANT SELECT(decision) ON TABLE public.shadow_verdicts TO authenticated;

-- Name: COLUMN shadow_verdicts.candidate_decision; Type: ACL; Schema: public; Owner: -
GRANT SELECT(candidate_decision) ON TABLE public.shadow_verdicts TO authenticated;

-- Name: COLUMN shadow_verdicts.candidate_reason; Type: ACL; Schema: public; Owner: -
GRANT SELECT(candidate_reason) ON TABLE public.shadow_verdicts TO authenticated;

-- Name: COLUMN shadow_verdicts.judged_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(judged_at) ON TABLE public.shadow_verdicts TO authenticated;

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

-- Name: slack_users; Type: TABLE; Schema: public; Owner: app_owner
CREATE TABLE public.slack_users (
    tenant_id uuid NOT NULL,
    app text NOT NULL,
    slack_user_id text NOT NULL,
    user_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT slack_users_app_check CHECK (((length(app) >= 1) AND (length(app) <= 255))),
    CONSTRAINT slack_users_slack_user_id_check CHECK ((slack_user_id ~ '^[A-Z0-9]{1,64}$'::text)),
    CONSTRAINT slack_users_user_id_check CHECK (((length(user_id) >= 1) AND (length(user_id) <= 255)))
);
ALTER TABLE ONLY public.slack_users ALTER COLUMN tenant_id SET STATISTICS 1;
ALTER TABLE ONLY public.slack_users ALTER COLUMN tenant_id SET (n_distinct=-0.5);

-- Name: COLUMN slack_users.user_id; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.slack_users.user_id IS 'The subject of the person''s JWT. In Slack they decide as a reviewer.';

-- Name: slack_users slack_users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.slack_users
    ADD CONSTRAINT slack_users_pkey PRIMARY KEY (tenant_id, app, slack_user_id);

-- Name: slack_users slack_users_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.slack_users
    ADD CONSTRAINT slack_users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

-- Name: slack_users; Type: ROW SECURITY; Schema: public; Owner: -
ALTER TABLE public.slack_users ENABLE ROW LEVEL SECURITY;

-- Name: slack_users slack_users_app; Type: POLICY; Schema: public; Owner: -
CREATE POLICY slack_users_app ON public.slack_users FOR SELECT TO app_ro, app_rw USING (true);

-- Name: slack_users slack_users_select; Type: POLICY; Schema: public; Owner: -
CREATE POLICY slack_users_select ON public.slack_users FOR SELECT TO authenticated USING (((tenant_id = ( SELECT app_private.current_tenant_id_uuid() AS current_tenant_id_uuid)) AND (GREATEST(tenant_id, tenant_id) = ALL (( SELECT ARRAY[app_private.current_tenant_id_uuid()] AS "array")::uuid[]))));

-- Name: TABLE slack_users; Type: ACL; Schema: public; Owner: -
GRANT SELECT ON TABLE public.slack_users TO app_ro;
GRANT SELECT ON TABLE public.slack_users TO app_rw;
GRANT SELECT ON TABLE public.slack_users TO service_role;

-- Name: COLUMN slack_users.tenant_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(tenant_id) ON TABLE public.slack_users TO authenticated;

-- Name: COLUMN slack_users.app; Type: ACL; Schema: public; Owner: -
GRANT SELECT(app) ON TABLE public.slack_users TO authenticated;

-- Name: COLUMN slack_users.slack_user_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(slack_user_id) ON TABLE public.slack_users TO authenticated;

-- Name: COLUMN slack_users.user_id; Type: ACL; Schema: public; Owner: -
GRANT SELECT(user_id) ON TABLE public.slack_users TO authenticated;

-- Name: COLUMN slack_users.created_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_at) ON TABLE public.slack_users TO authenticated;

-- Name: COLUMN slack_users.created_by; Type: ACL; Schema: public; Owner: -
GRANT SELECT(created_by) ON TABLE public.slack_users TO authenticated;

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
    requests_per_minute integer,
    token_requests_per_minute integer,
    pause_ends_at timestamp with time zone,
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
ALTER TABLE ONLY public.tenants ALTER COLUMN requests_per_minute SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN token_requests_per_minute SET STATISTICS 0;
ALTER TABLE ONLY public.tenants ALTER COLUMN pause_ends_at SET STATISTICS 0;

-- Name: COLUMN tenants.lanes; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tenants.lanes IS 'How many workers may serve this tenant at once; order is kept per ordering key.';

-- Name: COLUMN tenants.requests_per_minute; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tenants.requests_per_minute IS 'Requests of the API for the whole tenant; 0: no limit. Null: the setting ACP_API_REQUESTS_PER_MINUTE.';

-- Name: COLUMN tenants.token_requests_per_minute; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tenants.token_requests_per_minute IS 'Requests of the API for each of its tokens and users; 0: no limit. Null: ACP_API_TOKEN_REQUESTS_PER_MINUTE.';

-- Name: COLUMN tenants.pause_ends_at; Type: COMMENT; Schema: public; Owner: -
COMMENT ON COLUMN public.tenants.pause_ends_at IS 'When the pause ends by itself; from then on, paused_at and paused_reason mean nothing. Null: until it is resumed.';

-- Name: tenants tenants_pause_ends_at_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.tenants
    ADD CONSTRAINT tenants_pause_ends_at_check CHECK (((paused_at IS NOT NULL) OR (pause_ends_at IS NULL))) NOT VALID;

-- Name: tenants tenants_pause_ends_at_fits; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.tenants
    ADD CONSTRAINT tenants_pause_ends_at_fits CHECK (app_private.fits('pause_ends_at'::text, pause_ends_at)) NOT VALID;

-- Name: tenants tenants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

-- Name: tenants tenants_requests_per_minute_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.tenants
    ADD CONSTRAINT tenants_requests_per_minute_check CHECK ((requests_per_minute >= 0)) NOT VALID;

-- Name: tenants tenants_token_requests_per_minute_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE public.tenants
    ADD CONSTRAINT tenants_token_requests_per_minute_check CHECK ((token_requests_per_minute >= 0)) NOT VALID;

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

-- Name: COLUMN tenants.requests_per_minute; Type: ACL; Schema: public; Owner: -
GRANT SELECT(requests_per_minute) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.token_requests_per_minute; Type: ACL; Schema: public; Owner: -
GRANT SELECT(token_requests_per_minute) ON TABLE public.tenants TO authenticated;

-- Name: COLUMN tenants.pause_ends_at; Type: ACL; Schema: public; Owner: -
GRANT SELECT(pause_ends_at) ON TABLE public.tenants TO authenticated;

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

-- Name: tenant_api; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA tenant_api;

-- Name: SCHEMA tenant_api; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA tenant_api TO app_owner;
GRANT USAGE ON SCHEMA tenant_api TO authenticated;

-- Name: cancel(uuid, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.cancel(envelope uuid, reason text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 3dd74b0ca4934452ed118ef54e66e3f59e51e29454048b9670a2d5dc5f328ab0;

-- Name: FUNCTION cancel(envelope uuid, reason text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.cancel(envelope uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.cancel(envelope uuid, reason text) TO authenticated;

-- Name: create_api_token(uuid, text, text[], text, timestamp with time zone); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.create_api_token(id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 f162a21d761a5deefb5911789f5c908d9861b67a4916a48e2c934569e1361c81;

-- Name: FUNCTION create_api_token(id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.create_api_token(id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.create_api_token(id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone) TO authenticated;

-- Name: create_inbound_webhook(uuid, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.create_inbound_webhook(id uuid, name text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 2f775854e7e341736c95bcdb4679b725db320d1b950cfd8d581968a0a67eefa8;

-- Name: FUNCTION create_inbound_webhook(id uuid, name text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.create_inbound_webhook(id uuid, name text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.create_inbound_webhook(id uuid, name text) TO authenticated;

-- Name: create_subscription(uuid, text, text, text[], text, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.create_subscription(id uuid, kind text, target text, event_types text[], via text DEFAULT NULL::text, description text DEFAULT ''::text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 20965552fbc4f6d2187e7c71dcfd09cce0c75ca1822208b143aa45efc974e06c;

-- Name: FUNCTION create_subscription(id uuid, kind text, target text, event_types text[], via text, description text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.create_subscription(id uuid, kind text, target text, event_types text[], via text, description text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.create_subscription(id uuid, kind text, target text, event_types text[], via text, description text) TO authenticated;

-- Name: decide_approval(uuid, text, text, text, text, jsonb, text, boolean); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.decide_approval(envelope uuid, decision text, digest text, reason text DEFAULT NULL::text, code text DEFAULT NULL::text, edited_arguments jsonb DEFAULT NULL::jsonb, edited_digest text DEFAULT NULL::text, shown_whole boolean DEFAULT NULL::boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 aadaaa3d302cac64df2fb0b329ed9f58e2b7e282bdaf03c30cb94b5996e1e78e;

-- Name: FUNCTION decide_approval(envelope uuid, decision text, digest text, reason text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.decide_approval(envelope uuid, decision text, digest text, reason text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.decide_approval(envelope uuid, decision text, digest text, reason text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean) TO authenticated;

-- Name: delete_inbound_webhook(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.delete_inbound_webhook(id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 6efe1160e8ca5e1fc0795f6cc96c3fc0cf47836c7eed41cdb5c0aeda6fc86f4a;

-- Name: FUNCTION delete_inbound_webhook(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.delete_inbound_webhook(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.delete_inbound_webhook(id uuid) TO authenticated;

-- Name: delete_slack_user(text, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.delete_slack_user(app text, slack_user_id text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 8fc608d526e66c9d087a23493925c2388d6ef204cd7d4e41abd7f893e1641adc;

-- Name: FUNCTION delete_slack_user(app text, slack_user_id text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.delete_slack_user(app text, slack_user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.delete_slack_user(app text, slack_user_id text) TO authenticated;

-- Name: delete_subscription(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.delete_subscription(id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 8b5ab81532031af0447a92d01350ad68b520492d20a63bbdab7ddd234c0aa645;

-- Name: FUNCTION delete_subscription(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.delete_subscription(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.delete_subscription(id uuid) TO authenticated;

-- Name: discard_dead_letter(uuid, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.discard_dead_letter(envelope uuid, reason text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 f1fe0aade2608e1991fbc799295fdda053cae97110a1b1f5e49b725d8544141b;

-- Name: FUNCTION discard_dead_letter(envelope uuid, reason text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.discard_dead_letter(envelope uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.discard_dead_letter(envelope uuid, reason text) TO authenticated;

-- Name: enable_subscription(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.enable_subscription(id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 76e13817933b3a2a476e112f653aad6927e26b3fe2055d25f21707e9b32c461d;

-- Name: FUNCTION enable_subscription(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.enable_subscription(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.enable_subscription(id uuid) TO authenticated;

-- Name: end_pause(text, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.end_pause(kind text, target text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 b00f0322d3aa0e9de364ac70473977d95c445d7c2aa06e90bc1da54cd384b733;

-- Name: FUNCTION end_pause(kind text, target text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.end_pause(kind text, target text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.end_pause(kind text, target text) TO authenticated;

-- Name: enqueue(uuid[], text[], text[], jsonb[], text[], text[], text[], jsonb[], jsonb[], timestamp with time zone[], timestamp with time zone[], uuid[]); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.enqueue(ids uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], must_run_before timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], objective_ids uuid[] DEFAULT NULL::uuid[]) RETURNS json
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 adb7983cc01b3be54215bfcd67c17b46206f7a50eea7e8cde72d11088b10b032;

-- Name: FUNCTION enqueue(ids uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], must_run_before timestamp with time zone[], objective_ids uuid[]); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.enqueue(ids uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], must_run_before timestamp with time zone[], objective_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.enqueue(ids uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], must_run_before timestamp with time zone[], objective_ids uuid[]) TO authenticated;

-- Name: find_evidence(jsonb); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.find_evidence(keys jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 bfe1216d3e7de64781ab407cddf3f561bc2f092b1c5d95a2294f9074567bf51c;

-- Name: FUNCTION find_evidence(keys jsonb); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.find_evidence(keys jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.find_evidence(keys jsonb) TO authenticated;

-- Name: find_tools(jsonb); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.find_tools(keys jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 e94b4e7a49d99763c4853960f9bd3627e337a00d663f38f7add2fdbffc1998af;

-- Name: FUNCTION find_tools(keys jsonb); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.find_tools(keys jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.find_tools(keys jsonb) TO authenticated;

-- Name: get_tenant(); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.get_tenant() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 4361353331cb30c9364ce60754f055fb96dae893d870d9d47d9d0cf35f0cd6d1;

-- Name: FUNCTION get_tenant(); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.get_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.get_tenant() TO authenticated;

-- Name: issue_grant(uuid, text, uuid, jsonb, text, interval); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.issue_grant(id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 aef616dc3c9c30c0d0542fee79855255e49d0307487598c8d1f00d88d1586798;

-- Name: FUNCTION issue_grant(id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.issue_grant(id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.issue_grant(id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval) TO authenticated;

-- Name: list_audit_heads(uuid, integer); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.list_audit_heads(after uuid DEFAULT NULL::uuid, max_heads integer DEFAULT 500) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 1b9a440c959c2a47b801c13afaa4744c3ba5276737495c6be106b9ff5d2ecb83;

-- Name: FUNCTION list_audit_heads(after uuid, max_heads integer); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.list_audit_heads(after uuid, max_heads integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.list_audit_heads(after uuid, max_heads integer) TO authenticated;

-- Name: list_end_counts(interval, timestamp with time zone); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.list_end_counts(every interval, since timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 6cbd9a0e145030f36bc6b1b54c2500179b683e19c1294d14204d8a2029481668;

-- Name: FUNCTION list_end_counts(every interval, since timestamp with time zone); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.list_end_counts(every interval, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.list_end_counts(every interval, since timestamp with time zone) TO authenticated;

-- Name: list_requeueable(integer); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.list_requeueable(max_envelopes integer) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 057fb68a67af2834b19b331bcb0b4a50367f9b94abf50519873b76d38b83df3f;

-- Name: FUNCTION list_requeueable(max_envelopes integer); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.list_requeueable(max_envelopes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.list_requeueable(max_envelopes integer) TO authenticated;

-- Name: look_at_approval(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.look_at_approval(envelope uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 ac33be2fdda5a014797ea37fb0adfd633a4fbec11c0021c73ca991e8dca919a8;

-- Name: FUNCTION look_at_approval(envelope uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.look_at_approval(envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.look_at_approval(envelope uuid) TO authenticated;

-- Name: pause_tenant(text, timestamp with time zone); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.pause_tenant(reason text DEFAULT NULL::text, ends_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 036fafd52faf0f2b9883bdc8d0750ee6fe33a9397269ab32e96fb4439d6b1bf5;

-- Name: FUNCTION pause_tenant(reason text, ends_at timestamp with time zone); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.pause_tenant(reason text, ends_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.pause_tenant(reason text, ends_at timestamp with time zone) TO authenticated;

-- Name: queue_status(); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.queue_status() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a6c18437397270ffbc20d0cddc6982c592afc2d6d7f3825ece70fad24efaa17c;

-- Name: FUNCTION queue_status(); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.queue_status() FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.queue_status() TO authenticated;

-- Name: read_envelope_audit(uuid, integer); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.read_envelope_audit(envelope uuid, max_rows integer) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 605d123a14324bdbe9cd1b89d3b45e31e113b680ce93d8fcdfd34c5e34e27324;

-- Name: FUNCTION read_envelope_audit(envelope uuid, max_rows integer); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.read_envelope_audit(envelope uuid, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.read_envelope_audit(envelope uuid, max_rows integer) TO authenticated;

-- Name: read_overview(); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.read_overview() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2d9c78c0443221415095ed80580eaea1fa6a912fb96657c3b19b4fa52d4c1827;

-- Name: FUNCTION read_overview(); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.read_overview() FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.read_overview() TO authenticated;

-- Name: read_policies(); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.read_policies() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ffdd1f3c9241edd7be5ae9b73da43eb83fb81341783a200fcabce331b2523d9b;

-- Name: FUNCTION read_policies(); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.read_policies() FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.read_policies() TO authenticated;

-- Name: read_stamps(text[]); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.read_stamps(tool_slugs text[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 3df61cb1cca72055014a9d5b73e3c64af22aca3c9d5e737f528ab32982874d3c;

-- Name: FUNCTION read_stamps(tool_slugs text[]); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.read_stamps(tool_slugs text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.read_stamps(tool_slugs text[]) TO authenticated;

-- Name: requeue_dead_letters(uuid[], integer); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.requeue_dead_letters(envelopes uuid[], max_envelopes integer) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d1103477283b54f25a864647bb7815999327f07bcd28cfbe340b33d9759f2205;

-- Name: FUNCTION requeue_dead_letters(envelopes uuid[], max_envelopes integer); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.requeue_dead_letters(envelopes uuid[], max_envelopes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.requeue_dead_letters(envelopes uuid[], max_envelopes integer) TO authenticated;

-- Name: requeue_edited(uuid, jsonb, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.requeue_edited(envelope uuid, edited_arguments jsonb, reason text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 600da44a2eb50f11a3bb046d2f7513b2153f1485707143195bc6a54045ca40a4;

-- Name: FUNCTION requeue_edited(envelope uuid, edited_arguments jsonb, reason text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.requeue_edited(envelope uuid, edited_arguments jsonb, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.requeue_edited(envelope uuid, edited_arguments jsonb, reason text) TO authenticated;

-- Name: resolve_unknown(uuid, text, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.resolve_unknown(envelope uuid, decision text, reason text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 925fee414a9594bfa5f04dde67d00d9effb4348410f64c68c6199a713a4f3b59;

-- Name: FUNCTION resolve_unknown(envelope uuid, decision text, reason text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.resolve_unknown(envelope uuid, decision text, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.resolve_unknown(envelope uuid, decision text, reason text) TO authenticated;

-- Name: resume_tenant(); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.resume_tenant() RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 5dbac634852432e2d923a83104bae056cf1bd6247e6174b2b7b9e50285652cd7;

-- Name: FUNCTION resume_tenant(); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.resume_tenant() FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.resume_tenant() TO authenticated;

-- Name: revoke_api_token(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.revoke_api_token(id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 fc989d8f50207f944797e82b9b5fac7c3c7611a7cd3c42056a4df9d0d8874455;

-- Name: FUNCTION revoke_api_token(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.revoke_api_token(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.revoke_api_token(id uuid) TO authenticated;

-- Name: revoke_grant(uuid, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.revoke_grant(id uuid, reason text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 a1b599d103a38e4234044f61420ec8fd77e40d4e40172b077387bf7d9d41a8ed;

-- Name: FUNCTION revoke_grant(id uuid, reason text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.revoke_grant(id uuid, reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.revoke_grant(id uuid, reason text) TO authenticated;

-- Name: rotate_inbound_secret(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.rotate_inbound_secret(id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 8604db8c329a5276e4750ab0f7997d0dcb927352736d77076649ec654cc2dd97;

-- Name: FUNCTION rotate_inbound_secret(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.rotate_inbound_secret(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.rotate_inbound_secret(id uuid) TO authenticated;

-- Name: rotate_subscription_secret(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.rotate_subscription_secret(id uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 60fe224300f085dcf0197a927c82dc9e9a0084a847702f08591e3132790e4a48;

-- Name: FUNCTION rotate_subscription_secret(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.rotate_subscription_secret(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.rotate_subscription_secret(id uuid) TO authenticated;

-- Name: save_account(jsonb); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.save_account(account jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 f4ee204e62f10e9ef12d5b55f954f82dd7254fe1bba86a788394dc8a3376aa1d;

-- Name: FUNCTION save_account(account jsonb); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.save_account(account jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.save_account(account jsonb) TO authenticated;

-- Name: save_guardrails(jsonb, numeric, jsonb, boolean, integer, jsonb, jsonb, integer, jsonb); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.save_guardrails(quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, approval_rules jsonb DEFAULT NULL::jsonb, replaces integer DEFAULT NULL::integer, approval_reminders jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 e0bbaf7d97c543aeaddac02b71677669f0934ac7596d7ee7eddf14516fe0eca6;

-- Name: FUNCTION save_guardrails(quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, approval_rules jsonb, replaces integer, approval_reminders jsonb); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.save_guardrails(quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, approval_rules jsonb, replaces integer, approval_reminders jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.save_guardrails(quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, approval_rules jsonb, replaces integer, approval_reminders jsonb) TO authenticated;

-- Name: save_objective(jsonb, jsonb); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.save_objective(objective jsonb, replaces jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 c740c2099e47172d9c4c3bd8885818efa22b0ea47160d6e04610460f54eea16a;

-- Name: FUNCTION save_objective(objective jsonb, replaces jsonb); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.save_objective(objective jsonb, replaces jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.save_objective(objective jsonb, replaces jsonb) TO authenticated;

-- Name: save_slack_user(text, text, text); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.save_slack_user(app text, slack_user_id text, user_id text) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 28a712a473cceade7f9f16a996151f9d4de99494cf5170e8bfd7d1f5936d09c9;

-- Name: FUNCTION save_slack_user(app text, slack_user_id text, user_id text); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.save_slack_user(app text, slack_user_id text, user_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.save_slack_user(app text, slack_user_id text, user_id text) TO authenticated;

-- Name: search_envelopes(integer, timestamp with time zone, uuid, text, text, text, uuid, timestamp with time zone, timestamp with time zone, text, uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.search_envelopes(max_envelopes integer, before_created_at timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, status text DEFAULT NULL::text, tool_slug text DEFAULT NULL::text, proposed_by text DEFAULT NULL::text, objective uuid DEFAULT NULL::uuid, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, words text DEFAULT NULL::text, words_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 bf1bbf0a8994a522c47a0a683e2767da44fa457188e2e497088f1c176c9cf5ac;

-- Name: FUNCTION search_envelopes(max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.search_envelopes(max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.search_envelopes(max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid) TO authenticated;

-- Name: start_pause(text, text, text, timestamp with time zone); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.start_pause(kind text, target text, reason text, ends_at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 2a24f3b6d7191879ebec2f306ece10e42c5fcd10503acfc584e73da956ab68b2;

-- Name: FUNCTION start_pause(kind text, target text, reason text, ends_at timestamp with time zone); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.start_pause(kind text, target text, reason text, ends_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.start_pause(kind text, target text, reason text, ends_at timestamp with time zone) TO authenticated;

-- Name: start_shadow(uuid, jsonb, interval, integer); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.start_shadow(id uuid, candidate jsonb, lasts_for interval, max_envelopes integer) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d0681df3a27b1b9ba5fcb151692bf439d0c6c74876a9e15855e250cf20a62c30;

-- Name: FUNCTION start_shadow(id uuid, candidate jsonb, lasts_for interval, max_envelopes integer); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.start_shadow(id uuid, candidate jsonb, lasts_for interval, max_envelopes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.start_shadow(id uuid, candidate jsonb, lasts_for interval, max_envelopes integer) TO authenticated;

-- Name: stop_shadow(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.stop_shadow(id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 561d5b9855fe4f6830a5a6bd0ab1607a21ace4cc5c138d7309d98821d2e4bd3f;

-- Name: FUNCTION stop_shadow(id uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.stop_shadow(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.stop_shadow(id uuid) TO authenticated;

-- Name: test_subscription(uuid, uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.test_subscription(id uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 7e4cb3c70cc02a084581d9b61f5f31d62e30f956203ebad77594d694108511b2;

-- Name: FUNCTION test_subscription(id uuid, envelope uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.test_subscription(id uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.test_subscription(id uuid, envelope uuid) TO authenticated;

-- Name: waits_for(uuid); Type: FUNCTION; Schema: tenant_api; Owner: app_owner
CREATE FUNCTION tenant_api.waits_for(envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2fbfd2742019b0a8bc48abd7f3c9d888ec042855405eea8e8796979b7bb92c85;

-- Name: FUNCTION waits_for(envelope uuid); Type: ACL; Schema: tenant_api; Owner: -
REVOKE ALL ON FUNCTION tenant_api.waits_for(envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION tenant_api.waits_for(envelope uuid) TO authenticated;

-- Name: worker_api; Type: SCHEMA; Schema: -; Owner: -
CREATE SCHEMA worker_api;

-- Name: SCHEMA worker_api; Type: ACL; Schema: -; Owner: -
GRANT ALL ON SCHEMA worker_api TO app_owner;
GRANT USAGE ON SCHEMA worker_api TO app_ro;
GRANT USAGE ON SCHEMA worker_api TO app_rw;
GRANT USAGE ON SCHEMA worker_api TO authenticated;
GRANT USAGE ON SCHEMA worker_api TO outbox_worker;
GRANT USAGE ON SCHEMA worker_api TO service_role;

-- Name: accounts_to_scan(uuid, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.accounts_to_scan(tenant uuid DEFAULT NULL::uuid, max_rows integer DEFAULT 100, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 72d8b9a9e9cc1008a2e8085977eb842b9d1006bc908655124698a2acdf5e4c3e;

-- Name: FUNCTION accounts_to_scan(tenant uuid, max_rows integer, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.accounts_to_scan(tenant uuid, max_rows integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.accounts_to_scan(tenant uuid, max_rows integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.accounts_to_scan(tenant uuid, max_rows integer, as_of timestamp with time zone) TO service_role;

-- Name: append_audit(jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a8a830300682ff700649a823b565b7aa586261204863b25b91ff6356d5e8c81b;

-- Name: FUNCTION append_audit(entries jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.append_audit(entries jsonb, as_of timestamp with time zone) TO service_role;

-- Name: cancel(uuid, uuid, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 1a6056743890e949aade9a0fbac04096ebaec76acc938a4b053ea0bdc46f3db7;

-- Name: FUNCTION cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.cancel(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO service_role;

-- Name: cause_of(text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.cause_of(error text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 422f419b41f180740b5cb8d0c1a6a69a2aa56ca642c8c10cb89ecc77ddbb66b0;

-- Name: FUNCTION cause_of(error text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.cause_of(error text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.cause_of(error text) TO app_ro;
GRANT ALL ON FUNCTION worker_api.cause_of(error text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.cause_of(error text) TO authenticated;
GRANT ALL ON FUNCTION worker_api.cause_of(error text) TO service_role;

-- Name: check_account(uuid, uuid, text, text, jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, door text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 3d83c81c8959141594b35051a4b6bf9c6871a0ce3f559f8afd03b658c25a7b9b;

-- Name: FUNCTION check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.check_account(tenant uuid, account uuid, status text, problem text, seen jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: claim(text, uuid, integer, interval, uuid, timestamp with time zone, uuid[]); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, except_tenants uuid[] DEFAULT NULL::uuid[]) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 f5e7711c9bd335475eda8c42d3b046dc7b01d18862869ff9fde9a62060a75c8b;

-- Name: FUNCTION claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone, except_tenants uuid[]); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone, except_tenants uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone, except_tenants uuid[]) TO app_rw;
GRANT ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone, except_tenants uuid[]) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.claim(worker_id text, claim_id uuid, max_envelopes integer, lease_for interval, tenant uuid, as_of timestamp with time zone, except_tenants uuid[]) TO service_role;

-- Name: count_cases(uuid, timestamp with time zone, timestamp with time zone, timestamp with time zone, uuid, integer, boolean, boolean, interval, numeric, text[]); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval DEFAULT NULL::interval, threshold numeric DEFAULT NULL::numeric, argument_names text[] DEFAULT NULL::text[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    SET work_mem TO '64MB'
    AS sha256 f6c8c68c62df8d6cc5fc5f623721616969f780f9b3c0ae47b37a0fe815021e06;

-- Name: FUNCTION count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval, threshold numeric, argument_names text[]); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval, threshold numeric, argument_names text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval, threshold numeric, argument_names text[]) TO app_ro;
GRANT ALL ON FUNCTION worker_api.count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval, threshold numeric, argument_names text[]) TO app_rw;
GRANT ALL ON FUNCTION worker_api.count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval, threshold numeric, argument_names text[]) TO authenticated;
GRANT ALL ON FUNCTION worker_api.count_cases(tenant uuid, since timestamp with time zone, until timestamp with time zone, after_at timestamp with time zone, after_id uuid, max_envelopes integer, dead boolean, with_evidence boolean, every interval, threshold numeric, argument_names text[]) TO service_role;

-- Name: count_causes(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.count_causes(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 488b0e96949e5c1b556ebb0bda5bca0e6d1075e2aca1f121054b2d41ebd4e567;

-- Name: FUNCTION count_causes(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.count_causes(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.count_causes(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.count_causes(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.count_causes(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.count_causes(tenant uuid) TO service_role;

-- Name: count_deliveries(uuid, uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.count_deliveries(tenant uuid, id uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 c2226900043f4d1f052a54544061eab90ed736b7c4492ffce460420363007c6d;

-- Name: FUNCTION count_deliveries(tenant uuid, id uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.count_deliveries(tenant uuid, id uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.count_deliveries(tenant uuid, id uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.count_deliveries(tenant uuid, id uuid, as_of timestamp with time zone) TO service_role;

-- Name: count_ends(integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.count_ends(max_rows integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '1s'
    AS sha256 2d52cc54bfdc794e2e8e41494656ffccce1d6540d130221b1f65472e0c82e7db;

-- Name: FUNCTION count_ends(max_rows integer, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.count_ends(max_rows integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.count_ends(max_rows integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.count_ends(max_rows integer, as_of timestamp with time zone) TO service_role;

-- Name: create_api_token(uuid, uuid, text, text[], text, timestamp with time zone, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.create_api_token(tenant uuid, id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 227e9bfae2836eadc288386829737e7108d23ba0ce6126e7691be7bc447f3238;

-- Name: FUNCTION create_api_token(tenant uuid, id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.create_api_token(tenant uuid, id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.create_api_token(tenant uuid, id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.create_api_token(tenant uuid, id uuid, agent text, scopes text[], token_hash text, expires_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: create_inbound_webhook(uuid, uuid, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.create_inbound_webhook(tenant uuid, id uuid, name text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 048a974de296fbf99015879e52ac01a4c24d9b02050fe7878b20a2f0afb2c9ba;

-- Name: FUNCTION create_inbound_webhook(tenant uuid, id uuid, name text, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.create_inbound_webhook(tenant uuid, id uuid, name text, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.create_inbound_webhook(tenant uuid, id uuid, name text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.create_inbound_webhook(tenant uuid, id uuid, name text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: create_subscription(uuid, uuid, text, text, text[], text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.create_subscription(tenant uuid, id uuid, kind text, target text, event_types text[], actor_id text, via text DEFAULT NULL::text, description text DEFAULT ''::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 98f099b7f8a05622f03bf85f6226d49667b625bb16d1bbd72c123e4c1cdb6667;

-- Name: FUNCTION create_subscription(tenant uuid, id uuid, kind text, target text, event_types text[], actor_id text, via text, description text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.create_subscription(tenant uuid, id uuid, kind text, target text, event_types text[], actor_id text, via text, description text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.create_subscription(tenant uuid, id uuid, kind text, target text, event_types text[], actor_id text, via text, description text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.create_subscription(tenant uuid, id uuid, kind text, target text, event_types text[], actor_id text, via text, description text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: decide_approval(uuid, uuid, text, text, text, text, timestamp with time zone, text, text, text, jsonb, text, boolean); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text, code text DEFAULT NULL::text, edited_arguments jsonb DEFAULT NULL::jsonb, edited_digest text DEFAULT NULL::text, shown_whole boolean DEFAULT NULL::boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 4bc0ca176c1b0a5da7dee6b10f25cd05ccfa0a2799b34850a31bb94f39506cd0;

-- Name: FUNCTION decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean) TO app_rw;
GRANT ALL ON FUNCTION worker_api.decide_approval(tenant uuid, envelope uuid, decision text, digest text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, code text, edited_arguments jsonb, edited_digest text, shown_whole boolean) TO service_role;

-- Name: decide_tool(uuid, text, text, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 e655df12b80d09fefab7916386a3a782bf771be134b126e14f8484f1afb0ea5f;

-- Name: FUNCTION decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.decide_tool(tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: delete_inbound_webhook(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.delete_inbound_webhook(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 b44246a6bf23e1e8eb196f9b27263a622140755991780b545788848b15d2edf0;

-- Name: FUNCTION delete_inbound_webhook(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.delete_inbound_webhook(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.delete_inbound_webhook(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.delete_inbound_webhook(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: delete_slack_user(uuid, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.delete_slack_user(tenant uuid, app text, slack_user_id text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 8d47c33474cad164694af720ccccb09ebd9ab5f72594d145de287717c00fa6bc;

-- Name: FUNCTION delete_slack_user(tenant uuid, app text, slack_user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.delete_slack_user(tenant uuid, app text, slack_user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.delete_slack_user(tenant uuid, app text, slack_user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.delete_slack_user(tenant uuid, app text, slack_user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: delete_subscription(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.delete_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 6094e03ac74e7bb26b0d9996fd48188a41db34505e3fc96ef99b9da4a7a23a89;

-- Name: FUNCTION delete_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.delete_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.delete_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.delete_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: deliver_events(uuid, uuid, bigint, bigint, uuid[], jsonb[], text[], timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.deliver_events(tenant uuid, id uuid, after bigint, up_to bigint, envelopes uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 5caba2d7463b51d33a230127231e9a3ba753a9c5ee0a393b96b678dbcc29bfb8;

-- Name: FUNCTION deliver_events(tenant uuid, id uuid, after bigint, up_to bigint, envelopes uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.deliver_events(tenant uuid, id uuid, after bigint, up_to bigint, envelopes uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.deliver_events(tenant uuid, id uuid, after bigint, up_to bigint, envelopes uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.deliver_events(tenant uuid, id uuid, after bigint, up_to bigint, envelopes uuid[], events jsonb[], ordering_keys text[], as_of timestamp with time zone) TO service_role;

-- Name: discard_dead_letter(uuid, uuid, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.discard_dead_letter(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d98539f4d581af8af4e675223bc6706ccface170424ea793e4706d3eba5ed790;

-- Name: FUNCTION discard_dead_letter(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.discard_dead_letter(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.discard_dead_letter(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.discard_dead_letter(tenant uuid, envelope uuid, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO service_role;

-- Name: due_in(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.due_in(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 cd05e38f42f0d9904a7d14e6869e41174bbea3ff92842ab8f447bec522d78045;

-- Name: FUNCTION due_in(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.due_in(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: due_subscriptions(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.due_subscriptions(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 c868163fc694b4d6a687b303a5059776a91c9a72d39c55230ebfb919ecb5e65f;

-- Name: FUNCTION due_subscriptions(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.due_subscriptions(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.due_subscriptions(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.due_subscriptions(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: enable_subscription(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.enable_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 0e004c8a80c03b21d935a4ab65a5dc6d29d6d45a9168e10b240482c8d4918819;

-- Name: FUNCTION enable_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.enable_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.enable_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.enable_subscription(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: end_pause(uuid, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.end_pause(tenant uuid, kind text, target text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 a73d44e93017b52a4bf30731180784423df31b6086f1328dc23e58c5a5a195fb;

-- Name: FUNCTION end_pause(tenant uuid, kind text, target text, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.end_pause(tenant uuid, kind text, target text, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.end_pause(tenant uuid, kind text, target text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.end_pause(tenant uuid, kind text, target text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: enqueue(uuid[], uuid[], text[], text[], jsonb[], text[], text[], text[], jsonb[], jsonb[], timestamp with time zone[], text, text, timestamp with time zone[], timestamp with time zone, boolean, text, uuid[]); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[] DEFAULT NULL::timestamp with time zone[], as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, commits_at_once boolean DEFAULT false, door text DEFAULT NULL::text, objective_ids uuid[] DEFAULT NULL::uuid[]) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '5s'
    AS sha256 d52355c5a15aa8aa91396379d15fffa785bafc730e4156e75b2e3c11d71157c7;

-- Name: FUNCTION enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, commits_at_once boolean, door text, objective_ids uuid[]); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, commits_at_once boolean, door text, objective_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, commits_at_once boolean, door text, objective_ids uuid[]) TO app_rw;
GRANT ALL ON FUNCTION worker_api.enqueue(ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamp with time zone[], actor_type text, actor_id text, must_run_before timestamp with time zone[], as_of timestamp with time zone, commits_at_once boolean, door text, objective_ids uuid[]) TO service_role;

-- Name: expire_approvals(timestamp with time zone, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.expire_approvals(as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, actor_id text DEFAULT 'clock'::text, door text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a58c674fa01051f0736694a6604a0f2d1afe2b2d44de8d526f3ed009c38053f6;

-- Name: FUNCTION expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.expire_approvals(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: expire_envelopes(timestamp with time zone, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, actor_id text DEFAULT 'clock'::text, door text DEFAULT NULL::text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 16c360aa7985d2d774e3f1d1c1b639804126a152f0ea50fe887a5c99959f3a9d;

-- Name: FUNCTION expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.expire_envelopes(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: extend_job(text, uuid, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 e0128e732e97f6ad282eb9c0f2c510a2f52276de76b914fccb095fbf911f870c;

-- Name: FUNCTION extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.extend_job(job text, run_id uuid, lease_for interval, as_of timestamp with time zone) TO service_role;

-- Name: find_api_token(uuid, text, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.find_api_token(tenant uuid, token_hash text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 78a069473af4d624a0c20a457ec034bcbca2bd5b8ee4573cbac19487aa52b35c;

-- Name: FUNCTION find_api_token(tenant uuid, token_hash text, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.find_api_token(tenant uuid, token_hash text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.find_api_token(tenant uuid, token_hash text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.find_api_token(tenant uuid, token_hash text, as_of timestamp with time zone) TO service_role;

-- Name: find_evidence(jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.find_evidence(keys jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 159437a31ad9b1341aa2f6d7a5201649e7b92b0e705911284c0f8cf6ff53e74c;

-- Name: FUNCTION find_evidence(keys jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.find_evidence(keys jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.find_evidence(keys jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.find_evidence(keys jsonb) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.find_evidence(keys jsonb) TO service_role;

-- Name: find_tools(jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.find_tools(keys jsonb) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 2a008943c22bc83a2aa1e3c85976fd27aacde71a2c727aeb6a35eb54aa8d5f71;

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
    AS sha256 8d386a3bb477902be4083df59d87d04d0dbdac0deb8b6bddfa218c4250da456f;

-- Name: FUNCTION finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.finish_job(job text, run_id uuid, status text, counts jsonb, error text, as_of timestamp with time zone) TO service_role;

-- Name: forget_evidence(interval, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.forget_evidence(keep interval, max_rows integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8a84a7a5047a82929d47e4a7093a5f0126f96e79b75bce9c67e115fad7561682;

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
    AS sha256 16b64cf98f1ceee44b42bbc319849dd428fe1099a597e9abfe500c29c2aff1c4;

-- Name: FUNCTION forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.forget_settled(keep interval, max_envelopes integer, as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: forget_shadow_runs(interval, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.forget_shadow_runs(keep interval, max_runs integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8e3fcc3bb83b301503216c17d227d8fdd5c87a094c132ecfa5e7e9ea326b0132;

-- Name: FUNCTION forget_shadow_runs(keep interval, max_runs integer, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.forget_shadow_runs(keep interval, max_runs integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.forget_shadow_runs(keep interval, max_runs integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.forget_shadow_runs(keep interval, max_runs integer, as_of timestamp with time zone) TO service_role;

-- Name: get_envelope(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 fc5ffcebc73b431a3f92ebe24f4b8e142d7985ed018557a879926745a2994923;

-- Name: FUNCTION get_envelope(tenant uuid, envelope uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.get_envelope(tenant uuid, envelope uuid) TO service_role;

-- Name: get_grant(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.get_grant(tenant uuid, id uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9f54e7d564f1d588224cf198ea38b872203f36601de328d297f499ab61f14f8e;

-- Name: FUNCTION get_grant(tenant uuid, id uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.get_grant(tenant uuid, id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.get_grant(tenant uuid, id uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.get_grant(tenant uuid, id uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.get_grant(tenant uuid, id uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.get_grant(tenant uuid, id uuid) TO service_role;

-- Name: get_tenant(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.get_tenant(tenant uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 bf2f66eb339367999ed36f72582b6ff8828f242b876c4c01656224e0cda6505c;

-- Name: FUNCTION get_tenant(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.get_tenant(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.get_tenant(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: heartbeat(text, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.heartbeat(worker_id text, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 b00dd12cb8d8718f11c65275bfb3e1c5dafbf55c1d6c5bdd3aad682f4d4dd3d5;

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
    AS sha256 49d46bcddccb6368ff05a813c371bc2c5c84499b69e32b749330a6169c84ff42;

-- Name: FUNCTION hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.hold_rate_bucket(tenant uuid, bucket text, capacity integer, per_seconds double precision, until timestamp with time zone) TO service_role;

-- Name: issue_grant(uuid, uuid, text, uuid, jsonb, text, interval, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.issue_grant(tenant uuid, id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 965746ac6f7294833f0780bb6994e8b60efeaf68e7cd95a0234966a87cf2f815;

-- Name: FUNCTION issue_grant(tenant uuid, id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.issue_grant(tenant uuid, id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.issue_grant(tenant uuid, id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.issue_grant(tenant uuid, id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: list_accounts(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_accounts(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 fbebdb77be23a17bf04895613fe66d2e964d2016837959189a31b54956c785af;

-- Name: FUNCTION list_accounts(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_accounts(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_accounts(tenant uuid) TO service_role;

-- Name: list_api_tokens(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_api_tokens(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0d4f2b30cf3912fe7060bd79546f8c7c75cb71a41ce1e7d02a4c0a40321e8b38;

-- Name: FUNCTION list_api_tokens(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_api_tokens(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_api_tokens(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_api_tokens(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_api_tokens(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_api_tokens(tenant uuid) TO service_role;

-- Name: list_approvals(uuid, uuid, integer, text, timestamp with time zone, uuid, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid, max_approvals integer DEFAULT 1000, sort text DEFAULT 'oldest'::text, after_moment timestamp with time zone DEFAULT NULL::timestamp with time zone, after_id uuid DEFAULT NULL::uuid, tool_slug text DEFAULT NULL::text, risk text DEFAULT NULL::text, agent text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 2838adad3e08bf75a159d833a60fc0099e461e515c8d80829fb2b9821b623b9b;

-- Name: FUNCTION list_approvals(tenant uuid, envelope uuid, max_approvals integer, sort text, after_moment timestamp with time zone, after_id uuid, tool_slug text, risk text, agent text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid, max_approvals integer, sort text, after_moment timestamp with time zone, after_id uuid, tool_slug text, risk text, agent text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid, max_approvals integer, sort text, after_moment timestamp with time zone, after_id uuid, tool_slug text, risk text, agent text) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid, max_approvals integer, sort text, after_moment timestamp with time zone, after_id uuid, tool_slug text, risk text, agent text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid, max_approvals integer, sort text, after_moment timestamp with time zone, after_id uuid, tool_slug text, risk text, agent text) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_approvals(tenant uuid, envelope uuid, max_approvals integer, sort text, after_moment timestamp with time zone, after_id uuid, tool_slug text, risk text, agent text) TO service_role;

-- Name: list_audit_heads(uuid, uuid, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_audit_heads(tenant uuid DEFAULT NULL::uuid, after uuid DEFAULT NULL::uuid, max_heads integer DEFAULT 500) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 efc1119b9a5dfbd6e34c0c99fe57dd5beb7b6a703dd305f8eab1e39d9f5e8bbc;

-- Name: FUNCTION list_audit_heads(tenant uuid, after uuid, max_heads integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_audit_heads(tenant uuid, after uuid, max_heads integer) TO service_role;

-- Name: list_dead_letters(uuid, text, integer, timestamp with time zone, uuid, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone DEFAULT NULL::timestamp with time zone, after_id uuid DEFAULT NULL::uuid, tool_slug text DEFAULT NULL::text, cause text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a9aec06c3cb9741acd628e73da7df1cfdb45d6084db2100d25305dfb9bb10987;

-- Name: FUNCTION list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone, after_id uuid, tool_slug text, cause text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone, after_id uuid, tool_slug text, cause text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone, after_id uuid, tool_slug text, cause text) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone, after_id uuid, tool_slug text, cause text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone, after_id uuid, tool_slug text, cause text) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_dead_letters(tenant uuid, status text, max_envelopes integer, after_moved_at timestamp with time zone, after_id uuid, tool_slug text, cause text) TO service_role;

-- Name: list_decided(uuid, integer, timestamp with time zone, uuid, text, text, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, tool_slug text DEFAULT NULL::text, risk text DEFAULT NULL::text, agent text DEFAULT NULL::text, decided_by text DEFAULT NULL::text, decision text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 9d92073b9519358d3f92ebae6e39283a16558f0aee8e500e6edb1a9b3ade45b7;

-- Name: FUNCTION list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone, before_id uuid, tool_slug text, risk text, agent text, decided_by text, decision text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone, before_id uuid, tool_slug text, risk text, agent text, decided_by text, decision text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone, before_id uuid, tool_slug text, risk text, agent text, decided_by text, decision text) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone, before_id uuid, tool_slug text, risk text, agent text, decided_by text, decision text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone, before_id uuid, tool_slug text, risk text, agent text, decided_by text, decision text) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_decided(tenant uuid, max_approvals integer, before_decided_at timestamp with time zone, before_id uuid, tool_slug text, risk text, agent text, decided_by text, decision text) TO service_role;

-- Name: list_decisions(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_decisions(tenant uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a02ba61968a024ec582e3bbd407ad20b5afdfa66e98ac837457c05417351cc09;

-- Name: FUNCTION list_decisions(tenant uuid, envelope uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_decisions(tenant uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_decisions(tenant uuid, envelope uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_decisions(tenant uuid, envelope uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_decisions(tenant uuid, envelope uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_decisions(tenant uuid, envelope uuid) TO service_role;

-- Name: list_end_counts(uuid, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_end_counts(tenant uuid, every interval, since timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS sha256 1dcc3908d87a3d31f9f5ae783bcb1e0a527344bad633b085931a135659e91b80;

-- Name: FUNCTION list_end_counts(tenant uuid, every interval, since timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_end_counts(tenant uuid, every interval, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_end_counts(tenant uuid, every interval, since timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_end_counts(tenant uuid, every interval, since timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_end_counts(tenant uuid, every interval, since timestamp with time zone) TO service_role;

-- Name: list_envelopes(uuid, text, integer, timestamp with time zone, uuid, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, tool_slug text DEFAULT NULL::text, external_id text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 b4664e3ce78bde33a9543e59a1d906c1e1d79a1f3544957b854c48c65c7536b1;

-- Name: FUNCTION list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, tool_slug text, external_id text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, tool_slug text, external_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, tool_slug text, external_id text) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, tool_slug text, external_id text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, tool_slug text, external_id text) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, tool_slug text, external_id text) TO service_role;

-- Name: list_evidence(uuid, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 89eacb44fa16ad1dca25019fb02e1bca898a85548f3027a804a178de9f5a1210;

-- Name: FUNCTION list_evidence(tenant uuid, max_rows integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_evidence(tenant uuid, max_rows integer) TO service_role;

-- Name: list_grant_uses(uuid, uuid, integer, timestamp with time zone, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 289bb0b1b4e50ce9c60c8aeaa8b819c9fa5231dc532f45f249f3d2bb028b61c5;

-- Name: FUNCTION list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone, before_id uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone, before_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone, before_id uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone, before_id uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone, before_id uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_grant_uses(tenant uuid, id uuid, max_rows integer, before_used_at timestamp with time zone, before_id uuid) TO service_role;

-- Name: list_grants(uuid, boolean, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_grants(tenant uuid, ended boolean, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8de6568d7529abb6bc16941bab5b5457c4ff87d10960ed771df0326eabdca5cd;

-- Name: FUNCTION list_grants(tenant uuid, ended boolean, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_grants(tenant uuid, ended boolean, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_grants(tenant uuid, ended boolean, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_grants(tenant uuid, ended boolean, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_grants(tenant uuid, ended boolean, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_grants(tenant uuid, ended boolean, as_of timestamp with time zone) TO service_role;

-- Name: list_guardrail_versions(uuid, integer, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer DEFAULT NULL::integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 063421a9552f372c671a6a726b8bc486149d01b8e9775d897761b2f106b4967e;

-- Name: FUNCTION list_guardrail_versions(tenant uuid, max_rows integer, version integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_guardrail_versions(tenant uuid, max_rows integer, version integer) TO service_role;

-- Name: list_inbound_webhooks(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_inbound_webhooks(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 dfce866b30d66133093284763c68c5902ab4a2b6306aa85d3dcad8abf16985df;

-- Name: FUNCTION list_inbound_webhooks(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_inbound_webhooks(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_inbound_webhooks(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_inbound_webhooks(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_inbound_webhooks(tenant uuid) TO service_role;

-- Name: list_job_runs(text, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_job_runs(job text DEFAULT NULL::text, max_runs integer DEFAULT 50) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 416559dea54aeb87cc6da2c5bc0850362e9a9aea071fe8bb2dcb6018fd955c14;

-- Name: FUNCTION list_job_runs(job text, max_runs integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_job_runs(job text, max_runs integer) TO service_role;

-- Name: list_last_calls(uuid, text, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer DEFAULT 10) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    SET enable_sort TO 'off'
    AS sha256 1041189bfa0ad4097dfb8356758e255f0ea15386a04f33804216dc65fc551bd1;

-- Name: FUNCTION list_last_calls(tenant uuid, tool_slug text, max_calls integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_last_calls(tenant uuid, tool_slug text, max_calls integer) TO service_role;

-- Name: list_objectives(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_objectives(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a23de9174e5a5da36e522a2b835077a770f5a006c614a70282103dbd1d3ba80c;

-- Name: FUNCTION list_objectives(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_objectives(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_objectives(tenant uuid) TO service_role;

-- Name: list_pauses(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_pauses(tenant uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 f74d972fed006e2cd6879d379667918bf211e8b4cacc3c9f454e6c8aca37ce4f;

-- Name: FUNCTION list_pauses(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_pauses(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_pauses(tenant uuid, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_pauses(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_pauses(tenant uuid, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_pauses(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: list_requeueable(uuid, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_requeueable(tenant uuid, max_envelopes integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8c46618c9f20a0b6f0810ff90e22ad4b8470200f4343252f8919272296980ea3;

-- Name: FUNCTION list_requeueable(tenant uuid, max_envelopes integer, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_requeueable(tenant uuid, max_envelopes integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_requeueable(tenant uuid, max_envelopes integer, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_requeueable(tenant uuid, max_envelopes integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_requeueable(tenant uuid, max_envelopes integer, as_of timestamp with time zone) TO service_role;

-- Name: list_shadow_differences(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_shadow_differences(tenant uuid, run uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 ef7d2e3134a846271ca8d58cfbc2b6f7661059c578f56955d5251a4e5b227a5b;

-- Name: FUNCTION list_shadow_differences(tenant uuid, run uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_shadow_differences(tenant uuid, run uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_shadow_differences(tenant uuid, run uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_shadow_differences(tenant uuid, run uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_shadow_differences(tenant uuid, run uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_shadow_differences(tenant uuid, run uuid) TO service_role;

-- Name: list_shadow_runs(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_shadow_runs(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a1a19f08a76de5c0c2c8da4d71f4a557bd159161c5d7b1fce5fc6c224f133f68;

-- Name: FUNCTION list_shadow_runs(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_shadow_runs(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_shadow_runs(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_shadow_runs(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_shadow_runs(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_shadow_runs(tenant uuid) TO service_role;

-- Name: list_signals(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_signals(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 c7d0f8ee6bbc9e128ddabd291c260568575bdf32867f75dd8db77dc27e79e6b7;

-- Name: FUNCTION list_signals(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_signals(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_signals(tenant uuid) TO service_role;

-- Name: list_slack_users(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_slack_users(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 566836d5fa968732bc973e53b597b7b9fc44f46ffddeb951907889bc1da163b4;

-- Name: FUNCTION list_slack_users(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_slack_users(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_slack_users(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_slack_users(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_slack_users(tenant uuid) TO service_role;

-- Name: list_subscriptions(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_subscriptions(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 6e605ea814bf0dcceefb9a0b6841f2f715681d8ad4b931d17f55682661b53d17;

-- Name: FUNCTION list_subscriptions(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_subscriptions(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_subscriptions(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_subscriptions(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_subscriptions(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_subscriptions(tenant uuid) TO service_role;

-- Name: list_tenants(timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_tenants(as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 46d71c7196d8b1bfaad934ae97a545699317b51d9997eddcfcc014e8611e6bfb;

-- Name: FUNCTION list_tenants(as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_tenants(as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_tenants(as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_tenants(as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_tenants(as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_tenants(as_of timestamp with time zone) TO service_role;

-- Name: list_tools(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_tools(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 a9e30223b13dbb416e045b99f69ae8cfc102a42e415145b677b4ed82ea2a08fb;

-- Name: FUNCTION list_tools(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_tools(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_tools(tenant uuid) TO service_role;

-- Name: list_viewers(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.list_viewers(tenant uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 33b11ba03dc0e082c180c4d27c0d8c173c55a2306c3c152710fcb1c8d5ea787c;

-- Name: FUNCTION list_viewers(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.list_viewers(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.list_viewers(tenant uuid, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.list_viewers(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.list_viewers(tenant uuid, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION worker_api.list_viewers(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: look_at_approval(uuid, uuid, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.look_at_approval(tenant uuid, envelope uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 423e2ae5c30c1f9b1c5d7d4d330f562542cf2d9ffeb7df098779dcba57064b92;

-- Name: FUNCTION look_at_approval(tenant uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.look_at_approval(tenant uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.look_at_approval(tenant uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.look_at_approval(tenant uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text) TO service_role;

-- Name: mark_sent(text, jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 cf3226fa28a3093622cbd727aa84831ce58ef9bbae65daa847afb03682dcd4d6;

-- Name: FUNCTION mark_sent(worker_id text, calls jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.mark_sent(worker_id text, calls jsonb) TO service_role;

-- Name: moved_audit_heads(uuid[], bigint[]); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.moved_audit_heads(tenants uuid[], seqs bigint[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 221ef9116e35c468d342cf19aff2eb910592d6f95957294fa69c8789d979382a;

-- Name: FUNCTION moved_audit_heads(tenants uuid[], seqs bigint[]); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.moved_audit_heads(tenants uuid[], seqs bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.moved_audit_heads(tenants uuid[], seqs bigint[]) TO app_ro;
GRANT ALL ON FUNCTION worker_api.moved_audit_heads(tenants uuid[], seqs bigint[]) TO app_rw;
GRANT ALL ON FUNCTION worker_api.moved_audit_heads(tenants uuid[], seqs bigint[]) TO service_role;

-- Name: note_scan(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, door text DEFAULT NULL::text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 0805292463d5bfbae54767f98a67a211ac7b4bf071355d6ff5de75dcfa95dd53;

-- Name: FUNCTION note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.note_scan(tenant uuid, account uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: pause_tenant(uuid, text, text, timestamp with time zone, text, text, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text, ends_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 220a7093cb195ad6da5d8b81abda13ee75c04fc7036c8536034929c8273da0c4;

-- Name: FUNCTION pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, ends_at timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, ends_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, ends_at timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.pause_tenant(tenant uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text, ends_at timestamp with time zone) TO service_role;

-- Name: queue_status(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.queue_status(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 8dec8a22b3c14f2b88f2bcee89d31fad5356f6cb7090242d64f68e42e7118297;

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
    AS sha256 101167d30a4862af803ad88a7fddf3d87faea8fcc1e831ad2105daaa2375a15e;

-- Name: FUNCTION read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION worker_api.read_audit(tenant uuid, after bigint, max_rows integer, since timestamp with time zone) TO service_role;

-- Name: read_audit_changes(text, text, uuid, bigint, integer, bigint); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_audit_changes(since text, until text, after_tenant uuid, after_seq bigint, max_rows integer, most_behind bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 baa0ce7e885e89b4aeaa5b2951d855123394d9cd04128937248cd1eee25d407f;

-- Name: FUNCTION read_audit_changes(since text, until text, after_tenant uuid, after_seq bigint, max_rows integer, most_behind bigint); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_audit_changes(since text, until text, after_tenant uuid, after_seq bigint, max_rows integer, most_behind bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_audit_changes(since text, until text, after_tenant uuid, after_seq bigint, max_rows integer, most_behind bigint) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_audit_changes(since text, until text, after_tenant uuid, after_seq bigint, max_rows integer, most_behind bigint) TO service_role;

-- Name: read_envelope_audit(uuid, uuid, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 88d3267745bce5cb095d3e225a1a2040f40202d57a670424f876753cbb18175f;

-- Name: FUNCTION read_envelope_audit(tenant uuid, envelope uuid, max_rows integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer) TO authenticated;
GRANT ALL ON FUNCTION worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer) TO service_role;

-- Name: read_overview(uuid, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_overview(tenant uuid DEFAULT NULL::uuid, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    SET enable_seqscan TO 'off'
    AS sha256 c32d272d98f9242d6f5529ae052879fb41cf799d770cf79f9ad6cc714d26e1fc;

-- Name: FUNCTION read_overview(tenant uuid, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_overview(tenant uuid, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_overview(tenant uuid, as_of timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.read_overview(tenant uuid, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_overview(tenant uuid, as_of timestamp with time zone) TO service_role;

-- Name: read_policies(uuid[], timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_policies(tenants uuid[], as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 385814693567fcf3345be7500a01a98cbdc82bda7e7708ceef7edc026dcab02b;

-- Name: FUNCTION read_policies(tenants uuid[], as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_policies(tenants uuid[], as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_policies(tenants uuid[], as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_policies(tenants uuid[], as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.read_policies(tenants uuid[], as_of timestamp with time zone) TO service_role;

-- Name: read_progress(uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_progress(tenant uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 5b13a45b00d4e4f797c09c18f3d49fa8f0abcfd46b6c92daf41fc95f7eba92d5;

-- Name: FUNCTION read_progress(tenant uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_progress(tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_progress(tenant uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.read_progress(tenant uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_progress(tenant uuid) TO authenticated;
GRANT ALL ON FUNCTION worker_api.read_progress(tenant uuid) TO service_role;

-- Name: read_reviewers(uuid, timestamp with time zone, integer); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer DEFAULT 10000) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 0665f37caf18fd60d3fea71ca4a981d7096d5ec8ee5cb5544f968dc7573f8f91;

-- Name: FUNCTION read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer) TO app_ro;
GRANT ALL ON FUNCTION worker_api.read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer) TO authenticated;
GRANT ALL ON FUNCTION worker_api.read_reviewers(tenant uuid, decided_after timestamp with time zone, max_decisions integer) TO service_role;

-- Name: read_stamps(uuid, text[]); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.read_stamps(tenant uuid, tool_slugs text[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 de9077793ce4c5a5186b84be8f565cb1ac8f15c416b954c7c6c7ac1e333de170;

-- Name: FUNCTION read_stamps(tenant uuid, tool_slugs text[]); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.read_stamps(tenant uuid, tool_slugs text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.read_stamps(tenant uuid, tool_slugs text[]) TO app_rw;
GRANT ALL ON FUNCTION worker_api.read_stamps(tenant uuid, tool_slugs text[]) TO service_role;

-- Name: record_shadow(jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.record_shadow(judgements jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 67449c0b687dffb50e0d58ad8b0bb63349f49080614c1584530d854c62c7bd1c;

-- Name: FUNCTION record_shadow(judgements jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.record_shadow(judgements jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.record_shadow(judgements jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.record_shadow(judgements jsonb, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.record_shadow(judgements jsonb, as_of timestamp with time zone) TO service_role;

-- Name: remind_approvers(timestamp with time zone, text, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.remind_approvers(as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, actor_id text DEFAULT 'clock'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9494ce3b9cebbe2c4993a697a2ae3fcfe3ca01eabec243b0c8ce182d3ac1a702;

-- Name: FUNCTION remind_approvers(as_of timestamp with time zone, actor_type text, actor_id text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.remind_approvers(as_of timestamp with time zone, actor_type text, actor_id text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.remind_approvers(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.remind_approvers(as_of timestamp with time zone, actor_type text, actor_id text, door text) TO service_role;

-- Name: requeue_dead_letters(uuid, uuid[], integer, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 9f9b438df9f0299c61055ed1ef875bd401404db7931493b4e9fcbad251cdc8d4;

-- Name: FUNCTION requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.requeue_dead_letters(tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: requeue_edited(uuid, uuid, jsonb, text, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.requeue_edited(tenant uuid, envelope uuid, edited_arguments jsonb, actor_type text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 a88c91dcb8da21e5348574d3cd22708682e5a17de4ebe77d0b750ce24103c3c4;

-- Name: FUNCTION requeue_edited(tenant uuid, envelope uuid, edited_arguments jsonb, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.requeue_edited(tenant uuid, envelope uuid, edited_arguments jsonb, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.requeue_edited(tenant uuid, envelope uuid, edited_arguments jsonb, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.requeue_edited(tenant uuid, envelope uuid, edited_arguments jsonb, actor_type text, actor_id text, reason text, as_of timestamp with time zone, door text) TO service_role;

-- Name: resolve_unknown(uuid, uuid, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 6c0a200d3c04af6cf38004e9ca6b917b3d637419a05a82273605ea3f86fb0737;

-- Name: FUNCTION resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.resolve_unknown(tenant uuid, envelope uuid, decision text, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: resume_tenant(uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 e78bd842f34e9becf465f9ab83c7f750b695491b1a82e908c3eb29405c9f11ee;

-- Name: FUNCTION resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.resume_tenant(tenant uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: revoke_api_token(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.revoke_api_token(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 ba0fe070c66fc4bd13d41f227d77f1bc6084b141d91db533fb2c62440240ce5f;

-- Name: FUNCTION revoke_api_token(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.revoke_api_token(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.revoke_api_token(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.revoke_api_token(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: revoke_grant(uuid, uuid, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.revoke_grant(tenant uuid, id uuid, actor_id text, reason text DEFAULT NULL::text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 97abd1df62dfac1161c0d5cad924569ad6d7033eccc43f336e94eec3226c589b;

-- Name: FUNCTION revoke_grant(tenant uuid, id uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.revoke_grant(tenant uuid, id uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.revoke_grant(tenant uuid, id uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.revoke_grant(tenant uuid, id uuid, actor_id text, reason text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: rotate_inbound_secret(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.rotate_inbound_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 daab06f846c6502fd82a7abc0068eb23eeed4f095aedc3e0639d37f3c1097d54;

-- Name: FUNCTION rotate_inbound_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.rotate_inbound_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.rotate_inbound_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.rotate_inbound_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: rotate_subscription_secret(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.rotate_subscription_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 1c44b529e34b2a3f488bf2d619221a9d3f2342687b0d2a1d10d8f23a43a5b2de;

-- Name: FUNCTION rotate_subscription_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.rotate_subscription_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.rotate_subscription_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.rotate_subscription_secret(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_account(jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 ff742a94144042ef345b93fd22fce451029798a0139eccaddaa06de36a356760;

-- Name: FUNCTION save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_account(account jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_guardrails(uuid, jsonb, numeric, jsonb, boolean, integer, jsonb, text, timestamp with time zone, text, text, jsonb, integer, jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text, approval_rules jsonb DEFAULT NULL::jsonb, replaces integer DEFAULT NULL::integer, approval_reminders jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 801355d70bd5dc0f447e2f3cf654c5c55db734957fac531e5ebba9e37e2347e1;

-- Name: FUNCTION save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, approval_rules jsonb, replaces integer, approval_reminders jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, approval_rules jsonb, replaces integer, approval_reminders jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, approval_rules jsonb, replaces integer, approval_reminders jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_guardrails(tenant uuid, quiet_hours jsonb, trust_threshold numeric, scopes jsonb, require_evidence boolean, evidence_max_age integer, rate_limits jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, approval_rules jsonb, replaces integer, approval_reminders jsonb) TO service_role;

-- Name: save_objective(jsonb, text, timestamp with time zone, text, text, jsonb); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text, replaces jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 d5bbb7472791d1ee7c295f9a273f3b65ca49978cfdcfaa172a7a2cfe09750b6c;

-- Name: FUNCTION save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, replaces jsonb); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, replaces jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, replaces jsonb) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_objective(objective jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text, replaces jsonb) TO service_role;

-- Name: save_readings(uuid, jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'system'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 5a3e9924b587ca750ff0c5c6cbc1ba99a7312752cd3ff08df26a3076e61b4c23;

-- Name: FUNCTION save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_readings(tenant uuid, readings jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_slack_user(uuid, text, text, text, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_slack_user(tenant uuid, app text, slack_user_id text, user_id text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 eba10b7da356b3eab64cb7ad89f25c88ede17eea1ad2f68c06838b1a13df75cf;

-- Name: FUNCTION save_slack_user(tenant uuid, app text, slack_user_id text, user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_slack_user(tenant uuid, app text, slack_user_id text, user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_slack_user(tenant uuid, app text, slack_user_id text, user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_slack_user(tenant uuid, app text, slack_user_id text, user_id text, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_tenant(uuid, text, text, smallint, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 3e8082fa32d10982b5a4c971a1918525bee6361a5d17c294243e38e44e006e80;

-- Name: FUNCTION save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_tenant(tenant uuid, name text, plan text, lanes smallint, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: save_tools(jsonb, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 dbf84c13b28467a2ad766372c83bc46c6d378b14e23b321905bfc02d8f70f552;

-- Name: FUNCTION save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.save_tools(tools jsonb, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: search_audit(uuid, integer, bigint, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.search_audit(tenant uuid, max_rows integer, before bigint DEFAULT NULL::bigint, category text DEFAULT NULL::text, actor text DEFAULT NULL::text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 421094a8ebf9b985801cc2967b06229b95571c053a5b463b3d08797f069ec4b7;

-- Name: FUNCTION search_audit(tenant uuid, max_rows integer, before bigint, category text, actor text, since timestamp with time zone, until timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.search_audit(tenant uuid, max_rows integer, before bigint, category text, actor text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.search_audit(tenant uuid, max_rows integer, before bigint, category text, actor text, since timestamp with time zone, until timestamp with time zone) TO app_ro;
GRANT ALL ON FUNCTION worker_api.search_audit(tenant uuid, max_rows integer, before bigint, category text, actor text, since timestamp with time zone, until timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.search_audit(tenant uuid, max_rows integer, before bigint, category text, actor text, since timestamp with time zone, until timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION worker_api.search_audit(tenant uuid, max_rows integer, before bigint, category text, actor text, since timestamp with time zone, until timestamp with time zone) TO service_role;

-- Name: search_envelopes(uuid, integer, timestamp with time zone, uuid, text, text, text, uuid, timestamp with time zone, timestamp with time zone, text, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.search_envelopes(tenant uuid, max_envelopes integer, before_created_at timestamp with time zone DEFAULT NULL::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, status text DEFAULT NULL::text, tool_slug text DEFAULT NULL::text, proposed_by text DEFAULT NULL::text, objective uuid DEFAULT NULL::uuid, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, words text DEFAULT NULL::text, words_id uuid DEFAULT NULL::uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS sha256 956373bc16b20856766210b6d53ed6f0e3d061348f09e8d24369d362e35cb16b;

-- Name: FUNCTION search_envelopes(tenant uuid, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.search_envelopes(tenant uuid, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.search_envelopes(tenant uuid, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.search_envelopes(tenant uuid, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.search_envelopes(tenant uuid, max_envelopes integer, before_created_at timestamp with time zone, before_id uuid, status text, tool_slug text, proposed_by text, objective uuid, since timestamp with time zone, until timestamp with time zone, words text, words_id uuid) TO service_role;

-- Name: set_request_limits(uuid, integer, integer, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.set_request_limits(tenant uuid, requests_per_minute integer, token_requests_per_minute integer, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 144cab5d30c69ea2c92997d95317051c22d8f161538ef7c0b952f1367943ad89;

-- Name: FUNCTION set_request_limits(tenant uuid, requests_per_minute integer, token_requests_per_minute integer, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.set_request_limits(tenant uuid, requests_per_minute integer, token_requests_per_minute integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.set_request_limits(tenant uuid, requests_per_minute integer, token_requests_per_minute integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.set_request_limits(tenant uuid, requests_per_minute integer, token_requests_per_minute integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: settle(text, uuid[], smallint[], bigint[], uuid[], text[], jsonb, jsonb[], smallint[], jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET lock_timeout TO '100ms'
    AS sha256 a374437a0c007a64ef31cd8197ca7321bb2b57cdb733012494fc1bbb70e7f806;

-- Name: FUNCTION settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.settle(worker_id text, tenants uuid[], lanes smallint[], tokens bigint[], envelopes uuid[], outcomes text[], results jsonb, details jsonb[], said smallint[], verdict_sets jsonb, as_of timestamp with time zone) TO service_role;

-- Name: start_pause(uuid, text, text, text, timestamp with time zone, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.start_pause(tenant uuid, kind text, target text, reason text, ends_at timestamp with time zone, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 199b841e0dd1d68f174ab7fbf8ba0f0be0559152763150039243bce34ad9f0f9;

-- Name: FUNCTION start_pause(tenant uuid, kind text, target text, reason text, ends_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.start_pause(tenant uuid, kind text, target text, reason text, ends_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.start_pause(tenant uuid, kind text, target text, reason text, ends_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.start_pause(tenant uuid, kind text, target text, reason text, ends_at timestamp with time zone, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: start_shadow(uuid, uuid, jsonb, interval, integer, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.start_shadow(tenant uuid, id uuid, candidate jsonb, lasts_for interval, max_envelopes integer, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 dd445bac4f68103a549caa56379bb4e956553fc08dd158b76602c72396b3eea4;

-- Name: FUNCTION start_shadow(tenant uuid, id uuid, candidate jsonb, lasts_for interval, max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.start_shadow(tenant uuid, id uuid, candidate jsonb, lasts_for interval, max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.start_shadow(tenant uuid, id uuid, candidate jsonb, lasts_for interval, max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.start_shadow(tenant uuid, id uuid, candidate jsonb, lasts_for interval, max_envelopes integer, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: stop_shadow(uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.stop_shadow(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 c18cf34325f0b3afecb462d87bc3b00daa1c234113a7624583306bed95a9a978;

-- Name: FUNCTION stop_shadow(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.stop_shadow(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.stop_shadow(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.stop_shadow(tenant uuid, id uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: sync_tools(uuid, text, text, jsonb, text, text, timestamp with time zone, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 27489e8bf8d1ca1ef6df177052b76c79d37b58592febfe20375c1e63b126636f;

-- Name: FUNCTION sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.sync_tools(tenant uuid, provider text, source text, tools jsonb, actor_type text, actor_id text, as_of timestamp with time zone, door text) TO service_role;

-- Name: tail_audit(uuid, integer, bigint); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint DEFAULT NULL::bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 9a1e6820df87c70d7a9758ce7987244a298565d35b7b2b6c057036c2e0104fbf;

-- Name: FUNCTION tail_audit(tenant uuid, max_rows integer, before bigint); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO app_ro;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO app_rw;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO authenticated;
GRANT ALL ON FUNCTION worker_api.tail_audit(tenant uuid, max_rows integer, before bigint) TO service_role;

-- Name: take_job(text, text, uuid, interval, interval, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 24ae73d7693fc0c4a430257b19ebf20cf7d3f83d2c9f67459d1e618f696b11c1;

-- Name: FUNCTION take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.take_job(job text, worker_id text, run_id uuid, every interval, lease_for interval, as_of timestamp with time zone) TO service_role;

-- Name: take_rate_tokens(uuid, jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 4d955aa62aff41ade6e55a0ea02a9534e280e7926e6a886eac03e5a3cd4bc331;

-- Name: FUNCTION take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.take_rate_tokens(ask_id uuid, asks jsonb, as_of timestamp with time zone) TO service_role;

-- Name: take_request(uuid, text, integer, integer, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.take_request(tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1s'
    AS sha256 069aad5f6ec08cc687690f2f76fc385077b3bb0d1b155ae57b09a8a421d4077d;

-- Name: FUNCTION take_request(tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.take_request(tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.take_request(tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.take_request(tenant uuid, caller text, tenant_limit integer, caller_limit integer, as_of timestamp with time zone) TO service_role;

-- Name: test_subscription(uuid, uuid, uuid, text, timestamp with time zone, text, text); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.test_subscription(tenant uuid, id uuid, envelope uuid, actor_id text, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone, actor_type text DEFAULT 'operator'::text, door text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS sha256 f2f7b58181d4da085c7690195f76f6e5dadf40580dbcbf78032d2ad5d5347f46;

-- Name: FUNCTION test_subscription(tenant uuid, id uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.test_subscription(tenant uuid, id uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.test_subscription(tenant uuid, id uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO app_rw;
GRANT ALL ON FUNCTION worker_api.test_subscription(tenant uuid, id uuid, envelope uuid, actor_id text, as_of timestamp with time zone, actor_type text, door text) TO service_role;

-- Name: use_grants(text, jsonb, timestamp with time zone); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.use_grants(worker_id text, calls jsonb, as_of timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 cc7392de8a6f0f4b8a6873159bfd35d1bfe5a7052f8a0fe2d0d626929089f023;

-- Name: FUNCTION use_grants(worker_id text, calls jsonb, as_of timestamp with time zone); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.use_grants(worker_id text, calls jsonb, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.use_grants(worker_id text, calls jsonb, as_of timestamp with time zone) TO app_rw;
GRANT ALL ON FUNCTION worker_api.use_grants(worker_id text, calls jsonb, as_of timestamp with time zone) TO outbox_worker;
GRANT ALL ON FUNCTION worker_api.use_grants(worker_id text, calls jsonb, as_of timestamp with time zone) TO service_role;

-- Name: verdicts_of(public.outbox); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.verdicts_of(envelope public.outbox) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 18b6666f01739a5764f76d5d644ab122c16faa48d30c4784ca7c1466a31fe5d0;

-- Name: FUNCTION verdicts_of(envelope public.outbox); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO app_ro;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO app_rw;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO authenticated;
GRANT ALL ON FUNCTION worker_api.verdicts_of(envelope public.outbox) TO service_role;

-- Name: waits_for(uuid, uuid); Type: FUNCTION; Schema: worker_api; Owner: app_owner
CREATE FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS sha256 7aff569e6c60adbd604285a2dc0f0d625d8d482a640507465aee99144ee48a5c;

-- Name: FUNCTION waits_for(tenant uuid, envelope uuid); Type: ACL; Schema: worker_api; Owner: -
REVOKE ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) TO app_ro;
GRANT ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) TO app_rw;
GRANT ALL ON FUNCTION worker_api.waits_for(tenant uuid, envelope uuid) TO service_role;
