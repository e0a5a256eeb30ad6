"""What outsiders get: programs that check the ledger without kedang."""
