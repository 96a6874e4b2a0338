"""Forms of the pages: what may be typed, and what is said about it. One module for each area."""
