"""保管: copies, backups, drills, checks of everything that is stored."""
