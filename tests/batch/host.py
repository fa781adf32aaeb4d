"""A host of which a test says what it answers to whom."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self

type Json = dict[str, Any]


class Reply(NamedTuple):
    """What a request gets; a status of 0 is a connection that breaks off without an answer."""

    status: int = 200
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def answer(body: Json, *, cached: int = 0) -> Reply:
    """An answer that repeats the question."""
    said = body["messages"][-1]["content"]
    words = sum(len(str(message["content"]).split()) for message in body["messages"])
    usage = {
        "prompt_tokens": words,
        "completion_tokens": 2,
        "total_tokens": words + 2,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    choice = {"index": 0, "message": {"role": "assistant", "content": f"you said {said}"}, "finish_reason": "stop"}
    whole = {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"], "usage": usage}
    return Reply(200, {**whole, "choices": [choice]})


class BatchHost:
    """
    Attributes:
        reply: what a body gets, given how often it was asked before.
        asked: the questions in the order in which they came.
        hears: is told of each, and how many there were, before it is answered.
        most: the most requests that were under way at once.
        wait: for as long as it is not set, nothing is answered.
    """

    def __init__(self) -> None:
        self.reply: Callable[[Json, int], Reply] = lambda body, times: answer(body)
        self.asked: list[str] = []
        self.hears: Callable[[int], None] = lambda count: None
        self.most = 0
        self.wait = threading.Event()
        self.wait.set()
        self._times: Counter[str] = Counter()
        self._under_way = 0
        self._lock = threading.Lock()
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                made = host._answer(body)
                if made.status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                content = made.body if isinstance(made.body, bytes) else json.dumps(made.body).encode()
                self.send_response(made.status)
                for name, value in (*made.headers, ("content-type", "application/json"), ("x-request-id", "req-1")):
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 1024  # so many connect at once
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *args: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, body: Json) -> Reply:
        question = str(body["messages"][-1]["content"])
        with self._lock:
            self.asked.append(question)
            times = self._times[question]
            self._times[question] += 1
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            self.hears(len(self.asked))
        self.wait.wait(10)
        with self._lock:
            made = self.reply(body, times)
            self._under_way -= 1
        return made

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wait.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
