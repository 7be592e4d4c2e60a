"""Mail in and out. Letters themselves are rows (`accounts.models.Letter`), sent by a task.

digests.write_digest(user)    the one mail a day that a colleague gets; other apps add a section to `SECTIONS`
inbound.receive(raw)          a customer's answer becomes an entry on their account, or is held for a person to look at
reading.Mail.read(raw)        what a message says, read within limits
automatic.automatic(message)  whether a program sent it
attachments.kept(...)         what is attached: named, and kept within limits
proof.is_proven(...)          whether our mail server vouches for the sender
"""
