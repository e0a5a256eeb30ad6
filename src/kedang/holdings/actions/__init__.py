"""What can be done: each action is one transaction, or records its intent before it leaves the database."""
