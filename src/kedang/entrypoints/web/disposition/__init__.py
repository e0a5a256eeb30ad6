"""期限与处置: what is to be kept until when, and the destruction of what was decided on."""
