"""Notes: what somebody writes in their own words, read, shown as chips and saved.

Two doors: `preview.NotePreview.of(account, text, by=user)` says what a text would save, and
`saving.save(preview, kind=...)` saves it. Below them are pure rules, which know nothing of the database: `grammar`
reads a text into `items`, `mentions` and `names` find whom and what it names, and `deadlines` finds the day by which
something is promised.
"""
