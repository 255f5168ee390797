"""What `mcpverify explain` prints, and the documents with it: written here and in the checks, once.

Checks and points bring their text along, as the docstring of their file. Each other kind of thing
has a module with a text for every member of its enum.
"""

from functools import cache

from mcpverify.cli.explanations.checks import check_topics
from mcpverify.cli.explanations.drift import drift_topics
from mcpverify.cli.explanations.exits import exit_topics
from mcpverify.cli.explanations.points import point_topics
from mcpverify.cli.explanations.shutdowns import shutdown_topics
from mcpverify.cli.explanations.situations import situation_topics
from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.cli.explanations.verdicts import outcome_topics, verdict_topics


@cache
def all_topics() -> tuple[Topic, ...]:
    """Everything that can be explained, kind by kind."""
    return (
        *check_topics(),
        *outcome_topics(),
        *drift_topics(),
        *verdict_topics(),
        *situation_topics(),
        *point_topics(),
        *shutdown_topics(),
        *exit_topics(),
    )


@cache
def listed_names() -> dict[Topic, str]:
    """The name under which each topic is listed: its id where that is clear, or the full name."""
    ids = [topic.id for topic in all_topics()]
    return {
        topic: topic.full_name if topic.kind is Kind.EXIT or ids.count(topic.id) > 1 else topic.id
        for topic in all_topics()
    }


def found(asked: str) -> tuple[Topic, ...]:
    """The topics that `asked` names: more than one where one word is several things.

    It may be an id, a full name (exit-3), or the second line of a report, or how that begins.
    """
    word = _plain(asked)
    return tuple(topic for topic in all_topics() if word in _names(topic) or _begins(topic, word))


def _begins(topic: Topic, word: str) -> bool:
    return bool(topic.headline) and word.startswith(_plain(topic.headline))


def nearest(asked: str) -> tuple[str, ...]:
    """The listed names that look most like `asked`; none where nothing does."""
    import difflib

    spelled = {name: listed for topic, listed in listed_names().items() for name in _names(topic)}
    near = difflib.get_close_matches(_plain(asked), spelled, n=6)
    return tuple(dict.fromkeys(spelled[each] for each in near))[:3]


def _names(topic: Topic) -> set[str]:
    """All that it is called, NOT DEPLOYED for a longer headline, too."""
    meaning, _, _ = topic.headline.partition(":")
    return {topic.id, topic.full_name, _plain(topic.headline), _plain(meaning)} - {""}


def _plain(text: str) -> str:
    words = text.casefold().replace("_", " ").replace("-", " ").split()
    return "-".join(words).replace("exit-code-", "exit-")
