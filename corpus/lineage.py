"""Articles of one cluster in; which of them stands for it, where it seems to come from, and how it spread, out.

What a page claims and what was seen are kept apart: a claimed date is an assertion of the page, a capture is ours. A
claim is credible if the page does not contradict itself, the date is not later than our first capture, and the page is
no spam, since content farms date back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SPAM = 2  # spam level from which a page is not believed; the levels are those of the codebook
LEAST_CONFIDENCE = 0.5  # of a claimed date
SLACK = timedelta(days=1)  # a page may be dated in a time zone ahead of the capture's
_CHINA = timedelta(hours=8)  # dates without a zone are taken as China Standard Time
_FORMS = (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m", timedelta(days=31)), ("%Y", timedelta(days=366)))
REASONS: dict[str, tuple[str, str]] = {
    "named": ("the other copies name its site as their source", "其他副本注明来源为该网站"),
    "dated": ("earliest credible date, a day or more before the next", "可信日期最早，比其余早一天以上"),
    "captured": (
        "captured a day or more before any other copy; no credible date",
        "抓取最早，比其余早一天以上；无可信日期",
    ),
    "": ("the dates do not tell", "无法由日期判断"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """What lineage needs of one article. published: ISO 8601 as long as known, "" if unknown; first_captured: UTC."""

    id: str
    site: str
    published: str
    confidence: float  # 0..1, of the claimed date
    conflict: bool  # credible candidates for the date disagree
    first_captured: str
    length: int  # characters
    spam: int  # level, 0 to 3
    source_name: str = ""  # the medium named as source on the page


@dataclass(frozen=True, slots=True)
class Lineage:
    """canonical: article that stands for the cluster. source: likely origin, "" if it cannot be told, and why.
    first_captured, first_published: earliest of each, whoever's; the latter of credible claims only."""

    canonical: str
    source: str
    reason: str  # a key of REASONS
    first_captured: str
    first_published: str
    sites: int


def lineage(members: Sequence[Member]) -> Lineage:
    """Return the lineage of a cluster of one article or more; the order of members makes no difference."""
    ranked = sorted(members, key=_rank)
    source, reason = _source(ranked)
    claims = [(claimed(each), each.published) for each in members if credible(each)]
    return Lineage(
        canonical=ranked[0].id,
        source=source,
        reason=reason,
        first_captured=min(each.first_captured for each in members),
        first_published=min(claims)[1] if claims else "",
        sites=len({each.site for each in members}),
    )


def _rank(member: Member) -> tuple[bool, str, bool, int, str]:
    """Earliest credible date, then not spam, then longest; those without such a date by first capture, after it."""
    believed = credible(member)
    date = claimed(member) if believed else member.first_captured
    return not believed, date, member.spam >= SPAM, -member.length, member.id


def _source(ranked: Sequence[Member]) -> tuple[str, str]:
    sites = {each.site for each in ranked}
    if len(sites) < 2:
        return "", ""
    named = _named(ranked)
    if named:
        return named, "named"
    first, rest = ranked[0], [each for each in ranked if each.site != ranked[0].site]
    if credible(first):
        others = [claimed(each) if credible(each) else each.first_captured for each in rest]
        return (first.id, "dated") if _day_before(claimed(first), min(others)) else ("", "")
    if first.spam < SPAM and _day_before(first.first_captured, min(each.first_captured for each in rest)):
        return first.id, "captured"
    return "", ""


def _named(ranked: Sequence[Member]) -> str:
    """The first member whose site, by its domain or its first label, at least half as many pages of other sites name as
    there are sites; "" if there is none. In linear time: a cluster may hold ten thousand pages."""
    sites = {each.site for each in ranked}
    saying = Counter((each.source_name.strip().lower(), each.site) for each in ranked if each.source_name.strip())
    everywhere: Counter[str] = Counter()
    for (name, _), count in saying.items():
        everywhere[name] += count
    if not everywhere:
        return ""
    for each in ranked:
        label = each.site.split(".")[0].lower()
        names = {each.site.lower(), label} if len(label) > 2 else {each.site.lower()}
        if sum(everywhere[name] - saying[name, each.site] for name in names) * 2 >= len(sites):
            return each.id
    return ""


def credible(member: Member) -> bool:
    """Return whether the claimed date may be believed."""
    if not member.published or member.conflict or member.confidence < LEAST_CONFIDENCE or member.spam >= SPAM:
        return False
    latest = claimed(member)
    captured = _instant(member.first_captured)
    earliest = _instant(_padded(member.published))
    return bool(latest) and earliest is not None and captured is not None and earliest <= captured + SLACK


def claimed(member: Member) -> str:
    """Return the last moment that the claimed date can mean, UTC, so that a vague date does not win; "" if it is none."""
    value = member.published
    for form, span in _FORMS:
        try:
            start = datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        try:
            return _written(start - _CHINA + span - timedelta(seconds=1))
        except OverflowError:  # the first or last days that can be written
            return ""
    moment = _instant(value)
    return _written(moment) if moment else ""


def _padded(value: str) -> str:
    return value + "0000-01-01"[len(value) :] if len(value) < 10 else value


def _instant(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC) - _CHINA
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _day_before(earlier: str, later: str) -> bool:
    first, second = _instant(earlier), _instant(later)
    return first is not None and second is not None and second - first >= SLACK
