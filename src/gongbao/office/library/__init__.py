"""政策库: the loaded documents, their clauses, and the rules of the packs that stand on each clause."""
