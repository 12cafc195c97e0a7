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
