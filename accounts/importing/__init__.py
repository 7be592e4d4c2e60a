"""Taking over a book of accounts from files: read, stage, plan, ask, apply.

The door is `batches`: `stage` saves what `reading` made of the files, `answer` and `read_again` change how they are
understood, `apply` carries the plan out. Behind it `columns` says what columns mean and `values` reads single cells;
`planning` works out what would change and what has to be asked, without the database, so that the preview and the act
use the very same plan; `staging` and `applying` are the database's side before and after.
"""
