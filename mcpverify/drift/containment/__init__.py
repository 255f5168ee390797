"""Whether all values that one schema lets be produced are accepted by another: a proof, or a value.

The question is asked as a search: for a value that the producer makes and the acceptor
refuses. `search` splits it into cases until each is about values of one type, and the files
named after the types settle those: no such value, here is one, or it cannot be told. No
value in any case is a proof. `form` reads schemas, `world` knows what is produced at all,
`membership` judges single values.
"""
