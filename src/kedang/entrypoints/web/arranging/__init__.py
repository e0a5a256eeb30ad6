"""Settings: people, permissions, cases, house rules, what I may see and why, who saw what, the first set-up."""
