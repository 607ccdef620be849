"""`understudy preflight`: everything that can be known before a deploy, and what to do about it."""
