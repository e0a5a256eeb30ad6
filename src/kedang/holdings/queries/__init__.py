"""What can be asked. Queries change nothing."""
