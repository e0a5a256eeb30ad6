"""Taking custody 接收: what lies in a source, its bytes unchanged, and what its containers hold."""
