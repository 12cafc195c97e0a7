-- Prepare a change by this actor: check the texts, and set the door that the audit rows of this transaction get. Raises
-- PT400 if a text is too long.
create or replace function app_private.act_by(actor_type text, actor_id text, door text)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform app_private.check_texts(
    'actor_type', act_by.actor_type, 'actor_id', act_by.actor_id, 'door', act_by.door
  );
  perform set_config('app.door', coalesce(act_by.door, ''), true);
end
$$;
revoke all on function app_private.act_by from public;
