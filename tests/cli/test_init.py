"""`init`: first snapshots and CI jobs, from the recipes themselves, over no file that is there."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Mcpverify
from tests.repositories import git
from tests.running import Run
from tests.servers import echoes_credentials, fails_listing, honest, is_no_mcp_server, stdio
from tests.servers.dialog import tool

CHECKOUT = Path(__file__).parents[2]
RECIPES = CHECKOUT / "recipes"
GITHUB = "https://github.com/example-org/weather.git"
GITLAB = "git@gitlab.example.com:example-org/weather.git"
NOBODY = "http://127.0.0.1:9/mcp"
TOKEN = "t0ken-of-production-7f2c"
_SCHEMAS = {
    ".github": ("vendor.github-workflows",),
    "": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository without a remote, which is where init runs."""
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / ".git" / "info" / "exclude").write_text("home/\n")
    return tmp_path


def hosted(repository: Path, remote: str) -> None:
    git("remote", "add", "origin", remote, cwd=repository)


def files_in(repository: Path) -> dict[str, bytes]:
    """All files of the work tree, by path."""
    listed = git("ls-files", "-co", "--exclude-standard", "-z", cwd=repository)
    return {path: (repository / path).read_bytes() for path in listed.split("\0") if path}


def jobs_in(repository: Path, *paths: str) -> dict[str, Any]:
    """Job files as YAML, once the schema of their forge has taken them."""
    schema = _SCHEMAS[".github" if paths[0].startswith(".github") else ""]
    checker = Path(sys.executable).parent / "check-jsonschema"
    done = subprocess.run(
        [checker, "--builtin-schema", *schema, *paths],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    return {path: yaml.safe_load((repository / path).read_bytes()) for path in paths}


def job(repository: Path, path: str) -> Any:
    return jobs_in(repository, path)[path]


def told(run: Run, word: str) -> list[str]:
    """What stands behind `word` in the margin, each without its line breaks."""
    found = re.findall(rf"(?m)^{word} +(\S.*(?:\n {{10}}.*)*)", run.stdout)
    return [" ".join(text.replace("\\\n", " ").split()) for text in found]


def test_a_deployed_server_gets_its_snapshot_and_the_recipe(
    mcpverify: Mcpverify, repository: Path
) -> None:
    hosted(repository, GITHUB)
    with honest.serve(name="Weather") as server:
        run = mcpverify("init", server.url, "--bearer-env", "W_TOKEN", env={"W_TOKEN": TOKEN})
        (check,) = told(run, "check")
        passed = mcpverify(*shlex.split(check)[1:], "--strict", env={"W_TOKEN": TOKEN, "CI": "1"})

        recipe = (RECIPES / "github" / "deploy.yml").read_text(encoding="utf-8")
        for example, value in (
            ("https://mcp.example.com/mcp", server.url),
            ("MCP_TOKEN", "W_TOKEN"),
        ):
            assert example in recipe
            recipe = recipe.replace(example, value)
    assert (run.code, run.stderr) == (0, "")
    workflow = ".github/workflows/deploy-weather.yml"
    assert set(files_in(repository)) == {"snapshots/weather.json", workflow}
    assert (repository / workflow).read_text(encoding="utf-8") == recipe
    assert job(repository, workflow)["jobs"]
    assert told(run, "commit") == [f"git add snapshots/weather.json {workflow}"]
    assert told(run, "secret") == ["gh secret set W_TOKEN"]
    assert told(run, "edit")[0].startswith("./deploy.sh is yours: it brings the commit it is given")
    assert "the name of the server" not in run.words
    assert passed.code == 0, passed.output


def test_a_command_gets_its_snapshot_and_the_recipe_for_pull_requests(
    mcpverify: Mcpverify, repository: Path
) -> None:
    hosted(repository, GITHUB)
    command = stdio.command("honest", "tools=a,b")
    run = mcpverify("init", "--", *command)
    (check,) = told(run, "check")
    passed = mcpverify(*shlex.split(check)[1:], env={"CI": "1"})

    workflow = ".github/workflows/contract-honest.yml"
    assert run.code == 0, run.output
    assert set(files_in(repository)) == {"snapshots/honest.json", workflow}
    recipe = (RECIPES / "github" / "pull-request.yml").read_text(encoding="utf-8")
    recipe = recipe.replace("snapshots/weather.json", "snapshots/honest.json")
    recipe = recipe.replace("python -m weather_server", " ".join(command))
    assert (repository / workflow).read_text(encoding="utf-8") == recipe
    assert job(repository, workflow)["jobs"]
    assert passed.code == 0, passed.output


def test_a_command_and_what_it_is_deployed_to_share_a_snapshot(
    mcpverify: Mcpverify, repository: Path
) -> None:
    hosted(repository, GITHUB)
    with honest.serve(name="in production", tools=[tool("a")]) as server:
        url = server.url
        run = mcpverify("init", url, "--", *stdio.command("honest", "tools=a,b"))

    assert run.code == 0, run.output
    snapshot = json.loads((repository / "snapshots/honest.json").read_text())
    assert [each["name"] for each in snapshot["tools"]] == ["a", "b"]
    assert set(files_in(repository)) == {
        "snapshots/honest.json",
        ".github/workflows/contract-honest.yml",
        ".github/workflows/deploy-honest.yml",
    }
    assert "snapshots/honest.json" in (
        repository / ".github/workflows/deploy-honest.yml"
    ).read_text(encoding="utf-8")
    assert told(run, "mind") == [f"{url} does not serve what the command serves: deploy it first"]


def test_a_command_that_is_deployed_twice_has_one_snapshot_and_a_deploy_job_for_each(
    mcpverify: Mcpverify, repository: Path
) -> None:
    hosted(repository, GITHUB)
    tools = [tool("a")]
    with honest.serve(tools=tools) as staging, honest.serve(tools=tools) as production:
        urls = (staging.url, production.url)
        run = mcpverify("init", *urls, "--", *stdio.command("honest", "tools=a"))

    written = files_in(repository)
    contract, first, second = sorted(path for path in written if path.endswith(".yml"))
    assert run.code == 0, run.output
    assert [path for path in written if path.endswith(".json")] == ["snapshots/honest.json"]
    assert contract == ".github/workflows/contract-honest.yml"
    documents = jobs_in(repository, contract, first, second)
    groups = [each["concurrency"]["group"] for each in documents.values()]
    assert groups[0].startswith("contract-honest-${{")
    assert len(set(groups)) == 3
    for url in urls:
        assert len([path for path in (first, second) if url.encode() in written[path]]) == 1


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_run_again_it_changes_nothing_and_says_so(
    mcpverify: Mcpverify, repository: Path, forge: str
) -> None:
    command = stdio.command("honest", "tools=add,subtract")
    with honest.serve() as server:
        arguments = ("init", server.url, "--forge", forge, "--", *command)
        first = mcpverify(*arguments)
        before = files_in(repository)
        again = mcpverify(*arguments)

    assert first.code == again.code == 0
    assert len(before) == 3
    assert files_in(repository) == before
    assert "Nothing was written: all of it was there before." in again.stdout
    assert told(again, "commit") == told(again, "edit") == []
    assert told(again, "check") == told(first, "check")


def test_what_is_there_is_kept_and_what_is_missing_is_written(
    mcpverify: Mcpverify, repository: Path
) -> None:
    workflow = repository / ".github/workflows/deploy-honest.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\n")
    (repository / ".github/CODEOWNERS").write_text("")
    with honest.serve() as server:
        url = server.url
        first = mcpverify("init", url)
        assert workflow.read_text() == "on: push\n"
        assert f"it says nothing of snapshots/honest.json or {url}" in first.words
        workflow.unlink()
        before = (repository / "snapshots/honest.json").read_bytes()
        second = mcpverify("init", url)

    assert first.code == second.code == 0
    assert (repository / "snapshots/honest.json").read_bytes() == before
    assert url in workflow.read_text()
    assert told(second, "kept") == ["snapshots/honest.json: it is up to date"]
    assert told(second, "commit") == [
        "git add snapshots/honest.json .github/workflows/deploy-honest.yml"
    ]


