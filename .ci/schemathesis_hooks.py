"""What a generator cannot guess: cursors that the server gave, a comment to reply to, a version, dates in order."""

import ast
import itertools
import threading
from urllib.parse import parse_qs, urlsplit

import schemathesis

# Operation -> the cursor of its next page and the sort that the cursor belongs to.
_cursors: dict[str, tuple[str, str | None]] = {}
_lock = threading.Lock()
# CPython 3.11 counts the depth of all threads' syntax trees together, and fails now and then (python/cpython#106905).
_parsing, _parse = threading.RLock(), ast.parse


def _parse_alone(*args, **kwargs):
    with _parsing:
        return _parse(*args, **kwargs)


ast.parse = _parse_alone

# A key that comes twice, with another request, is refused.
_keys = itertools.count()

# Names that no generator can guess.
_KNOWN = {"style": "apa", "locale": "de-DE"}

# Where `q` has to have a word in it.
_SEARCHES = {
    "GET /v1/articles",
    "GET /v1/search",
    "GET /v1/studies",
    "GET /v1/studies/{key}/articles",
    "GET /v1/styles",
}


@schemathesis.deserializer(
    "application/atom+xml",
    "application/jats+xml",
    "application/rss+xml",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/xml",
    "text/event-stream",
    "text/html",
    "text/markdown",
)
def _text(context, response):
    """Formats that the document says no more of than that they are texts."""
    return response.text


@schemathesis.serializer(
    "application/nbib",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/jsonl",
    "application/x-ndjson",
)
def _file(context, value):
    """A file is sent as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    """A request meant to be right carries a real cursor or none, and now and then a version that fits.

    Requests meant to be wrong, and those of the coverage phase's headers, go out as they were generated: so 400 for
    a made-up cursor and 412 for a stale version are met as well.
    """
    if case.operation.label == "GET /v1/events" and isinstance(case.query, dict):
        # It would go on and on.
        case.query.setdefault("wait", 0)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.operation.label == "GET /v1/events":
        # Nobody can guess how far the change log goes.
        for given in (case.query, case.headers):
            for name in ("last_event_id", "Last-Event-ID"):
                if name in given:
                    given[name] = "0"
    if isinstance(case.query, dict) and "ids" in case.query:
        # They have an order of their own, on one page.
        for name in ("limit", "sort", "cursor", "view"):
            case.query.pop(name, None)
    if isinstance(case.query, dict):
        # A range that ends before it begins is refused, which no schema can say.
        for begin, end in (
            ("year_from", "year_to"),
            ("published_after", "published_before"),
            ("updated_after", "updated_before"),
            ("created_after", "created_before"),
        ):
            if begin in case.query:
                case.query.pop(end, None)
    if isinstance(case.query, dict) and "sort" in case.query:
        # A key that is given twice is refused, whichever way it is sorted; the pattern cannot say it.
        given = case.query["sort"]
        keys = {str(key).lstrip("-"): str(key) for key in (given if isinstance(given, list) else str(given).split(","))}
        case.query["sort"] = list(keys.values()) if isinstance(given, list) else ",".join(keys.values())
    if isinstance(case.query, dict) and "cursor" in case.query:
        with _lock:
            known = _cursors.get(case.operation.label)
        if known is None:
            del case.query["cursor"]
        else:
            case.query["cursor"], sort = known
            if sort is None:
                case.query.pop("sort", None)
            else:
                case.query["sort"] = sort
    if isinstance(case.query, dict):
        for name, known in _KNOWN.items():
            if name in case.query:
                case.query[name] = known
        if case.operation.label in _SEARCHES and "q" in case.query:
            # No pattern can say that there must be a word in it, and how many and how long a beginning at least.
            case.query["q"] = "pores " + str(case.query["q"])[:20].replace("*", "")
    if isinstance(case.body, dict) and "parent_id" in case.body:
        # A reply needs a comment of that article, and no id that is made up is one.
        case.body["parent_id"] = None
    if isinstance(case.body, dict) and isinstance(case.body.get("csl"), dict):
        _possible_dates(case.body["csl"])
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"key-{next(_keys)}"
    if case.meta.phase.name.value == "stateful" and isinstance(case.query, dict):
        # What is only tried cannot be found afterwards.
        case.query.pop("dry_run", None)
    if "If-Match" in case.headers:
        # Where the generator fills a header in without a look at its pattern, it is no tag at all.
        is_tag = case.headers["If-Match"].startswith(("*", '"'))
        if case.meta.phase.name.value != "coverage" or not is_tag:
            case.headers["If-Match"] = "*"


@schemathesis.hook
def after_call(context, case, response):
    """Remembers the cursor of the next page, for the same list."""
    if case.query and response.status_code == 200:
        try:
            answer = response.json()
            address = answer["page"]["next"] or answer.get("next_sync")
        except (ValueError, TypeError, KeyError):
            return
        if isinstance(address, str):
            query = parse_qs(urlsplit(address).query)
            with _lock:
                _cursors[case.operation.label] = (query["cursor"][0], query.get("sort", [None])[0])


_DATES = ("accessed", "available-date", "event-date", "issued", "original-date", "submitted")


def _possible_dates(record):
    """What no JSON Schema can say of dates: a range does not run backwards, and a changed date still tells when."""
    for name in _DATES:
        date = record.get(name)
        if not isinstance(date, dict):
            continue
        parts = date.get("date-parts")
        if isinstance(parts, list) and len(parts) == 2:
            parts.sort(key=lambda day: [int(part) for part in day])
        if all(date.get(member) is None for member in ("date-parts", "literal", "raw")):
            date["literal"] = "undated"
