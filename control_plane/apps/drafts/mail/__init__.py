"""Mail: from bytes to an inbound message, and from a reply to the arguments of the tool that sends it. Pure."""