def test_a_snapshot_that_differs_is_kept_and_told(mcpverify: Mcpverify, repository: Path) -> None:
    with honest.serve(tools=[tool("old")]) as server:
        assert mcpverify("init", server.url).code == 0
    before = files_in(repository)
    with honest.serve(tools=[tool("new")]) as server:
        run = mcpverify("init", server.url)
        (check,) = told(run, "check")
        compared = mcpverify(*shlex.split(check)[1:])

    assert run.code == 0
    assert files_in(repository) == before
    assert "it differs from what the server lists" in run.words
    assert compared.code == 1


@pytest.mark.parametrize(
    ("remotes", "files", "written"),
    [
        ([GITHUB], (), "github"),
        (["ssh://git@GitHub.com/a/b"], (), "github"),
        (["https://name:secret@github.example.com:8443/a/b"], (), "github"),
        ([GITLAB], (), "gitlab"),
        (["https://gitlab.com/a/b.git"], (), "gitlab"),
        ([], (".github/CODEOWNERS",), "github"),
        ([], (".gitlab-ci.yml",), "gitlab"),
        ([GITLAB], (".github/CODEOWNERS",), "github"),
        ([GITHUB], (".github/CODEOWNERS", ".gitlab-ci.yml"), "github"),
        ([], (), None),
        (["/srv/github.com/weather.git"], (), None),
        (["https://git.example.com/gitlab/weather"], (), None),
        ([GITHUB, GITLAB], (), None),
        ([], (".github/CODEOWNERS", ".gitlab-ci.yml"), None),
    ],
)
def test_the_forge_is_the_one_that_files_or_else_remotes_tell(
    mcpverify: Mcpverify,
    repository: Path,
    remotes: list[str],
    files: tuple[str, ...],
    written: str | None,
) -> None:
    for number, url in enumerate(remotes):
        git("remote", "add", f"r{number}", url, cwd=repository)
    for path in files:
        (repository / path).parent.mkdir(exist_ok=True)
        (repository / path).write_text("build: {script: make}\n" if "yml" in path else "")
    with honest.serve() as server:
        run = mcpverify("init", server.url)

    found = {
        "github": any(path.startswith(".github/workflows/") for path in files_in(repository)),
        "gitlab": any("production" in path for path in files_in(repository)),
    }
    assert run.code == 0, run.output
    assert found == {forge: forge == written for forge in ("github", "gitlab")}
    assert ("--forge github or --forge gitlab" in run.words) is (written is None)
    assert "secret" not in run.output
    assert (repository / "snapshots/honest.json").exists()


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_forge_can_be_chosen(mcpverify: Mcpverify, tmp_path: Path, forge: str) -> None:
    with honest.serve() as server:
        run = mcpverify("init", server.url, "--forge", forge)

    assert run.code == 0, run.output
    assert (tmp_path / ".github").exists() is (forge == "github")
    assert (tmp_path / ".gitlab-ci.yml").exists() is (forge == "gitlab")


