"""The asset graph: collect, then one chain a format."""
