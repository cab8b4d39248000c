"""From the written story to database rows: ids, JSON shapes, counts and translation rows."""