def test_where_there_is_no_pipeline_gitlab_gets_the_recipe(
    mcpverify: Mcpverify, repository: Path
) -> None:
    hosted(repository, GITLAB)
    command = stdio.command("honest", "tools=add,subtract")
    with honest.serve() as server:
        url = server.url
        arguments = (url, "--bearer-env", "W_TOKEN", "--", *command)
        run = mcpverify("init", *arguments, env={"W_TOKEN": TOKEN})

    assert run.code == 0, run.output
    for name in (".gitlab-ci.yml", "production.gitlab-ci.yml"):
        recipe = (RECIPES / "gitlab" / name).read_text(encoding="utf-8")
        for example, value in (
            ("https://mcp.example.com/mcp", url),
            ("snapshots/weather.json", "snapshots/honest.json"),
            ("python -m weather_server", " ".join(command)),
            ("MCP_TOKEN", "W_TOKEN"),
        ):
            recipe = recipe.replace(example, value)
        assert (repository / name).read_text(encoding="utf-8") == recipe
        assert job(repository, name)
    assert told(run, "secret") == ["W_TOKEN: Settings > CI/CD > Variables, masked and protected"]


@pytest.mark.parametrize(
    ("url", "jobs"), [(True, {"contract", "production"}), (False, {"contract", "snapshot"})]
)
def test_gitlab_gets_only_jobs_for_which_all_is_known(
    mcpverify: Mcpverify, repository: Path, url: bool, jobs: set[str]
) -> None:
    with honest.serve() as server:
        target = (server.url,) if url else ("--", *stdio.command("honest", "tools=a"))
        run = mcpverify("init", "--forge", "gitlab", *target)

    pipeline = job(repository, ".gitlab-ci.yml")
    assert run.code == 0
    assert set(pipeline) - {"stages", "workflow", "variables", "default"} == jobs
    assert (repository / "production.gitlab-ci.yml").exists() is url
    text = (repository / ".gitlab-ci.yml").read_text(encoding="utf-8")
    assert not re.search(r"weather|mcp\.example|MCP_TOKEN", text)


