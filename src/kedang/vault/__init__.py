"""Sealing: blobs, packs, key pages, the key sheet and its shares, and the stores they lie in."""
