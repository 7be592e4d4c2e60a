"""The customers, by whose book they are in when the story begins."""
