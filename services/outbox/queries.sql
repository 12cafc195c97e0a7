-- Plain reads of the outbox. Changes of state are functions in db/functions/.

-- name: get_envelope
select to_jsonb(o) from public.outbox as o where o.id = $2 and o.tenant_id = $1
union all
select to_jsonb(d) from public.outbox_dlq as d where d.id = $2 and d.tenant_id = $1;

-- name: waits_for
select to_jsonb(older)
from public.outbox as o
join public.outbox as older on older.tenant_id = o.tenant_id and older.ordering_key = o.ordering_key
where o.id = $2 and o.tenant_id = $1
  and older.status in ('pending', 'awaiting_approval', 'unknown')
  and (older.created_at, older.id) < (o.created_at, o.id)
order by older.created_at, older.id
limit 1;

-- name: list_envelopes
select to_jsonb(o)
from public.outbox as o
where ($1::uuid is null or o.tenant_id = $1) and ($2::text is null or o.status = $2)
order by o.created_at desc, o.id desc
limit $3;

-- name: list_dead_letters
select to_jsonb(d)
from public.outbox_dlq as d
where ($1::uuid is null or d.tenant_id = $1) and ($3::text is null or d.status = $3)
order by d.moved_at, d.id
limit $2;
