"""In a run under another day (see bin/test) every Python starts here, and sets its clock to that day.

DAY is still to come: such as 2028-02-29, which begins at noon, or "2028-03-26 01:30", on a clock in Berlin. How far
ahead that is, is reckoned once, and handed to the processes that are started from here.
"""

import os
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import time_machine

if "SECONDS_AHEAD" not in os.environ:
    day, _, hour = os.environ["DAY"].partition(" ")
    begins = datetime.fromisoformat(f"{day} {hour or '12:00'}").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    os.environ["SECONDS_AHEAD"] = str(begins.timestamp() - time.time())

ahead = float(os.environ["SECONDS_AHEAD"])
clock = time_machine.travel(time.time() + ahead).start()
# The instant between these two lines is made up for: the database's clock is ahead by exactly as much.
clock.shift(ahead - (time.time() - time_machine.escape_hatch.time.time()))
