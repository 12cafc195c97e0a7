"""The events of faxes."""

EVENT_TYPES = (("fax.sent", "A fax was sent."),)
