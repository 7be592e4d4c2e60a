"""Pure rules: functions and small value objects that know neither the database nor any model.

A rule that a query has to say as well (`ObligationQuerySet.late`) is held equal to its function by a test.
"""
