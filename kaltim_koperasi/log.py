"""Ties lines of the log to the request that wrote them. Imported before the apps are; imports none of them."""

import logging
from contextvars import ContextVar

# The number of the request that is being answered, or "-" outside of one.
running = ContextVar("request_id", default="-")


class RequestIdInLog(logging.Filter):
    """Puts the number of the running request on each log record as `request_id`."""

    def filter(self, record):
        record.request_id = running.get()
        return True
