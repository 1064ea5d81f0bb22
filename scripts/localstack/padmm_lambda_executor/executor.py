"""An execution environment of LocalStack's Lambda as one Node.js process."""

import json
import os
from pathlib import Path

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .runtime import Runtime, RuntimeFailure

HOST = "127.0.0.1"


def environment_of(variables, task_root, function_name):
    """What the function sees: what Lambda sets, and of this machine only where programs are.

    Where PADMM_LAMBDA_ENDPOINT names a proxy, functions go to AWS through it, each under its own name as access key.
    """
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    environment |= {name: str(value) for name, value in variables.items() if value is not None}
    environment |= {"LAMBDA_TASK_ROOT": task_root, "TZ": "UTC"}
    if endpoint := os.environ.get("PADMM_LAMBDA_ENDPOINT"):
        environment |= {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": function_name}
    return environment


class NodeExecutor(RuntimeExecutor):
    """One execution environment: initialised once, one event at a time, a fresh process after a crash or time-out."""

    def __init__(self, id, function_version):
        super().__init__(id=id, function_version=function_version)
        self._environment = {}
        self._runtime = None
        self._log = Path(os.environ["PADMM_LAMBDA_LOGS"]) / f"{function_version.id.function_name}-{id}.log"

    def start(self, env_vars):
        task_root = str(self.function_version.config.code.get_unzipped_code_location())
        self._environment = environment_of(env_vars, task_root, self.function_version.id.function_name)
        self._runtime = Runtime(self._environment, self._log)

    def stop(self):
        if self._runtime is not None:
            self._runtime.kill()

    def invoke(self, payload):
        request_id = payload["invoke-id"]
        begin = self._log.stat().st_size
        try:
            if not self._runtime.is_alive():
                self._runtime = Runtime(self._environment, self._log)
            answer = self._runtime.invoke(payload, self.function_version.config.timeout)
            body, is_error = answer["body"], answer["isError"]
        except RuntimeFailure as failure:
            body, is_error = {"errorType": failure.kind, "errorMessage": f"RequestId: {request_id} {failure}"}, True
        with self._log.open("rb") as log:
            log.seek(begin)
            logs = log.read().decode(errors="replace")
        return InvocationResult(request_id, json.dumps(body).encode(), is_error=is_error, logs=logs)

    def get_address(self):
        return HOST

    def get_endpoint_from_executor(self):
        return HOST

    def get_runtime_endpoint(self):
        return f"http://{HOST}:{config.GATEWAY_LISTEN[0].port}/unused"

    def get_logs(self):
        return self._log.read_text(errors="replace")

    @classmethod
    def prepare_version(cls, function_version):
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        function_version.config.code.destroy_cached()
