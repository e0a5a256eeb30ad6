"""Taking in: from the survey of a source to committed records, in an order that a crash cannot change."""
