"""What the pipeline speaks about: options, tables and story entities. Frozen, no I/O."""
