"""One consistent copy of a project's rows: Parquet files, their manifest, and their reader."""
