-- What an audit row's hash covers: every column but the row's own id, in one unambiguous text.
create or replace function app_private.audit_digest(
  tenant_id uuid, seq bigint, actor_type text, actor_id text, category text, payload jsonb, created_at timestamptz
)
returns bytea language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(
    jsonb_build_array(
      tenant_id, seq, actor_type, actor_id, category, payload, (extract(epoch from created_at) * 1000000)::bigint
    )::text,
    'UTF8'
  ))
$$;
revoke all on function app_private.audit_digest from public;
