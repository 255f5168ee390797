"""The process that a trial stops: started or found, signaled, watched to its end, started again.

`subject` says what a trial wants of it, `subjects` makes the one that a plan asks for.
"""
