"""GitHub: a workflow for the pull requests and one for the deploys of each server."""

from collections.abc import Iterator

from mcpverify.errors import UsageError
from mcpverify.forges.recipe import JobFile, Recipe, Served


def job_files(server: Served) -> Iterator[JobFile]:
    """The workflows of `server`: that of which a value is not known is left out.

    Raises UsageError for a variable that cannot be a secret here.
    """
    for name in server.variables:
        if name.upper().startswith("GITHUB_"):
            raise UsageError(
                f"{name} cannot be the name of a secret: GitHub keeps GITHUB_ for itself",
                "Name the variable otherwise.",
            )
    # GitHub lists workflows by name and cancels by group: each server has its own.
    if server.command:
        recipe = Recipe.of("github/pull-request.yml").serving(server)
        yield _workflow("contract", recipe, server)
    if server.url:
        recipe = Recipe.of("github/deploy.yml").serving(server)
        yield _workflow("deploy", recipe, server)


def _workflow(name: str, recipe: Recipe, server: Served) -> JobFile:
    if not server.alone:
        recipe = recipe.replaced(
            (f"name: {name}\n", f"name: {name} {server.slug}\n"),
            ("group: contract-", f"group: contract-{server.slug}-"),
            ("group: deploy-production\n", f"group: deploy-production-{server.slug}\n"),
        )
    return recipe.file(f".github/workflows/{name}-{server.slug}.yml", server)
