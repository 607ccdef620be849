"""What the pipelines of GitHub and GitLab run beside the other make targets; docs/pipelines.md sets them up.

Nothing here knows in which of the two it runs but `forge`; nothing is in their YAML that cannot run on a laptop.
"""
