"""The emulator makes in minutes what took months: moves the times in recordings to where they belong."""
import base64
import datetime
import json
import re

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?=Z|\+00:00)")
CONTENT = re.compile(r'(?<="Content": ")[A-Za-z0-9+/]{40,}={0,2}(?=")')
DAY = datetime.timedelta(days=1)
# What was there at the first stage is this old, from and until; what a later stage added is of the days before it.
OLD, NEW = (600 * DAY, 450 * DAY), (10 * DAY, DAY)


class Timeline:
    """begun: when building each stage began, and at last when everything was done. What has a time before the first or after the last is meant as it is."""

    def __init__(self, begun, weeks_ago, now):
        self.spans = []
        for number, (weeks, start, end) in enumerate(zip(weeks_ago, begun, begun[1:])):
            since, until = NEW if number else OLD
            reached = now - weeks * 7 * DAY
            self.spans.append((start, end, reached - since, (since - until) / (end - start)))

    def moved(self, text):
        """The text of a recording, and the documents in base64 that it holds."""
        return CONTENT.sub(lambda found: self._document(found[0]), TIME.sub(self._time, text))

    def _document(self, encoded):
        return base64.b64encode(TIME.sub(self._time, base64.b64decode(encoded).decode()).encode()).decode()

    def _time(self, found):
        # One moment is told with and without its fraction: without, it is one after it was moved, too.
        time = datetime.datetime.fromisoformat(found[0].partition(".")[0]).replace(tzinfo=datetime.timezone.utc)
        for start, end, moved, factor in self.spans:
            if start <= time < end:
                return (moved + (time - start) * factor).strftime("%Y-%m-%dT%H:%M:%S")
        return found[0]


def key(call):
    """Tells calls apart."""
    return f"{call['operation']} {json.dumps(call.get('parameters', {}), sort_keys=True)}"
