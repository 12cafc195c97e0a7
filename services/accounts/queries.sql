-- name: list_accounts
select to_jsonb(a)
from public.connected_accounts as a
where a.tenant_id = $1
order by a.linked_at desc nulls last, a.id;
