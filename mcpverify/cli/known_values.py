"""What a shell may offer after options whose values are known. Imports wait until it asks."""


def formats() -> list[str]:
    from mcpverify.reporters import FORMATS

    return list(FORMATS)


def revisions() -> list[str]:
    from mcpverify.facts.revision import Revision

    return [revision.value for revision in Revision]


def checks(incomplete: str) -> list[str]:
    """Ids for `--only ID,...`: what stands before the last comma is kept."""
    from mcpverify.checks import check_ids

    before, comma, _ = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{each}" for each in check_ids() if each not in taken]


def signals() -> list[str]:
    from mcpverify.facts.trial_plan import SIGNALS

    return list(SIGNALS)
