"""Polls queues and invokes functions with what is in them, as Lambda's event source mappings do.

AWS docs, "Using Lambda with Amazon SQS" and "Handling errors for an SQS event source in Lambda": messages are
deleted when the function succeeded; else they show up again after the queue's visibility timeout, and go to
its dead-letter queue after as many receives as the queue says (which is SQS's own doing).
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from moto.sqs.models import Message, Queue

from local import limits

from . import queues
from .batches import events_of, succeeded
from .errors import LambdaError
from .records import Mapped
from .running import Run
from .store import Region, Store

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.5
RECEIVE = 10  # AWS docs, ReceiveMessage, "MaxNumberOfMessages"
CONCURRENCY = 5  # AWS docs: Lambda starts with five concurrent batches of a standard queue


class Pollers:
    """One thread for each mapping that is there; it ends when its mapping is deleted.

    Args:
        store: where mappings are.
        run: invokes a function.
    """

    def __init__(self, store: Store, run: Run) -> None:
        self._store = store
        self._run = run
        self._ended = threading.Event()
        self._served: set[str] = set()
        # As many as Lambda would run: a batch that waited for a thread would use up its visibility timeout.
        self._batches = ThreadPoolExecutor(limits.CONCURRENT_EXECUTIONS, thread_name_prefix="mapping-batch")

    def serve(self, region: Region, mapped: Mapped) -> None:
        """Begins to poll for a mapping; one that is served already goes on with its new settings."""
        if mapped.uuid in self._served:
            return
        self._served.add(mapped.uuid)
        threading.Thread(
            target=self._poll, args=(region, mapped.uuid), name=f"mapping-{mapped.uuid}", daemon=True
        ).start()

    def close(self) -> None:
        """Ends all polling; batches that run are not waited for."""
        self._ended.set()
        self._batches.shutdown(wait=False, cancel_futures=True)

    def _poll(self, region: Region, uuid: str) -> None:
        slots: dict[str, threading.Semaphore] = {}
        while not self._ended.wait(POLL_SECONDS):
            with self._store.lock:
                mapped = region.mappings.get(uuid)
                settled = mapped is not None and region.tools.clock() >= mapped.settled_from
            if mapped is None:
                self._served.discard(uuid)
                return
            if not mapped.enabled or not settled:
                continue
            slot = slots.setdefault(
                str(mapped.concurrency), threading.Semaphore(mapped.concurrency or CONCURRENCY)
            )
            try:
                self._poll_once(region, mapped, slot)
            except Exception:
                LOG.exception("polling %s for %s failed", mapped.source_arn, mapped.function)

    def _poll_once(self, region: Region, mapped: Mapped, slot: threading.Semaphore) -> None:
        queue = queues.find_queue(region.place, mapped.source_arn)
        while queue is not None and not self._ended.is_set() and slot.acquire(blocking=False):
            messages: list[Message] = []
            try:
                messages = self._gather(region, mapped, queue)
                if messages:
                    self._batches.submit(self._serve_batch, region, mapped, queue, messages, slot)
            except RuntimeError:  # closed meanwhile
                return
            finally:
                if not messages:
                    slot.release()
            if not messages:
                return

    def _gather(self, region: Region, mapped: Mapped, queue: Queue) -> list[Message]:
        """Receives one batch; with a window, waits for more until it is full or the window is over."""
        until = time.monotonic() + mapped.window
        messages: list[Message] = []
        while len(messages) < mapped.batch_size:
            wanted = min(RECEIVE, mapped.batch_size - len(messages))
            received = queues.receive(region.place, queue, wanted)
            messages += received
            if len(received) == wanted:
                continue
            if not messages or time.monotonic() >= until or self._ended.wait(POLL_SECONDS):
                break
        return messages

    def _serve_batch(
        self, region: Region, mapped: Mapped, queue: Queue, messages: list[Message], slot: threading.Semaphore
    ) -> None:
        said = "OK"
        try:
            for part, event in events_of(mapped, messages):
                if not self._serve_part(region, mapped, queue, part, event):
                    said = "PROBLEM: Function call failed"
                    if queue.fifo_queue:  # the later ones of a group wait for the earlier ones
                        break
        except LambdaError as error:
            LOG.warning("%s was not invoked for %s: %s", mapped.function, mapped.source_arn, error)
            said = f"PROBLEM: {error}"
        except Exception:
            LOG.exception("a batch of %s for %s was lost", mapped.source_arn, mapped.function)
            said = "PROBLEM: internal error"
        finally:
            slot.release()
        with self._store.lock:
            if mapped.uuid in region.mappings:
                region.mappings[mapped.uuid] = dataclasses.replace(
                    region.mappings[mapped.uuid], last_result=said
                )

    def _serve_part(
        self, region: Region, mapped: Mapped, queue: Queue, messages: list[Message], event: bytes
    ) -> bool:
        """Invokes the function once and deletes what it is done with; tells whether that is everything."""
        _, result = self._run(region, region.place.function_arn(mapped.function, mapped.qualifier), event)
        done = succeeded(mapped, messages, result)
        queues.delete(region.place, queue, done)
        return len(done) == len(messages)
