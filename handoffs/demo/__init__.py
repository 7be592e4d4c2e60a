"""The story of the demonstration: Kettleby, a maker of maintenance software, and a year with its customers.

Everything in it is invented. It is told in days counted from today and kept by the product's own verbs, one after
another, as if the year had been lived: `telling` has the clock and the words to tell it with, `people` the cast,
`changes` who hands over to whom, and each other file a few customers.
"""
