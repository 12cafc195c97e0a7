-- The oldest dead letters, in the order in which they are requeued. `tenant`, `status`, `tool_slug` and `cause` are
-- conditions; null is no condition. For the next page, `after_moved_at` and `after_id` are those of the last dead
-- letter on the previous page.
-- call: replica
create or replace function worker_api.list_dead_letters(
  tenant uuid, status text, max_envelopes integer, after_moved_at timestamptz default null, after_id uuid default null,
  tool_slug text default null, cause text default null
)
returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  letters jsonb;
begin
  if cause is null then
    select coalesce(jsonb_agg(oldest), '[]') into letters
    from (
      select d.*
      from public.outbox_dlq as d
      where (list_dead_letters.tenant is null or d.tenant_id = list_dead_letters.tenant)
        and (list_dead_letters.status is null or d.status = list_dead_letters.status)
        and (list_dead_letters.tool_slug is null or d.tool_slug = list_dead_letters.tool_slug)
        -- A sub-query, so that the index scan starts at this row: under row-level security a condition with coalesce()
        -- cannot use an index.
        and (d.moved_at, d.id) > (
          select coalesce(after_moved_at, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
      order by d.moved_at, d.id
      limit max_envelopes
    ) as oldest;
  else
    select coalesce(jsonb_agg(oldest), '[]') into letters
    from (
      select sorted.*
      from (
        select d.*
        from public.outbox_dlq as d
        where (list_dead_letters.tenant is null or d.tenant_id = list_dead_letters.tenant)
          and (list_dead_letters.status is null or d.status = list_dead_letters.status)
          and (list_dead_letters.tool_slug is null or d.tool_slug = list_dead_letters.tool_slug)
          and (d.moved_at, d.id) > (
            select coalesce(after_moved_at, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
          )
        order by d.moved_at, d.id
        offset 0   -- `offset 0`: causes are computed in this order, and only until the page is full
      ) as sorted
      where worker_api.cause_of(sorted.last_error) = cause
      limit max_envelopes
    ) as oldest;
  end if;
  return letters;
end
$$;
revoke all on function worker_api.list_dead_letters from public;
grant execute on function worker_api.list_dead_letters to service_role, app_rw, app_ro, authenticated;
