"""What Storyarn's JSON columns hold: ids to remap, and the references that follow from them."""
