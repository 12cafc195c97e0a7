-- Takes the autopilot schema away again, with everything in it.
drop schema autopilot cascade;
