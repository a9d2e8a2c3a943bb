"""What people ruled on labels, and the rounds that ask them: order of a round, Label Studio JSON, agreement.

In go documents with the answers of models, out comes a list to label, disagreement first, then uncertainty times
reach. Rulings come back as Label Studio exports. Agreement of two raters is Cohen's kappa (1960). No file, no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from classify import codebook
from corpus.errors import InputError
from corpus.records import Label

EVIDENCE = "evidence"  # name of the spans in Label Studio; no scheme, its results are no rulings
# Further topics of an article: a question of its own, since a form that takes several answers does not keep their order,
# so that the primary one would be lost. Rulings on it name all of them with commas; no model learns from them.
SECONDARY = "secondary-topic"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that could be asked about.

    doubt: 1 minus the least probability of its primary labels; reach: articles its cluster or site stands for;
    disputed: rules and model, or two raters, differ; rules: what labelling functions answer, with their spans.
    """

    id: str
    url: str
    title: str
    text: str
    answers: tuple[tuple[str, str], ...]
    doubt: float
    reach: int = 1
    disputed: bool = False
    model: str = ""
    template: str = ""
    rules: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's answer for one scheme of one article. value: a code; of SECONDARY codes joined by commas."""

    article: str
    scheme: str
    value: str
    rater: str
    title: str = ""
    text: str = ""
    url: str = ""


def choose(candidates: Iterable[Candidate], size: int) -> tuple[Candidate, ...]:
    """Return the next round: disputed first, then doubt times reach, ties by id; the same round each time.

    Of the articles of one template a round has one: what is ruled on it says most of what the others could.
    """
    ranked = sorted(candidates, key=lambda c: (not c.disputed, -c.doubt * c.reach, c.id))
    seen: set[str] = set()
    chosen: list[Candidate] = []
    for candidate in ranked:
        if len(chosen) < size and candidate.template not in seen:
            chosen.append(candidate)
            seen |= {candidate.template} - {""}
    return tuple(chosen)


def to_label_studio(candidates: Sequence[Candidate]) -> list[dict[str, object]]:
    """Return tasks for Label Studio, with the answers of the model and of the rules, and their spans, as predictions."""
    return [
        {
            "data": {"id": c.id, "url": c.url, "title": c.title, "text": c.text},
            "predictions": [
                {
                    "model_version": c.model or "unknown",
                    "result": [
                        {"from_name": scheme, "to_name": "text", "type": "choices", "value": {"choices": [value]}}
                        for scheme, value in c.answers
                        if value in codebook.values(scheme)
                    ],
                },
                *_by_rules(c),
            ],
        }
        for c in candidates
    ]


def _by_rules(candidate: Candidate) -> list[dict[str, object]]:
    """Return what the rules that hold for a candidate predict, or nothing: the first one's choices, every one's words."""
    if not candidate.rules:
        return []
    first = {label.scheme: label.value for label in reversed(candidate.rules)}
    results: list[dict[str, object]] = [
        {"from_name": scheme, "to_name": "text", "type": "choices", "value": {"choices": [value]}}
        for scheme, value in first.items()
    ]
    results += [
        {
            "from_name": EVIDENCE, "to_name": "text", "type": "labels",
            "value": {"start": start, "end": end, "text": candidate.text[start:end], "labels": [label.scheme]},
            "meta": {"text": [f"{label.annotator}: {label.scheme}={label.value}"]},
        }
        for label in candidate.rules
        for start, end in label.evidence
    ]  # fmt: skip
    return [{"model_version": f"labelling/{candidate.rules[0].annotator.rpartition('/')[2]}", "result": results}]


def label_config() -> str:
    """Return the Label Studio configuration that asks for every scheme of the model."""
    parts = ["<View>", '  <Header value="$title"/>', f'  <Labels name="{EVIDENCE}" toName="text">']
    parts += [f'    <Label value="{scheme}"/>' for scheme in codebook.MODEL_SCHEMES]
    parts += ["  </Labels>", '  <Text name="text" value="$text"/>']
    for scheme in codebook.MODEL_SCHEMES:
        english, chinese = codebook.SCHEME_NAMES[scheme]
        parts += _question(scheme, f"{chinese} {english}", "single", codebook.values(scheme))
        if scheme == "topic":
            parts += _question(SECONDARY, "次要主题 Further topics", "multiple", codebook.values(scheme))
    return "\n".join([*parts, "</View>"])


def _question(name: str, heading: str, choice: str, values: Sequence[str]) -> list[str]:
    return [
        f'  <Header value="{heading}"/>',
        f'  <Choices name="{name}" toName="text" choice="{choice}" showInline="true">',
        *(f'    <Choice value="{value}"/>' for value in values),
        "  </Choices>",
    ]


