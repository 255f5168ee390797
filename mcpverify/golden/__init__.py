"""The judgement of golden calls: what came back, held against what the user expects of it."""
