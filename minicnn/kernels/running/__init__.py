"""How loops are compiled, kept on disk, shared among threads, and where their results lie."""
