"""客户: who is a customer, what is known of him and why, and what persons decide about it."""
