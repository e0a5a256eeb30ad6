"""One module for each kind of container; `members.open_members` chooses among them."""
