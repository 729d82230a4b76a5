"""The machinery of exercises: what one is, how answers are called and compared, and the report."""
