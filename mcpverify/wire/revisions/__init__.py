"""Protocol revisions: which messages, headers and envelope a session uses. One era a file."""
