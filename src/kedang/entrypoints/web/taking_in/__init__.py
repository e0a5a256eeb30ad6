"""接收: the register of sources, sending files and photographs, taking in, and what came of each."""
