"""Real servers for the tests: honest ones, and one file for each way of misbehaving.

Each module has `serve(**options)`, a context manager that gives a `raw_http.RawServer`
listening on a free port of loopback. `registry` lists them for the gate's tests.
"""
