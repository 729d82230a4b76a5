"""The exercises: a folder a chapter, chNN_its_name; in it they are found by themselves, in the order of its files."""
