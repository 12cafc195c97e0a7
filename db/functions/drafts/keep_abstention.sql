-- Trigger: store each abstention in drafts.abstentions. The row of the conversation has only the newest abstention.
-- call: internal
create or replace function drafts.keep_abstention()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into drafts.abstentions (tenant_id, conversation_id, message_id, reason, created_at)
  values (
    new.tenant_id, new.id, new.unanswered_id, coalesce(new.abstained_reason, 'no answer was found'), new.abstained_at
  );
  return null;
end
$$;
revoke all on function drafts.keep_abstention from public;
create or replace trigger keep_conversation_abstention after update on drafts.conversations
  for each row when (new.abstained_at is not null and new.abstained_at is distinct from old.abstained_at)
  execute function drafts.keep_abstention();
