"""What stacks, commands and the embedded AWS must agree on. Pure; imports nothing of ours."""
