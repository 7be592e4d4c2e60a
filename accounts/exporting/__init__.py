"""Everything that somebody may see of their accounts, as files to take along: tables, or the whole memory as JSON.

`scope` is what goes out and to whom, `sheets` and its neighbours what the tables hold, `memory` the JSON, `files` how
they are written, and `carrying_out` how an export is made from its row in the log.
"""
