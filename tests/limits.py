"""The one limit of time in the tests, against hanging: no machine, however busy, is so slow that it meets it."""

HANGS = 3600  # seconds