def test_a_pipeline_that_is_there_is_not_touched_but_included(
    mcpverify: Mcpverify, repository: Path
) -> None:
    pipeline = repository / ".gitlab-ci.yml"
    pipeline.write_text("build: {script: make}\n")
    command = stdio.command("honest", "tools=add,subtract")
    with honest.serve() as server:
        run = mcpverify("init", server.url, "--", *command)
        assert pipeline.read_text() == "build: {script: make}\n"
        include = re.search(r"include:\n( +- local: \S+\n)", run.stdout)
        assert include is not None
        pipeline.write_text(f"build: {{script: make}}\ninclude:\n{include[1]}")
        assert yaml.safe_load(pipeline.read_text())["include"]
        again = mcpverify("init", server.url, "--", *command)

    added = job(repository, "mcpverify-honest.gitlab-ci.yml")
    assert run.code == again.code == 0
    assert set(added) == {
        "contract-honest",
        "snapshot-honest",
        "production-honest",
        ".mcpverify-honest",
    }, "what holds for the whole pipeline is its owner's to say"
    assert {each.get("stage") for each in added.values()} == {"test", "deploy", None}
    production = added["production-honest"]["trigger"]["include"]
    assert production == "production-honest.gitlab-ci.yml"
    assert job(repository, production)["gate"]
    for name in ("contract-honest", "snapshot-honest"):
        assert added[name]["extends"] == ".mcpverify-honest"
    assert "include:" not in again.stdout
    assert "Nothing was written" in again.stdout


def test_an_included_job_is_that_of_the_recipe_but_for_name_and_stage(
    mcpverify: Mcpverify, repository: Path
) -> None:
    with honest.serve() as server:
        arguments = (server.url, "--forge", "gitlab", "--", *stdio.command("honest"))
        assert mcpverify("init", *arguments).code == 0
        recipe = job(repository, ".gitlab-ci.yml")
        (repository / ".gitlab-ci.yml").write_text("build: {script: make}\n")
        assert mcpverify("init", *arguments).code == 0
        included = job(repository, "mcpverify-honest.gitlab-ci.yml")

    base = included.pop(".mcpverify-honest")
    assert base == {"image": recipe["default"]["image"], "variables": recipe["variables"]}
    assert set(recipe["default"]) == {"image"}
    for name in ("snapshot", "contract", "production"):
        ours = included.pop(f"{name}-honest")
        assert (ours.pop("extends", None) is None) is (name == "production")
        ours["stage"] = recipe[name]["stage"]
        if name == "production":
            ours["trigger"]["include"] = recipe[name]["trigger"]["include"]
        assert ours == recipe[name]
    assert included == {}


@pytest.fixture
def two_urls() -> Iterator[list[str]]:
    with ExitStack() as stack:
        servers = [stack.enter_context(honest.serve(name=name)) for name in ("One", "Two..lock")]
        yield [server.url for server in servers]


