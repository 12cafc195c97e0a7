do $$
declare
  new regprocedure;
begin
  for new in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'worker_api'::regnamespace loop
    execute format('drop function %s', new);
  end loop;
end
$$;

alter table app_private.rate_buckets drop column answers;
alter table public.outbox_dlq drop column settled_token;
alter table public.outbox drop column settled_token;
alter table app_private.lanes drop column lost, drop column claim_id;

create function app_private.chain_link(state bytea, head bytea, digest bytea)
returns bytea language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
  return sha256(coalesce(state, head) || digest);
end
$$;
revoke all on function app_private.chain_link from public;
create aggregate app_private.chain_hash(head bytea, digest bytea) (
  sfunc = app_private.chain_link,
  stype = bytea,
  parallel = safe
);
revoke all on function app_private.chain_hash(bytea, bytea) from public;
