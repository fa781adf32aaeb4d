"""Calls on deployments that look again and again: until one is up, as its log grows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, cast

from tensormesh_generated.namespaces.control_plane import (
    AsyncControlPlaneModels,
    AsyncControlPlaneObservability,
    AsyncControlPlaneObservabilityDeployments,
    AsyncControlPlaneObservabilityDeploymentsLogs,
    ControlPlaneModels,
    ControlPlaneObservability,
    ControlPlaneObservabilityDeployments,
    ControlPlaneObservabilityDeploymentsLogs,
)
from tensormesh_overlay.calls.sender import AsyncSender, Sender
from tensormesh_overlay.deployments import log_tail, waiting
from tensormesh_overlay.deployments.log_tail import LogTail
from tensormesh_overlay.deployments.patience import Patience
from tensormesh_overlay.deployments.waiting import Waiting
from tensormesh_overlay.errors import TensormeshError
from tensormesh_runtime.types import UNSET, Unset

if TYPE_CHECKING:
    from tensormesh_generated.models import LogEntry, Model


class Models(ControlPlaneModels):
    """The calls on deployments, and waiting for one."""

    def wait_until_up(
        self,
        model_id: str,
        *,
        timeout: float | timedelta | None = waiting.TIMEOUT_SECONDS,
        interval: float | timedelta = waiting.INTERVAL_SECONDS,
        user_id: str | Unset = UNSET,
    ) -> Model:
        """
        Look at a deployment until it is up, and give it.

        A host that is busy, or away for a while, is asked again.

        Args:
            model_id: its `model_id`, as `deploy` and `list` give it.
            timeout: for how long, in seconds or as a timedelta; None for ever.
            interval: between two looks.
            user_id: the user it belongs to; the caller if left out.

        Raises:
            DeploymentTimeoutError: it is not up by then. It may still come up.
            DeploymentError: it was deleted, or has failed.
            TensormeshError: the host refuses to say: there is none of that id, for example.
        """
        wait = Waiting(model_id, timeout, interval)
        while True:
            try:
                model = self.get(model_id, user_id=user_id, timeout=wait.limit)
            except TensormeshError as error:
                wait.failed(error)
            else:
                if wait.saw(model):
                    return model
            cast("Sender", self._client).pause(wait.pause())


class AsyncModels(AsyncControlPlaneModels):
    """The asynchronous version of `Models`."""

    async def wait_until_up(
        self,
        model_id: str,
        *,
        timeout: float | timedelta | None = waiting.TIMEOUT_SECONDS,  # noqa: ASYNC109  (of all looks together)
        interval: float | timedelta = waiting.INTERVAL_SECONDS,
        user_id: str | Unset = UNSET,
    ) -> Model:
        """
        Look at a deployment until it is up, and give it.

        A host that is busy, or away for a while, is asked again.

        Args:
            model_id: its `model_id`, as `deploy` and `list` give it.
            timeout: for how long, in seconds or as a timedelta; None for ever.
            interval: between two looks.
            user_id: the user it belongs to; the caller if left out.

        Raises:
            DeploymentTimeoutError: it is not up by then. It may still come up.
            DeploymentError: it was deleted, or has failed.
            TensormeshError: the host refuses to say: there is none of that id, for example.
        """
        wait = Waiting(model_id, timeout, interval)
        while True:
            try:
                model = await self.get(model_id, user_id=user_id, timeout=wait.limit)
            except TensormeshError as error:
                wait.failed(error)
            else:
                if wait.saw(model):
                    return model
            await cast("AsyncSender", self._client).pause(wait.pause())


class Logs(ControlPlaneObservabilityDeploymentsLogs):
    """The log of a deployment, and following it."""

    def follow(
        self,
        deployment_id: str,
        *,
        start_time: datetime | timedelta | str | Unset = UNSET,
        last: int = log_tail.LAST,
        interval: float | timedelta = log_tail.INTERVAL_SECONDS,
        user_id: str | Unset = UNSET,
    ) -> Iterator[LogEntry]:
        """
        The lines of a log, oldest first, and then each new one as it comes: for ever, until you stop reading.

        A host that is busy, or away for up to a minute, is asked again.

        Args:
            deployment_id: its `deployment_id`, as `models.list` gives it.
            start_time: the earliest line; without it, the log begins with the last lines there are.
            last: how many those are.
            interval: seconds between two looks.
            user_id: the user it belongs to; the caller if left out.

        Raises (while reading):
            TensormeshError: the host refuses to say, or is away for too long.
        """
        return self._followed(deployment_id, user_id, LogTail(start_time, last), Patience(interval))

    def _followed(
        self, deployment_id: str, user_id: str | Unset, tail: LogTail, patience: Patience
    ) -> Iterator[LogEntry]:
        while True:
            try:
                lines = self.list(deployment_id, user_id=user_id, **tail.question)
            except TensormeshError as error:
                patience.failed(error)
                lines = []
            else:
                patience.answered()
            yield from tail.feed(lines)
            if not tail.full:
                cast("Sender", self._client).pause(patience.interval)


class AsyncLogs(AsyncControlPlaneObservabilityDeploymentsLogs):
    """The asynchronous version of `Logs`."""

    def follow(
        self,
        deployment_id: str,
        *,
        start_time: datetime | timedelta | str | Unset = UNSET,
        last: int = log_tail.LAST,
        interval: float | timedelta = log_tail.INTERVAL_SECONDS,
        user_id: str | Unset = UNSET,
    ) -> AsyncIterator[LogEntry]:
        """
        The lines of a log, oldest first, and then each new one as it comes: for ever, until you stop reading.

        A host that is busy, or away for up to a minute, is asked again.

        Args:
            deployment_id: its `deployment_id`, as `models.list` gives it.
            start_time: the earliest line; without it, the log begins with the last lines there are.
            last: how many those are.
            interval: seconds between two looks.
            user_id: the user it belongs to; the caller if left out.

        Raises (while reading):
            TensormeshError: the host refuses to say, or is away for too long.
        """
        return _AsyncFollowing(self, self._client, deployment_id, LogTail(start_time, last), interval, user_id)


class _AsyncFollowing:
    """New lines as they come. No generator, so that nothing is left to finish where the loop is left."""

    def __init__(
        self,
        logs: AsyncLogs,
        client: Any,
        deployment_id: str,
        tail: LogTail,
        interval: float | timedelta,
        user_id: str | Unset,
    ) -> None:
        self._logs, self._client = logs, client
        self._deployment_id, self._user_id = deployment_id, user_id
        self._tail, self._patience = tail, Patience(interval)
        self._ready: Iterator[LogEntry] = iter(())
        self._looked = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LogEntry:
        while True:
            for line in self._ready:
                return line
            if self._looked and not self._tail.full:
                await self._client.pause(self._patience.interval)
            self._looked = True
            try:
                lines = await self._logs.list(self._deployment_id, user_id=self._user_id, **self._tail.question)
            except TensormeshError as error:
                self._patience.failed(error)
                self._tail.feed([])
            else:
                self._patience.answered()
                self._ready = iter(self._tail.feed(lines))


class Deployments(ControlPlaneObservabilityDeployments):
    """Logs and metrics of deployments."""

    @cached_property
    def logs(self) -> Logs:
        return Logs(self._client)


class AsyncDeployments(AsyncControlPlaneObservabilityDeployments):
    """The asynchronous version of `Deployments`."""

    @cached_property
    def logs(self) -> AsyncLogs:
        return AsyncLogs(self._client)


class Observability(ControlPlaneObservability):
    """Logs and metrics."""

    @cached_property
    def deployments(self) -> Deployments:
        return Deployments(self._client)


class AsyncObservability(AsyncControlPlaneObservability):
    """The asynchronous version of `Observability`."""

    @cached_property
    def deployments(self) -> AsyncDeployments:
        return AsyncDeployments(self._client)
