"""Content codings (RFC 9110 8.4, 12.5.3, 12.5.5)."""
