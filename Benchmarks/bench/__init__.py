"""What `Benchmarks/warm` is made of: what is run, the ways to run it, what is measured, and how it is reported."""
