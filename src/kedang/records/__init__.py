"""The vocabulary that every room speaks. Standard library only."""
