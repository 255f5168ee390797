"""GitLab: the pipeline of one server, or for one that is there already, jobs to include."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mcpverify.forges.recipe import JobFile, Recipe, Served

PIPELINE = ".gitlab-ci.yml"
_PRODUCTION = "production.gitlab-ci.yml"
# What holds for a whole pipeline is its owner's to say, so each job says it for itself.
_OF_THE_WHOLE = ("stages", "workflow", "variables", "default")
_JOBS = ("snapshot", "contract", "production")
_BASE = """\
{name}:
  image: python:3.13  # not slim: that one has no git
  variables:
    GIT_DEPTH: "0"  # all branches and tags: what a release is compared with lies in the history
"""


def pipeline_files(server: Served) -> Iterator[JobFile]:
    """The recipe as it stands, where there is no pipeline yet."""
    pipeline = _known_jobs(server).file(PIPELINE, server)
    if server.url:
        yield replace(pipeline, about=(*pipeline.about, f"include: {_PRODUCTION}"))
        yield _production(server).file(_PRODUCTION, server)
    else:
        yield pipeline


def included_files(server: Served) -> Iterator[JobFile]:
    """The same jobs in files of their own, for a pipeline to include."""
    production = f"production-{server.slug}.gitlab-ci.yml"
    base = f".mcpverify-{server.slug}"
    recipe = _known_jobs(server).without(*_OF_THE_WHOLE).replaced(
        # GitLab has these stages by itself.
        ("  stage: review\n", f"  stage: test\n  extends: {base}\n"),
        ("  stage: production\n", "  stage: deploy\n"),
        (f"include: {_PRODUCTION}\n", f"include: {production}\n"),
        (_PRODUCTION, production),
    ).renamed(f"-{server.slug}", *_JOBS)  # fmt: skip
    with_base = Recipe(f"{recipe.text}\n{_BASE.format(name=base)}")
    yield with_base.file(included_path(server), server)
    if server.url:
        yield _production(server).file(production, server)


def including(servers: Iterable[Served]) -> JobFile:
    """The pipeline that includes the jobs of several servers, where there was none."""
    lines = "".join(f"  - local: {included_path(server)}\n" for server in servers)
    workflow = Recipe.of(f"gitlab/{PIPELINE}").only("workflow")
    return JobFile(PIPELINE, f"include:\n{lines}\n{workflow.text}")


def included_path(server: Served) -> str:
    return f"mcpverify-{server.slug}.gitlab-ci.yml"


def _known_jobs(server: Served) -> Recipe:
    """The jobs for which `server` has what they need."""
    recipe = Recipe.of(f"gitlab/{PIPELINE}").serving(server)
    unknown = (("snapshot",) if not server.command else ()) + (
        () if server.url else ("production",)
    )
    recipe = recipe.without(*unknown)
    if server.alone:
        return recipe
    return recipe.replaced(
        ("resource_group: production\n", f"resource_group: production-{server.slug}\n"),
        ("<!-- mcpverify -->", f"<!-- mcpverify: {server.slug} -->"),
    )


def _production(server: Served) -> Recipe:
    return Recipe.of(f"gitlab/{_PRODUCTION}").serving(server)
