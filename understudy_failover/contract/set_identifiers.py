"""Set identifiers of the record sets of a host name: roles, not servers, as they are part of a record's identity."""

SERVER = "server"
"""The PRIMARY."""
PAGE = "maintenance-page"
"""The SECONDARY."""
PLACEHOLDER = "kept-by-understudy"
"""The placeholder record: a SECONDARY with the server's address, without its pair. docs/decisions/0011-adoption.md"""
