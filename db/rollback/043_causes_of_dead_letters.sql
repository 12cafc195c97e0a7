drop function if exists worker_api.count_causes, worker_api.list_dead_letters, worker_api.cause_of;
