"""Between rows and rooms: unlocked keys, the ledger's rows, the sealing process, the index files."""
