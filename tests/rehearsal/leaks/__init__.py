"""Trials of the sentences of docs/threat-model.md about leaked credentials, a module for each kind."""
