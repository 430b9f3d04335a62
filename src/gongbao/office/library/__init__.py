"""政策库: the documents that the city has loaded, their clauses, and the rules of the packs that stand on each clause."""
