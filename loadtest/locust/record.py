"""Records what a real Locust master and a real Locust worker say to each other, the first message of each type.

    target/locust-venv/bin/python loadtest/locust/record.py loadtest/locust/recorded

Writes FOLDER/{master,worker}-TYPE.msgpack, the bytes as they travel. The tests of `worker/protocol.rs` and
`worker/stats.rs` read them; record anew when Locust's protocol changes.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile

LOCUSTFILE = '''
from locust import User, constant, task


class Talker(User):
    wait_time = constant(0.1)

    @task
    def talks(self):
        event = self.environment.events.request
        event.fire(request_type="WEBSOCKET", name="message", response_time=12.5, response_length=0)
        event.fire(request_type="DELIVERY", name="any-process", response_time=None, response_length=0, exception="lost")


class Listener(User):
    wait_time = constant(60)

    @task
    def listens(self):
        pass
'''


def record(side, folder, arguments):
    """Runs Locust in this process with its messages written down as they are serialised."""
    from locust.rpc.protocol import Message

    socket.gethostname = lambda: "worker.example"
    serialize = Message.serialize

    def written(message):
        data = serialize(message)
        # What Locust logs is its own affair, and of the machine it runs on.
        if message.type == "logs":
            return data
        path = pathlib.Path(folder, f"{side}-{message.type}.msgpack")
        # The reports before the first user and after the last are empty: the longest says most.
        if not path.exists() or (message.type == "stats" and len(data) > path.stat().st_size):
            path.write_bytes(data)
        return data

    Message.serialize = written
    from locust.main import main

    sys.argv = ["locust", *arguments]
    main()


def run(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as scratch:
        pathlib.Path(scratch, "locustfile.py").write_text(LOCUSTFILE)

        def start(side, *arguments):
            command = [sys.executable, __file__, "--side", side, folder, "-f", "locustfile.py", *arguments]
            return subprocess.Popen(command, cwd=scratch)

        master = start(
            "master", "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--headless",
            "--host", "http://chat.example", "-u", "3", "-r", "3", "-t", "7s", "--exit-code-on-error", "0",
        )  # fmt: skip
        worker = start("worker", "--worker", "--master-host", "127.0.0.1", "--master-port", port)
        worker.wait(timeout=60)
        return master.wait(timeout=60)


if __name__ == "__main__":
    if sys.argv[1] == "--side":
        record(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        sys.exit(run(str(pathlib.Path(sys.argv[1]).resolve())))
