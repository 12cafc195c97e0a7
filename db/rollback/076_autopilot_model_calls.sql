-- Takes the record of model calls away, and with it what each tenant spent.
drop function autopilot.record_model_call, autopilot.read_model_spending;
drop table autopilot.model_calls;
