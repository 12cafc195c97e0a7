"""The events of drafts, for webhooks and notices: categories of its audit rows. These rows hold ids and digests, no
texts."""

EVENT_TYPES = (
    ("message.received", "A message of a conversation was stored."),
    ("draft.created", "A draft waits for a person."),
    ("draft.abstained", "The drafter found no answer to a message."),
    ("draft.requested", "Somebody asked for another draft."),
    ("draft.edited", "A person changed the text of a draft."),
    ("draft.assigned", "A draft was given to a person, or taken from one."),
    ("draft.escalated", "A draft was handed to the admins."),
    ("draft.decided", "A person approved, edited or rejected a draft. An approved reply is in the outbox."),
)
"""For each event the category of its audit row, and a description."""
