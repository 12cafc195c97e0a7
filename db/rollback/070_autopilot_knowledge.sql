-- Takes the cost of tickets and the tools of articles and responses out of the settings.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
alter table autopilot.settings
  drop column article_tool_slug, drop column response_tool_slug, drop column minutes_per_ticket,
  drop column cost_per_hour;