def test_of_several_servers_each_has_its_own_workflow_group_and_tag(
    mcpverify: Mcpverify, repository: Path, two_urls: list[str]
) -> None:
    hosted(repository, GITHUB)
    run = mcpverify("init", *two_urls)

    assert run.code == 0, run.output
    slugs = ("one", "two..lock")
    workflows = [job(repository, f".github/workflows/deploy-{slug}.yml") for slug in slugs]
    texts = [
        (repository / f".github/workflows/deploy-{slug}.yml").read_text(encoding="utf-8")
        for slug in slugs
    ]
    assert [each["name"] for each in workflows] == ["deploy one", "deploy two..lock"]
    assert len({each["concurrency"]["group"] for each in workflows}) == 2
    tags = [re.findall(r"git tag -f (\S+)", text) for text in texts]
    assert tags[0] == ["deployed-one"]
    git("check-ref-format", f"refs/tags/{tags[1][0]}")
    for text, (tag,), url, slug in zip(texts, tags, two_urls, slugs, strict=True):
        assert f"refs/tags/{tag}^{{commit}}" in text
        assert f"git push -f origin refs/tags/{tag}\n" in text
        assert f"git:{tag}:snapshots/{slug}.json" in text
        assert text.count(url) == 3
        assert re.findall(r"deploy\.sh (.*?)[`\n]", text) == [
            f"COMMIT {slug}",
            f'"$GITHUB_SHA" {slug}',
            f'"$PREVIOUS" {slug}',
        ], "else the roll-back of one would take back the other"
        assert not re.search(
            rf"\btags? deployed\b(?!{re.escape(tag.removeprefix('deployed'))})", text
        )
    assert "the name of the server" in told(run, "edit")[0]
    assert len(told(run, "check")) == 2


def test_of_several_servers_gitlab_includes_the_jobs_of_each(
    mcpverify: Mcpverify, repository: Path, two_urls: list[str]
) -> None:
    hosted(repository, GITLAB)
    first = mcpverify("init", *two_urls)
    before = files_in(repository)
    again = mcpverify("init", *two_urls)

    assert first.code == again.code == 0
    assert files_in(repository) == before
    pipeline = job(repository, ".gitlab-ci.yml")
    paths = [each["local"] for each in pipeline["include"]]
    assert paths == ["mcpverify-one.gitlab-ci.yml", "mcpverify-two..lock.gitlab-ci.yml"]
    assert pipeline["workflow"]["rules"]
    jobs = [job(repository, path) for path in paths]
    assert not set(jobs[0]) & set(jobs[1])
    groups = {each["resource_group"] for one in jobs for each in one.values() if "trigger" in each}
    assert groups == {"production-one", "production-two..lock"}
    for path, slug in (("production-one", "one"), ("production-two..lock", "two..lock")):
        assert job(repository, f"{path}.gitlab-ci.yml")["gate"]
        text = (repository / f"{path}.gitlab-ci.yml").read_text(encoding="utf-8")
        assert f"snapshots/{slug}.json" in text
        assert re.findall(r"deploy\.sh (.*?)[`\n]", text) == [
            f"COMMIT {slug}",
            f'"$CI_COMMIT_SHA" {slug}',
            f'"$previous" {slug}',
        ]
    assert "the name of the server" in told(first, "edit")[0]


@pytest.mark.parametrize("same", [True, False])
def test_two_servers_of_one_name_are_told_apart_where_they_differ(
    mcpverify: Mcpverify, repository: Path, same: bool
) -> None:
    hosted(repository, GITHUB)
    other = tool("a" if same else "b")
    with honest.serve(tools=[tool("a")]) as one, honest.serve(tools=[other]) as two:
        urls = (one.url, two.url)
        run = mcpverify("init", *urls)
        before = files_in(repository)
        again = mcpverify("init", *urls)
        passed = [mcpverify(*shlex.split(each)[1:], "--strict") for each in told(run, "check")]

    assert run.code == again.code == 0, again.output
    assert files_in(repository) == before
    snapshots = sorted(path for path in before if path.startswith("snapshots/"))
    assert len(snapshots) == (1 if same else 2)
    for url in urls:
        about = [path for path, text in before.items() if url.encode() in text]
        assert len(about) == 1, "each has a workflow of its own"
    assert [each.code for each in passed] == [0, 0]


