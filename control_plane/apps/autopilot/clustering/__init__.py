"""Group tickets into clusters that keep their identity when more tickets come in. No database, no I/O."""
