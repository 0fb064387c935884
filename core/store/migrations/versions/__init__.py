"""One file a step, oldest first by number. A step that has been released is never changed."""
