"""An OpenTelemetry collector on this machine, which keeps what it is sent."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import grpc  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import add_TraceServiceServicer_to_server
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Collector:
    """`async with Collector() as collector`: spans go to `collector.endpoint`."""

    spans: list[Span] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Condition()
        self._server = grpc.server(ThreadPoolExecutor(max_workers=1))
        add_TraceServiceServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._server.stop(None).wait)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def until(self, holds: Callable[[list[Span]], bool], seconds: float = 60.0) -> None:
        """Returns once it holds."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: holds(self.spans))

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def Export(self, request: ExportTraceServiceRequest, _context: Any) -> ExportTraceServiceResponse:  # noqa: ANN401, N802
        """The service's own name for it. Called on a thread of gRPC's."""
        asyncio.run_coroutine_threadsafe(self._keep(request), self._loop).result()
        return ExportTraceServiceResponse()

    async def _keep(self, request: ExportTraceServiceRequest) -> None:
        async with self._news:
            for each in request.resource_spans:
                self.resources.append({item.key: item.value.string_value for item in each.resource.attributes})
                self.spans += [span for scope in each.scope_spans for span in scope.spans]
            self._news.notify_all()


def facts(span: Span) -> dict[str, str]:
    return {item.key: item.value.string_value for item in span.attributes}
