"""What if: two versions of a decision over the same rows. `compare` is where to begin to read."""
