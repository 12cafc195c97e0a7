"""`up`: the API, a worker and the jobs as child processes of one command, over one database and with one log."""
