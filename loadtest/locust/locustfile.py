"""Leads chat-loadtest workers: the locustfile of a Locust master.

    locust -f loadtest/locust/locustfile.py --master --expect-workers 2 -u 2000 -r 1000 -t 60s --headless \\
        --chat-thresholds 'delivery p99 < 250ms, lost == 0'
    chat-loadtest worker --locust MASTER:5557 ...            (on each machine)

A user is a member of a chat room; the workers make the rooms, Locust says how many users each worker has.
At the end of a run each worker's record is written to --chat-reports, for `chat-loadtest merge`, a summary is
printed, and the thresholds decide the exit code: 0 kept, 1 missed; 2 a worker could not go on, or nothing was
measured; 4 a device was not fit to measure. A worker that is lost half-way is told, and what it had reported counts.
"""

from chat_loadtest import listener
from locust import User, constant

listener.install()


class Member(User):
    """A member of a chat room. Nobody of this class runs here: Locust needs one to count."""

    wait_time = constant(60)