@pytest.mark.parametrize(("url", "code"), [(NOBODY, 3), ("html", 1), ("cut", 1)])
def test_where_one_server_fails_the_others_are_written(
    mcpverify: Mcpverify, repository: Path, url: str, code: int
) -> None:
    hosted(repository, GITHUB)
    with (
        honest.serve(name="sound") as sound,
        is_no_mcp_server.serve() as html,
        fails_listing.serve() as cut,
    ):
        failing = {"html": html.url, "cut": cut.url}.get(url, url)
        run = mcpverify("init", failing, sound.url)
        alone = mcpverify("snapshot", failing)

    assert run.code == alone.code == code
    assert set(files_in(repository)) == {
        "snapshots/sound.json",
        ".github/workflows/deploy-sound.yml",
    }
    assert "nothing was written" in run.stdout.splitlines()[1]
    assert failing in run.stdout
    assert len(told(run, "check")) == 1


def test_where_the_command_fails_nothing_is_written_for_its_deployment(
    mcpverify: Mcpverify, repository: Path
) -> None:
    with honest.serve() as server:
        run = mcpverify("init", server.url, "--", *stdio.command("exits"))

        assert server.requests == []
    assert run.code in (1, 3)
    assert files_in(repository) == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("https://name:pass-7f2c@127.0.0.1:9/mcp",), "holds a credential or a query"),
        (("https://127.0.0.1:9/mcp?api_key=pass-7f2c",), "holds a credential or a query"),
        (("https://127.0.0.1:9?pass-7f2c",), "holds a credential or a query"),
        ((NOBODY, "-H", "Authorization: Bearer pass-7f2c"), "-H has a value"),
        ((NOBODY, "-HX-Key:pass-7f2c"), "-H has a value"),
        ((NOBODY, "--header=X-Key: pass-7f2c"), "-H has a value"),
        (("--", "server", "--token", "pass-7f2c"), "the COMMAND holds a credential"),
        (("--", "server", "$(id)"), "characters that a CI job would read otherwise"),
        (("--", "server", "a b"), "characters that a CI job would read otherwise"),
        (("--", "server", "key:", "value"), "characters that a CI job would read otherwise"),
        (("--", "server", "#1"), "characters that a CI job would read otherwise"),
        (("https://127.0.0.1:9/$(id)",), "characters that a CI job would read otherwise"),
        (("https://127.0.0.1:9/${{github.token}}",), "characters that a CI job would read"),
        (("https://127.0.0.1:9/a'b",), "characters that a CI job would read otherwise"),
        ((NOBODY, "http://127.0.0.2:9/mcp", "--bearer-env", "W_TOKEN"), "2 origins"),
        ((NOBODY, "--cacert", "${{ github.token }}"), "an option holds characters"),
        ((NOBODY, "--cacert", "a\nb"), "an option holds characters"),
        ((NOBODY, "--bearer-env", "UNSET"), "UNSET is not set"),
        ((NOBODY, "--forge", "sourcehut"), "--forge"),
        ((), "no URL was given"),
        (("",), "the TARGET is empty"),
        (("ftp://example.com/mcp",), "unknown scheme"),
        (("--",), "no COMMAND after --"),
        (("--", "./no-such-command"), "cannot be started"),
        (("--bearer-env", "W_TOKEN", "--", "true"), "--bearer-env means nothing to a COMMAND"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_stand_in_a_job_is_refused_before_anything_is_written(
    mcpverify: Mcpverify, repository: Path, arguments: tuple[str, ...], words: str
) -> None:
    run = mcpverify("init", *arguments, env={"W_TOKEN": TOKEN})

    assert run.code == 2, run.output
    assert run.stdout == ""
    assert words in run.stderr
    assert "pass-7f2c" not in run.stderr
    assert files_in(repository) == {}


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_no_credential_is_written_only_the_names_of_variables(
    mcpverify: Mcpverify, repository: Path, forge: str
) -> None:
    flags = ("--bearer-env", "W_TOKEN", "-H", "X-Key: ${W_KEY}", "--timeout", "5s")
    secrets = {"W_TOKEN": TOKEN, "W_KEY": "key-of-production-91"}
    with honest.serve(name="w") as server:
        url = server.url
        run = mcpverify("init", url, "--forge", forge, *flags, env=secrets)
        (check,) = told(run, "check")
        passed = mcpverify(*shlex.split(check)[1:], env=secrets)

        assert server.requests[0].header("X-Key") == "key-of-production-91"
    texts = files_in(repository)
    whole = b"".join(texts.values()).decode() + run.output
    assert run.code == passed.code == 0, passed.output
    assert TOKEN not in whole
    assert "key-of-production-91" not in whole
    assert len(told(run, "secret")) == 2
    path = ".github/workflows/deploy-w.yml" if forge == "github" else "production.gitlab-ci.yml"
    document = job(repository, path)
    scripts = [text for text in _strings(document) if "mcpverify check" in text]
    assert len(scripts) == 3
    for script in scripts:
        assert f"{url} {shlex.join(flags)} --snapshot" in " ".join(script.split())
    if forge == "github":
        for step in document["jobs"]["deploy"]["steps"]:
            if "mcpverify check" in step.get("run", ""):
                assert step["env"] == {name: f"${{{{ secrets.{name} }}}}" for name in secrets}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_server_that_needs_no_token_gets_jobs_without_one(
    mcpverify: Mcpverify, repository: Path, forge: str
) -> None:
    with honest.serve(name="w") as server:
        assert mcpverify("init", server.url, "--forge", forge).code == 0

    for path, octets in files_in(repository).items():
        text = octets.decode()
        if path.endswith(".yml"):
            assert job(repository, path)
            assert not re.search(r"MCP_TOKEN|--bearer-env|mcp\.example|weather", text), path
            for step in job(repository, path).get("jobs", {}).get("deploy", {}).get("steps", []):
                assert "env" not in step or step["env"], "no empty env is left"


HOSTILE = (
    "../../etc/passwd",
    "a: b\n- c",
    "${{ secrets.MCP_TOKEN }}",
    "$(touch pwned)`id`'\"; rm -rf .",
    "# comment",
    "\x1b[31mred\u202e",
    "null",
    "1.0",
    "x" * 5000,
    "..",
    "con",
    "a.lock",
    "a..lock",
    "::error::x",
    "天気",
    "",
)


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_name_of_a_server_breaks_neither_path_nor_job(
    mcpverify: Mcpverify, repository: Path, forge: str
) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(honest.serve(name=name)) for name in HOSTILE]
        run = mcpverify("init", *(each.url for each in servers), "--forge", forge)

    written = files_in(repository)
    assert run.code == 0, run.output
    assert {os.path.dirname(path) for path in written} <= {"", "snapshots", ".github/workflows"}
    assert len([path for path in written if path.startswith("snapshots/")]) == len(HOSTILE)
    assert all(re.fullmatch(r"[a-z0-9._/-]+", path) for path in written), set(written)
    documents = jobs_in(repository, *(path for path in written if path.endswith(".yml")))
    assert len(documents) == len(HOSTILE) * (1 if forge == "github" else 2) + (forge == "gitlab")
    assert all(isinstance(each.get("name", ""), str) for each in documents.values())
    tags = re.findall(r"git tag -f (\S+)", b"".join(written.values()).decode())
    assert len(set(tags)) == len(tags) == len(HOSTILE)
    for tag in tags:
        git("check-ref-format", f"refs/tags/{tag}")
    checks = [shlex.split(each) for each in told(run, "check")]
    assert [len(each) for each in checks] == [5] * len(HOSTILE)
    assert {each[4] for each in checks} == {path for path in written if path.endswith(".json")}
    assert not re.search(r"[\x1b\u202e]", run.output)


