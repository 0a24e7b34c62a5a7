"""Moves the times in recordings, because the emulator creates in minutes what is to look months old."""
import base64
import datetime
import json
import re

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?=Z|\+00:00)")
CONTENT = re.compile(r'(?<="Content": ")[A-Za-z0-9+/]{40,}={0,2}(?=")')
DAY = datetime.timedelta(days=1)
# The age of resources of the first stage, from and until; resources of a later stage are from the days before it.
OLD, NEW = (600 * DAY, 450 * DAY), (10 * DAY, DAY)


class Timeline:
    """begun: the start of building each stage, and finally the end. Times before the first or after the last are not changed."""

    def __init__(self, begun, weeks_ago, now):
        self.spans = []
        for number, (weeks, start, end) in enumerate(zip(weeks_ago, begun, begun[1:])):
            since, until = NEW if number else OLD
            reached = now - weeks * 7 * DAY
            self.spans.append((start, end, reached - since, (since - until) / (end - start)))

    def moved(self, text):
        """The text of a recording, including its base64 documents."""
        return CONTENT.sub(lambda found: self._document(found[0]), TIME.sub(self._time, text))

    def _document(self, encoded):
        return base64.b64encode(TIME.sub(self._time, base64.b64decode(encoded).decode()).encode()).decode()

    def _time(self, found):
        # The same time may occur with and without its fraction, and must stay equal after the move.
        time = datetime.datetime.fromisoformat(found[0].partition(".")[0]).replace(tzinfo=datetime.timezone.utc)
        for start, end, moved, factor in self.spans:
            if start <= time < end:
                return (moved + (time - start) * factor).strftime("%Y-%m-%dT%H:%M:%S")
        return found[0]


def key(call):
    """The key of a call."""
    return f"{call['operation']} {json.dumps(call.get('parameters', {}), sort_keys=True)}"
