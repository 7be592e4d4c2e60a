"""Taking over a book of accounts from files: read, stage, plan, ask, apply.

`reading` makes sheets of bytes, `columns` says what their columns mean, `values` reads single cells. `planning`
works out from them what would change and what has to be asked: it is pure, so that the preview and the act can
use the very same plan. `staging` keeps the sheets in the database, `applying` carries a plan out.
"""