def test_an_echoed_credential_is_not_recorded(mcpverify: Mcpverify, repository: Path) -> None:
    with echoes_credentials.serve() as server:
        run = mcpverify("init", server.url, "--bearer-env", "W_TOKEN", env={"W_TOKEN": TOKEN})

    assert run.code == 1
    assert files_in(repository) == {}
    assert TOKEN not in run.output


def test_a_foreign_file_in_place_of_a_snapshot_stops_it(
    mcpverify: Mcpverify, repository: Path
) -> None:
    (repository / "snapshots").mkdir()
    (repository / "snapshots/honest.json").write_text("{}")
    with honest.serve(name="a") as first, honest.serve() as second:
        run = mcpverify("init", first.url, second.url, "--forge", "github")

    assert (run.code, run.stdout) == (2, "")
    assert "snapshots/honest.json is no snapshot" in run.stderr
    assert files_in(repository) == {"snapshots/honest.json": b"{}"}


def test_where_a_file_cannot_be_written_none_is_left(
    mcpverify: Mcpverify, repository: Path
) -> None:
    (repository / ".github").mkdir()
    (repository / ".github/workflows").write_text("in the way")
    with honest.serve() as server:
        run = mcpverify("init", server.url)

    assert (run.code, run.stdout) == (2, "")
    assert ".github/workflows/deploy-honest.yml cannot be written" in run.stderr
    assert set(files_in(repository)) == {".github/workflows"}


