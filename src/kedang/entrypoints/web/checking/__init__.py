"""核对: questions as a queue that is worked with the keyboard, and corrections that are kept and can be undone."""
