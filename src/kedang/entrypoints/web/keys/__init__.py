"""密钥: who opens the case, where its key sheet lies, recovery shares, changing the keys."""
