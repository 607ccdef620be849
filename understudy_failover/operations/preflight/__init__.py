"""`understudy preflight`: what would block a deploy, and how to fix it."""
