"""Where people, agents and clocks meet envelopes."""