def from_label_studio(tasks: object) -> tuple[Ruling, ...]:
    """Return the rulings of a Label Studio JSON export; cancelled annotations are left out.

    Raises InputError where it is no such export, names a scheme or code that the codebook does not know, or answers a
    question twice that has one answer; the message names the task.
    """
    if not isinstance(tasks, list):
        raise InputError("This is no Label Studio export: a list of tasks is expected (export as JSON).")
    found: list[Ruling] = []
    for number, task in enumerate(tasks, 1):
        data = task.get("data") if isinstance(task, Mapping) else None
        if not isinstance(data, Mapping) or not data.get("id"):
            raise InputError(f'Task {number} has no "data" with an "id": export the tasks that `cuishou label` wrote.')
        for annotation in _objects(task.get("annotations"), "annotations", number):
            if not annotation.get("was_cancelled"):
                found += _rulings(data, annotation, number)
    return tuple(found)


def _objects(value: object, name: str, number: int) -> list[Mapping[str, object]]:
    """Return the objects of a list, none for null. Raises InputError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise InputError(f'Task {number}: "{name}" is no list of objects: export as JSON, not as JSON-MIN or CSV.')
    return value


def _rulings(data: Mapping[str, object], annotation: Mapping[str, object], number: int) -> Iterable[Ruling]:
    answers: dict[str, list[str]] = {}
    for result in _objects(annotation.get("result"), "result", number):
        if result.get("type") == "labels":  # spans that rules showed: what they say is in the choices
            continue
        scheme, chosen = _chosen(result, number)
        answers.setdefault(scheme, []).extend(chosen)
    for scheme, chosen in answers.items():
        if scheme != SECONDARY and len(set(chosen)) > 1:
            raise InputError(
                f"Task {number}: {scheme} has {len(set(chosen))} answers, one is asked: further topics belong under {SECONDARY}."
            )
        if chosen:
            yield Ruling(
                str(data["id"]), scheme, ",".join(sorted(set(chosen))), _rater(annotation.get("completed_by")),
                str(data.get("title", "")), str(data.get("text", "")), str(data.get("url", "")),
            )  # fmt: skip


def _chosen(result: Mapping[str, object], number: int) -> tuple[str, list[str]]:
    scheme, value = result.get("from_name"), result.get("value")
    chosen = value.get("choices") if isinstance(value, Mapping) else None
    if not isinstance(scheme, str) or not isinstance(chosen, list) or not all(isinstance(c, str) for c in chosen):
        raise InputError(
            f'Task {number}: a result has no "from_name" or no list of "choices": see `cuishou label config`.'
        )
    for choice in chosen:
        if choice not in codebook.values("topic" if scheme == SECONDARY else scheme):
            raise InputError(f"Task {number}: {scheme!r} has no code {choice!r}: see docs/codebook.md.")
    return scheme, chosen


def _rater(person: object) -> str:
    if isinstance(person, Mapping):
        person = person.get("email") or person.get("id")
    return str(person or "").strip() or "unknown"


def kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Return Cohen's kappa of two raters' answers to the same questions, -1..1; 1.0 when both always say the same one.

    Raises ValueError for lists of different length or none.

    >>> round(kappa(["0", "1", "1", "2"], ["0", "1", "2", "2"]), 3)
    0.636
    """
    if not first or len(first) != len(second):
        raise ValueError("two raters need the same number of answers, at least one")
    size = len(first)
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / size
    counts, others = Counter(first), Counter(second)
    chance = sum(counts[code] * others[code] for code in counts) / size**2
    return 1.0 if chance == 1 else (seen - chance) / (1 - chance)


def agreement(rulings: Iterable[Ruling]) -> tuple[tuple[str, str, str, int, float], ...]:
    """Return (scheme, rater, rater, shared articles, kappa) of every pair of raters that share articles."""
    by_rater: dict[tuple[str, str], dict[str, str]] = {}
    for ruling in rulings:
        by_rater.setdefault((ruling.scheme, ruling.rater), {})[ruling.article] = ruling.value
    found = []
    for (scheme, rater), answers in sorted(by_rater.items()):
        for (other_scheme, other), theirs in sorted(by_rater.items()):
            shared = sorted(answers.keys() & theirs.keys())
            if scheme == other_scheme and rater < other and shared:
                score = kappa([answers[a] for a in shared], [theirs[a] for a in shared])
                found.append((scheme, rater, other, len(shared), score))
    return tuple(found)


def settled(rulings: Iterable[Ruling]) -> dict[str, dict[str, str]]:
    """Return {article: {scheme: value}} where raters agree by majority; ties are left out, to be asked again, and so are
    further topics.
    """
    votes: dict[tuple[str, str], Counter[str]] = {}
    for ruling in rulings:
        if ruling.scheme != SECONDARY:
            votes.setdefault((ruling.article, ruling.scheme), Counter())[ruling.value] += 1
    found: dict[str, dict[str, str]] = {}
    for (article, scheme), counted in votes.items():
        ranked = counted.most_common(2)
        if len(ranked) == 1 or ranked[0][1] > ranked[1][1]:
            found.setdefault(article, {})[scheme] = ranked[0][0]
    return found
