"""标签与目录: labels, item lists, volume lists, box lists, and what lies in which box."""
