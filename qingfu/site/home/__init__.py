"""The home page of each role: the week, one class's day, the school, the county. Reads only."""
