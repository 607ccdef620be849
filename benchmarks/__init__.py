"""Measurements that anybody can run: `python -m benchmarks.synth`. Ratios within one run, not absolute seconds."""
