drop function if exists worker_api.count_cases;
