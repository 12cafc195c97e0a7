-- name: list_tenants
select to_jsonb(t) from public.tenants as t order by t.name, t.id;