def test_below_the_top_of_a_checkout_it_says_where_to_run(
    mcpverify: Mcpverify, repository: Path
) -> None:
    (repository / "below").mkdir()
    with honest.serve() as server:
        run = mcpverify("init", server.url, cwd=repository / "below")

        assert server.requests == []
    assert (run.code, run.stdout) == (2, "")
    assert str(repository.resolve()) in run.stderr
    assert files_in(repository) == {}


def test_a_name_that_github_keeps_for_itself_is_refused(
    mcpverify: Mcpverify, repository: Path
) -> None:
    with honest.serve() as server:
        arguments = (server.url, "--bearer-env", "GITHUB_TOKEN", "--forge", "github")
        run = mcpverify("init", *arguments, env={"GITHUB_TOKEN": TOKEN})

    assert (run.code, run.stdout) == (2, "")
    assert "GITHUB_TOKEN cannot be the name of a secret" in run.stderr
    assert files_in(repository) == {}


def test_what_is_on_this_machine_only_is_told(mcpverify: Mcpverify, repository: Path) -> None:
    with honest.serve() as server:
        url = server.url
        run = mcpverify("init", url, "--forge", "github", "--", *stdio.command("honest"))

    assert f"{url} is this machine" in run.words
    assert f"{sys.executable} is on this machine" in run.words


@pytest.mark.parametrize(("branch", "warned"), [("main", False), ("trunk", True)])
def test_another_branch_than_the_one_the_jobs_watch_is_told(
    mcpverify: Mcpverify, repository: Path, branch: str, warned: bool
) -> None:
    git("symbolic-ref", "HEAD", f"refs/heads/{branch}", cwd=repository)
    with honest.serve() as server:
        run = mcpverify("init", server.url, "--forge", "github")

    assert ("watch the branch main" in run.words) is warned


def test_the_recipes_that_jobs_are_made_of_come_with_the_package() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    read = {
        path
        for file in (CHECKOUT / "mcpverify" / "forges").glob("*.py")
        for path in re.findall(r"\"(git(?:hub|lab)/[\w.-]+)\"", file.read_text(encoding="utf-8"))
    } | {"gitlab/.gitlab-ci.yml", "gitlab/production.gitlab-ci.yml"}

    assert len(read) == 4
    for path in read:
        assert (RECIPES / path).is_file()
        assert included[f"recipes/{path}"] == f"mcpverify/recipes/{path}"
