-- What a drafter needs before it calls a model: the active prompt, the month's budget, and what was spent of it.
-- Returns {prompt_version, instructions, monthly_usd, spent_usd}; the amounts are texts. If the tenant has no budget of
-- its own, `monthly_usd` is null. For everybody of the tenant.
-- call: repeatable
create or replace function drafts.read_model_account(
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  return jsonb_build_object(
    'prompt_version', coalesce(
      (select p.version from drafts.prompts as p where p.tenant_id = caller.tenant_id and p.status = 'active'),
      'default'
    ),
    'instructions', coalesce(
      (select p.instructions from drafts.prompts as p where p.tenant_id = caller.tenant_id and p.status = 'active'), ''
    ),
    'monthly_usd', (select b.monthly_usd::text from drafts.budgets as b where b.tenant_id = caller.tenant_id),
    'spent_usd', coalesce((
      select s.cost_usd::text from drafts.spending as s
      where s.tenant_id = caller.tenant_id and s.month = date_trunc('month', moment at time zone 'UTC')::date
    ), '0')
  );
end
$$;
revoke all on function drafts.read_model_account from public;
grant execute on function drafts.read_model_account to authenticated, service_role, app_rw;
