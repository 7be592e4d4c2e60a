"""Mail in and out. Letters themselves are rows (`accounts.models.Letter`), sent by a task.

digests.write_digest(user)    the one mail a day that a colleague gets; other apps add a section to `SECTIONS`
inbound.receive(raw)          a customer's answer becomes an entry on their account
"""
