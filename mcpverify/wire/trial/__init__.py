"""Trials of a shutdown: traffic, a signal, and all that is seen until after the restart.

`conductor` conducts one over HTTP and `stdio` one over standard streams; both return a Timeline.
`clients` ask, `process` is what is stopped.
"""
