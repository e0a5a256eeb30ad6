"""One received thing's way through the rooms, as pure work that runs in processes of its own."""
