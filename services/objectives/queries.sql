-- name: list_objectives
select to_jsonb(o) from public.objectives as o where o.tenant_id = $1 order by o.metric, o.title, o.id;
