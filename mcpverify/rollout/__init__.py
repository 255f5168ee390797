"""What a rollout shows: the points of a good shutdown, judged from a recorded timeline."""
