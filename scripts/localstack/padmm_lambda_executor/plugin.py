"""The entry point: kept apart, so that LocalStack's own modules are imported only when functions are."""

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class NodeExecutorPlugin(RuntimeExecutorPlugin):
    name = "padmm"

    def load(self, *args, **kwargs):
        from .executor import NodeExecutor

        return NodeExecutor
