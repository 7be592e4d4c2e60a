"""The probe: everybody asks for everything, and no mark of a text that is not theirs to read may come back.

`marks` puts a mark into every text of the database, `world` has a person in each relation to an account, `oracle.sql`
says which marks each of them may read and which accounts they may change, and `asking` asks every URL.
Nothing of this looks at how the product decides: that is what is held against it.
"""
