"""What one screen shows: each module reads it, in a fixed number of queries, for whoever looks."""
