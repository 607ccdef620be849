"""Commands for the pipelines of GitHub and GitLab; docs/pipelines.md sets them up.

Only `forge` depends on which of the two runs it. Everything in their YAML also runs on a laptop.
"""
