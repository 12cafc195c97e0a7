-- Whether a dead letter may be requeued together with others, without a person who names it. False if it is doubtful,
-- if its deadline has passed, or if app_private.check_proposed would reject it: an old dead letter may have been
-- proposed before these checks existed.
create or replace function app_private.is_requeueable(dead_letter public.outbox_dlq, as_of timestamptz)
returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when dead_letter.doubtful or dead_letter.must_run_before <= as_of
      or dead_letter.must_run_before >= '9999-01-01 00:00+00' then false
    -- A quick test. A document that does not match has only exact numbers; one that matches has to be checked.
    when concat_ws(' ', dead_letter.arguments, dead_letter.trust_context, dead_letter.metadata) ~ '[0-9][0-9.]{15}'
      then not exists (
        select from (values (dead_letter.arguments), (dead_letter.trust_context), (dead_letter.metadata)) as d (document)
        where app_private.inexact_number(d.document) is not null
      )
    else true
  end
$$;
revoke all on function app_private.is_requeueable from public;
