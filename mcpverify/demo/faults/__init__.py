"""The ways in which the demo server can misbehave, one entry each.

`fault` names them, `answers` are those that change what a method answers, over every
transport, `http` those of the HTTP layer, `shutdown` those of the end, and `registry` holds all.
"""
