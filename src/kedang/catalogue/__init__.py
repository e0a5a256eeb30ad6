"""Arrangement and description: reference codes 档号, class schemes and finding aids 检索工具."""
