"""Long work as people see it: how far it is, stopping it, and what it found."""
