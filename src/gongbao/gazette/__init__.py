"""A gazette's text becomes documents, clauses, tables, figures and citations that a rule can stand on."""
