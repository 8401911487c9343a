"""Ties lines of the log to the request that wrote them. Imported before the apps are; imports none of them."""

import logging
from contextvars import ContextVar

# The number of the request that is being answered, or "-" outside of one.
running = ContextVar("request_id", default="-")


class RequestIdInLog(logging.Filter):
    """Puts the number of the running request on each log record as `request_id`."""

    def filter(self, record):
        # Django logs a refused request after the middleware is through with it, and says which it was.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or running.get()
        return True
