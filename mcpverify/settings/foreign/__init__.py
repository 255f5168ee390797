"""Files of others that name servers: configurations of clients, and what registries publish."""
