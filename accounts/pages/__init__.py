"""What one screen shows: a module for each, whose class reads it in a fixed number of queries, whatever the history.

A page takes the account or person it is about and gives a dataclass; the view renders it. What can be calculated
without the database is in `accounts.rules`.
"""
