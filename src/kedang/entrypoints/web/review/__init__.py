"""归档审核: what was sorted is accepted into the archive, or sent back, by another person."""
