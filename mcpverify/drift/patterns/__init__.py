"""What strings the patterns of a schema admit, exactly or not at all.

`ecma_syntax` reads a regular expression of ECMA-262 into a tree, `translation` turns the tree into
an expression of `algebra` (a regular language with intersection and complement), and
`language` is the face: membership, and a readable member of whatever was combined. A pattern
that is not regular, or that engines read differently, is `Unsupported`: nobody here guesses.
"""
