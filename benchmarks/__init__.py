"""What the pipeline costs, each number beside its anchor, measured in one run."""
