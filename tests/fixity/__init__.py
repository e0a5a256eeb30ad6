"""Every flipped bit is found, named and mended."""
