"""Single edits on real tools, judged by mcpverify and by those who compare JSON Schemas.

`judging` counts what mcpverify makes of all of them, `rivals` asks the others in processes of
their own, `supported` knows what those say that they can do, `section` tells it as Markdown.
"""
