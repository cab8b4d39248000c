"""What the exports to engines have in common: the story as they ask for it, and its texts."""
