"""From a calendar file (.ics, RFC 5545) to meetings.

events = reading.read(data, zone=..., now=...)       what is in it; raises `Unreadable`
plan = taking.CalendarImport.of(events, user, now)   what would become of each
plan.take(by=user)                                   all of it, or nothing
"""
