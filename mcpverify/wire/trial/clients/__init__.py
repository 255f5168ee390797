"""Who asks during a trial: one request over one connection, and a client for each transport."""
