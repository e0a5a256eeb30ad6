"""台账: who did what when, whether it is whole, and what outsiders are given to check it."""
