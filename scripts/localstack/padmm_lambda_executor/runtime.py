"""The Node.js process of an execution environment: events go in by its standard input, answers come by a pipe."""

import json
import os
import select
import subprocess
import time
from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("bootstrap.mjs")
INIT_TIMEOUT_SECONDS = 30


class RuntimeFailure(Exception):
    """The process ended, or took too long, before it answered; it is gone."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


class Runtime:
    def __init__(self, environment, log):
        """Starts the process and waits until the handler is loaded; a file beside the log tells its process id.

        Raises RuntimeFailure where it does not load.
        """
        self._answers, writing = os.pipe()
        self._received = b""
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(
                    ["node", "--enable-source-maps", str(BOOTSTRAP)],
                    cwd=environment["LAMBDA_TASK_ROOT"],
                    env=environment | {"PADMM_ANSWERS_FD": str(writing)},
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    pass_fds=[writing],
                )
        finally:
            os.close(writing)
        log.with_suffix(".pid").write_text(str(self._process.pid))
        self._answer(INIT_TIMEOUT_SECONDS)

    def is_alive(self):
        return self._process.poll() is None

    def kill(self):
        self._process.kill()
        self._process.wait()

    def invoke(self, payload, timeout_seconds):
        """Gives {body, isError}. Raises RuntimeFailure where the process ends or the time is over, as Lambda ends it."""
        event = {
            "requestId": payload["invoke-id"],
            "functionArn": payload["invoked-function-arn"],
            "event": json.loads(payload["payload"] or "{}"),
            "deadlineMs": (time.time() + timeout_seconds) * 1000,
        }
        try:
            self._process.stdin.write(json.dumps(event).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        return self._answer(timeout_seconds)

    def _answer(self, timeout_seconds):
        deadline = time.monotonic() + timeout_seconds
        while b"\n" not in self._received:
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                self.kill()
                raise RuntimeFailure("Sandbox.Timedout", f"Error: Task timed out after {timeout_seconds:.2f} seconds")
            received = os.read(self._answers, 65536)
            if not received:
                raise self._ended()
            self._received += received
        line, self._received = self._received.split(b"\n", 1)
        return json.loads(line)

    def _ended(self):
        return RuntimeFailure("Runtime.ExitError", f"Error: Runtime exited with status {self._process.wait()}")
