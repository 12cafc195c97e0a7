-- Set what a tenant's calls of models may cost in a month, in USD. Null restores the operator's default. Returns
-- {monthly_usd}. For operators.
-- call: repeatable
create or replace function drafts.set_budget(
  monthly_usd numeric, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  if set_budget.monthly_usd not between 0 and 1000000 then
    raise exception 'monthly_usd: must be from 0 to 1000000' using errcode = 'PT400';
  elsif set_budget.monthly_usd is null then
    delete from drafts.budgets as b where b.tenant_id = caller.tenant_id;
  else
    insert into drafts.budgets as b (tenant_id, monthly_usd, updated_at)
    values (caller.tenant_id, set_budget.monthly_usd, moment)
    on conflict (tenant_id) do update set monthly_usd = excluded.monthly_usd, updated_at = excluded.updated_at;
  end if;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'budget.changed', jsonb_build_object(
    'monthly_usd', set_budget.monthly_usd::text
  ), moment);
  return jsonb_build_object('monthly_usd', set_budget.monthly_usd::text);
end
$$;
revoke all on function drafts.set_budget from public;
grant execute on function drafts.set_budget to service_role, app_rw;
