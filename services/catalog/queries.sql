-- name: list_tools
select to_jsonb(c) from public.tool_catalog as c where c.tenant_id = $1 order by c.tool_slug, c.id desc;
