"""The Kubernetes recipes: valid by their schemas, and their commands run against real servers."""

import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import typer
import yaml

from mcpverify import __version__
from mcpverify.cli.app import COMMANDS, app_with
from mcpverify.cli.exit_codes import ExitCode
from mcpverify.cli.invocation import Invocation
from tests import running
from tests.recipes import kubernetes_objects as recipes
from tests.recipes.kubernetes_objects import Command

CHECKOUT = Path(__file__).parents[2]
CRDS = CHECKOUT / "tests" / "data" / "crds"
DOCUMENT = (CHECKOUT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
OURS = yaml.safe_load((CRDS / "recipes.schema.yaml").read_text(encoding="utf-8"))
RELEASED = {
    "AnalysisTemplate": "analysis-template-crd.yaml",
    "Rollout": "rollout-crd.yaml",
    "Canary": "canary-crd.yaml",
}
GATES = [each for each in recipes.commands() if each.file != "readiness.yaml"]
(PROBE,) = (each for each in recipes.commands() if each.file == "readiness.yaml")


def by_file(command: Command) -> str:
    return command.file


# What the objects are


def test_every_file_is_there() -> None:
    assert recipes.FILES == (
        "argo-analysis-digest.yaml",
        "argo-analysis-snapshot.yaml",
        "argo-rollout.yaml",
        "flagger-canary.yaml",
        "helm-test.yaml",
        "job.yaml",
        "readiness.yaml",
    )
    assert {each.file for each in recipes.commands()} == {*recipes.FILES} - {"argo-rollout.yaml"}


@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
@pytest.mark.parametrize("name", [each for each in recipes.FILES if each != "flagger-canary.yaml"])
def test_core_objects_are_valid_strictly(name: str, version: str) -> None:
    found = list(recipes.core(name))
    assert found
    for each in found:
        kubernetes_validate.validate(each, version, strict=True)


def test_a_field_that_kubernetes_does_not_know_is_noticed() -> None:
    (job,) = recipes.core("job.yaml")
    job["spec"]["template"]["spec"]["containers"][0]["terminationMessagesPolicy"] = "File"
    with pytest.raises(jsonschema.ValidationError):
        kubernetes_validate.validate(job, "1.31", strict=True)


def ours(kind: str) -> Any:
    schema = {"$schema": OURS["$schema"], "$defs": OURS["$defs"], "$ref": f"#/$defs/{kind}"}
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(("name", "custom"), recipes.custom())
def test_custom_objects_are_valid_by_our_schema(name: str, custom: dict[str, Any]) -> None:
    ours(custom["kind"]).validate(custom)
    custom = json.loads(json.dumps(custom)) | {"specs": {}}
    assert not ours(custom["kind"]).is_valid(custom), "it is strict"


def released(kind: str) -> dict[str, Any]:
    """The schema of the released CRD, with every field that it does not name forbidden."""
    path = CRDS / RELEASED[kind]
    if not path.exists():
        pytest.skip(f"THE RELEASED CRD {path.name} IS NOT HERE (tests/data/crds/README.md)")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest in (CRDS / "README.md").read_text(encoding="utf-8"), "another version"
    (crd,) = (
        each
        for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        if each and each["spec"]["names"]["kind"] == kind
    )
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    # The API server knows what metadata is; the schema of a CRD leaves it open.
    schema["properties"]["metadata"] = OURS["$defs"]["metadata"]
    return dict(_strict(schema))


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    strict = {key: _strict(value) for key, value in schema.items()}
    properties = schema.get("properties")
    if isinstance(properties, dict) and "x-kubernetes-preserve-unknown-fields" not in schema:
        strict.setdefault("additionalProperties", False)
    return strict


@pytest.mark.parametrize(("name", "custom"), recipes.custom())
def test_custom_objects_are_valid_by_the_released_schema(name: str, custom: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(released(custom["kind"]))
    validator.validate(custom)
    assert not validator.is_valid(custom | {"specs": {}}), "it is strict"


@pytest.mark.parametrize("kind", recipes.CUSTOM)
def test_our_schema_names_no_field_that_the_released_one_does_not_have(kind: str) -> None:
    assert list(_unknown(OURS["$defs"][kind], released(kind), kind)) == []


def _unknown(mine: Any, theirs: Any, where: str) -> Iterator[str]:
    """Where our schema has a field, a requirement or a choice that the released one has not."""
    if "$ref" in mine:
        mine = OURS["$defs"][mine["$ref"].rpartition("/")[2]]
    for name, schema in mine.get("properties", {}).items():
        if name not in theirs.get("properties", {}):
            yield f"{where}.{name}"
        else:
            yield from _unknown(schema, theirs["properties"][name], f"{where}.{name}")
    if "items" in mine:
        yield from _unknown(mine["items"], theirs["items"], f"{where}[]")
    yield from (
        f"{where}: {each}"
        for each in set(theirs.get("required", ())) - set(mine.get("required", ()))
    )
    if "enum" in mine and "enum" in theirs:
        yield from (f"{where}={each}" for each in set(mine["enum"]) - set(theirs["enum"]))


# What the controllers do with them


@pytest.mark.parametrize(
    "name", [each for each in recipes.FILES if "argo-an" in each] + ["job.yaml"]
)
def test_a_job_is_run_once_whatever_the_verdict(name: str) -> None:
    (job,) = recipes.core(name)
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"


@pytest.mark.parametrize(
    "name", [each for each in recipes.FILES if "argo-an" in each] + ["job.yaml"]
)
def test_the_reason_of_a_failed_job_tells_a_wrong_server_from_a_wrong_call(name: str) -> None:
    (job,) = recipes.core(name)
    ignored, failed = job["spec"]["podFailurePolicy"]["rules"]
    assert ignored["action"] == "Ignore"
    assert ignored["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]
    assert failed["action"] == "FailJob"
    assert failed["onExitCodes"]["containerName"] == "mcpverify"
    rolls_back = {ExitCode.WRONG, ExitCode.NO_VERDICT}
    others = {each for each in ExitCode if each < 128} - rolls_back - {ExitCode.PASSED}
    assert set(failed["onExitCodes"]["values"]) == others


@pytest.mark.parametrize("command", list(recipes.commands()), ids=by_file)
def test_the_controller_gives_the_command_more_time_than_it_takes(command: Command) -> None:
    assert command.seconds is not None
    whole = "--timeout" if "ready" in command.words else "--deadline"
    assert command.seconds > seconds(command, "--wait") + seconds(command, whole)


def seconds(command: Command, option: str) -> int:
    line = " ".join(command.words)
    found = re.search(rf"{option}[= ](\d+)([sm])", line)
    return int(found[1]) * {"s": 1, "m": 60}[found[2]] if found else 0


@pytest.mark.parametrize("name", ["argo-analysis-digest.yaml", "argo-analysis-snapshot.yaml"])
def test_an_analysis_is_one_measurement_that_must_pass(name: str) -> None:
    (template,) = recipes.objects(name)
    (metric,) = template["spec"]["metrics"]
    assert metric["count"] == 1
    assert metric["failureLimit"] == 0
    assert "interval" not in metric
    assert {each["name"] for each in template["spec"]["args"]} == recipes.asked(name)


def argo_arguments(kind: str) -> dict[str, str]:
    """The arguments that the Rollout gives, read from it as its controller reads them."""
    rollout = recipes.objects("argo-rollout.yaml")[0]
    found = {}
    for each in rollout["spec"]["strategy"]["blueGreen"][kind]["args"]:
        value: Any = each.get("value")
        if value is None:
            value = rollout
            for step in each["valueFrom"]["fieldRef"]["fieldPath"].split("."):
                value = value[step]
        found[each["name"]] = value
    return found


@pytest.mark.parametrize("kind", ["prePromotionAnalysis", "postPromotionAnalysis"])
def test_the_rollout_gives_the_analysis_what_it_asks_for(kind: str) -> None:
    rollout, *services = recipes.objects("argo-rollout.yaml")
    strategy = rollout["spec"]["strategy"]["blueGreen"]
    (template,) = recipes.objects("argo-analysis-digest.yaml")
    assert strategy[kind]["templates"] == [{"templateName": template["metadata"]["name"]}]
    arguments = argo_arguments(kind)
    assert set(arguments) == recipes.asked("argo-analysis-digest.yaml")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", arguments["digest"])
    wanted = strategy["previewService" if kind.startswith("pre") else "activeService"]
    (service,) = (each for each in services if each["metadata"]["name"] == wanted)
    assert arguments["service"] == f"{wanted}:{service['spec']['ports'][0]['port']}"


def test_the_old_pods_outlast_the_analysis_after_the_promotion() -> None:
    rollout = recipes.objects("argo-rollout.yaml")[0]
    strategy = rollout["spec"]["strategy"]["blueGreen"]
    (job,) = recipes.core("argo-analysis-digest.yaml")
    assert strategy["scaleDownDelaySeconds"] > job["spec"]["activeDeadlineSeconds"]
    assert "autoPromotionSeconds" not in strategy


def test_flagger_waits_for_the_verdict_and_asks_once() -> None:
    (canary,) = recipes.objects("flagger-canary.yaml")
    analysis = canary["spec"]["analysis"]
    (hook,) = analysis["webhooks"]
    assert hook["type"] == "pre-rollout"
    assert hook["metadata"]["type"] == "bash"
    assert analysis["threshold"] == 1
    assert int(hook["timeout"].removesuffix("s")) < 60
    assert analysis["interval"] == "1m"


def test_a_helm_test_is_one() -> None:
    (pod,) = recipes.objects("helm-test.yaml")
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert pod["spec"]["restartPolicy"] == "Never"
    assert "{{" not in recipes.rendered("helm-test.yaml")
    taken = set(re.findall(r"\{\{ \.Values\.mcpverify\.(\w+) \}\}", recipes.text("helm-test.yaml")))
    assert taken == set(yaml.safe_load(recipes.text("helm-values.yaml"))["mcpverify"])
    for each in taken:
        assert f"mcpverify.{each}" in recipes.text("helm-test.yaml").partition("apiVersion")[0]


@pytest.mark.parametrize(
    "name",
    [each for each in recipes.FILES if each not in ("argo-rollout.yaml", "flagger-canary.yaml")],
)
def test_a_pod_of_ours_has_no_rights_that_it_does_not_need(name: str) -> None:
    for pod in recipes.pods(name):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        (container,) = pod["containers"]
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"].keys() == {"memory"}


def test_a_finished_job_is_cleaned_up_but_not_under_the_eyes_of_argo() -> None:
    assert recipes.objects("job.yaml")[0]["spec"]["ttlSecondsAfterFinished"] > 0
    for name in ("argo-analysis-digest.yaml", "argo-analysis-snapshot.yaml"):
        (job,) = recipes.core(name)
        assert "ttlSecondsAfterFinished" not in job["spec"]


def test_every_image_and_package_of_ours_is_this_version() -> None:
    texts = [recipes.text(each.name) for each in recipes.FOLDER.iterdir()] + [DOCUMENT]
    pins = re.findall(r"mcpverify(?:==|:)(\d[\w.]*)", "".join(texts))
    assert len(pins) >= 5
    assert set(pins) == {__version__}


def test_the_image_of_the_load_tester_passes_a_linter() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, recipes.FOLDER / "flagger-loadtester.Containerfile"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "")


# What the document says


def test_links_in_the_document_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", DOCUMENT)
    assert {Path(each).name for each in links} >= {*recipes.FILES}
    for each in links:
        assert (CHECKOUT / "docs" / each).exists(), each


def test_the_commands_in_the_document_are_understood() -> None:
    lines = re.findall(r"`(mcpverify [^`]+)`", DOCUMENT)
    assert lines
    for line in lines:
        parsed(shlex.split(line))


# What the commands do


def words_of(command: Command) -> list[str]:
    return [
        recipes.filled(each, service="weather:8000", digest=f"sha256:{'0' * 64}")
        for each in command.words
    ]


@pytest.mark.parametrize("command", list(recipes.commands()), ids=by_file)
def test_a_command_is_understood(command: Command) -> None:
    parsed(words_of(command))


def parsed(words: list[str]) -> None:
    """Has mcpverify's own command line take these words apart; it raises where it cannot."""
    program, *arguments = words
    assert program == "mcpverify"
    invocation = Invocation.of(arguments)
    name, *arguments = invocation.arguments
    app: Any = typer.main.get_command(app_with(COMMANDS))
    app.commands[name].make_context(name, arguments, obj=invocation)


@dataclass(frozen=True, slots=True)
class Served:
    """Two releases of the demo server, and a folder that every user may read."""

    good: str
    changed: str
    folder: Path
    digest: str
    home: Path


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    if sys.platform != "linux":
        pytest.skip("127.0.0.2 IS LOOPBACK ON LINUX ALONE: not tested")
    # pytest's own folders are closed to other users.
    with tempfile.TemporaryDirectory() as text, ExitStack() as stack:
        folder = Path(text)
        folder.chmod(0o755)
        home = folder / "home"
        home.mkdir()
        urls = [
            stack.enter_context(serving(folder, home, *fault))
            for fault in ((), ("--fault", "changed-schema"))
        ]
        snapshot = folder / "weather.json"
        run = running.run("snapshot", urls[0], "--snapshot", str(snapshot), cwd=folder, home=home)
        assert run.code == 0, run.output
        snapshot.chmod(0o644)
        digest = json.loads(snapshot.read_text(encoding="utf-8"))["digest"]
        (folder / "empty").mkdir(mode=0o555)
        yield Served(*urls, folder, digest, home)


def serving(folder: Path, home: Path, *arguments: str) -> Any:
    """A demo server at a loopback address that is not in the list of hosts it insists on."""
    return _Serving(folder, home, arguments)


class _Serving:
    def __init__(self, folder: Path, home: Path, arguments: tuple[str, ...]) -> None:
        words = ("demo", "--serve", "--host", "127.0.0.2", *arguments)
        self._started = running.started(*words, cwd=folder, home=home)

    def __enter__(self) -> str:
        server = self._started.__enter__()
        assert server.stdout is not None
        return server.stdout.readline().split()[-1]

    def __exit__(self, *error: Any) -> None:
        self._started.__exit__(*error)


def aimed(command: Command, url: str, served: Served, digest: str = "") -> list[str]:
    """The command line with the values of the example replaced, and less patience."""
    address = url.removeprefix("http://").removesuffix("/mcp")
    words = [
        recipes.filled(each, service=address, digest=digest or served.digest)
        for each in command.words
    ]
    line = shlex.join(words)
    for old, new in (
        ("https://mcp.example.com/mcp", url),
        ("http://127.0.0.1:8000/mcp", url),
        ("weather-canary.default:8000", address),
        ("/snapshots/weather.json", str(served.folder / "weather.json")),
        (f"sha256:{'0' * 64}", digest or served.digest),
    ):
        line = line.replace(old, new)
    # Three greens in a row take a second; a red one is waited for to the end.
    return shlex.split(re.sub(r"--wait([= ])\w+", r"--wait\g<1>1s", line))


def ended(words: list[str], served: Served, **environment: str) -> running.Run:
    env = {"MCP_TOKEN": "secret"} | environment
    return running.run(*words[1:], cwd=served.folder, home=served.home, env=env)


@pytest.mark.parametrize("command", GATES, ids=by_file)
def test_a_gate_passes_the_reviewed_server(command: Command, served: Served) -> None:
    run = ended(aimed(command, served.good, served), served)
    assert run.code == 0, run.output


@pytest.mark.parametrize("command", GATES, ids=by_file)
def test_a_gate_fails_another_release(command: Command, served: Served) -> None:
    run = ended(aimed(command, served.changed, served), served)
    assert run.code == 1, run.output


@pytest.mark.parametrize("command", GATES, ids=by_file)
def test_a_gate_fails_a_release_that_differs_in_a_text_alone(
    command: Command, served: Served, tmp_path: Path
) -> None:
    # The reviewed release has another description, and nothing else.
    snapshot = tmp_path / "weather.json"
    text = (served.folder / "weather.json").read_text(encoding="utf-8")
    assert "Brew one pot" in text
    snapshot.write_text(text.replace("Brew one pot", "Prepare one pot"), encoding="utf-8")
    rehashed = running.run("snapshot", "--rehash", str(snapshot), cwd=tmp_path, home=tmp_path)
    assert rehashed.code == 0, rehashed.output
    reviewed = replace(
        served,
        folder=tmp_path,
        digest=json.loads(snapshot.read_text(encoding="utf-8"))["digest"],
    )
    run = ended(aimed(command, served.good, reviewed), reviewed)
    assert run.code == 1, run.output


@pytest.mark.parametrize("command", GATES, ids=by_file)
def test_a_gate_with_an_empty_secret_was_called_wrongly(command: Command, served: Served) -> None:
    run = ended(aimed(command, served.good, served), served, MCP_TOKEN="")
    assert run.code == 2, run.output
    assert "MCP_TOKEN" in run.output


def test_a_config_map_without_the_snapshot_is_a_wrong_call(served: Served) -> None:
    (command,) = (each for each in GATES if each.file == "job.yaml")
    words = [
        each.replace("weather.json", "other.json") for each in aimed(command, served.good, served)
    ]
    assert ended(words, served).code == 2


def test_the_probe_passes_a_server_that_works_whatever_its_contract(served: Served) -> None:
    for url in (served.good, served.changed):
        assert ended(aimed(PROBE, url, served), served).code == 0


@pytest.mark.parametrize(
    ("fault", "code"), [("unavailable", 1), ("tools-list-error", 1), ("html-page", 1)]
)
def test_the_probe_fails_a_server_that_does_not(fault: str, code: int, served: Served) -> None:
    with serving(served.folder, served.home, "--fault", fault) as url:
        assert ended(aimed(PROBE, url, served), served).code == code


def test_the_probe_ends_by_itself_before_the_kubelet_ends_it(served: Served) -> None:
    with serving(served.folder, served.home, "--fault", "tools-list-hangs") as url:
        run = ended(aimed(PROBE, url, served), served)
    assert run.code == 1
    assert PROBE.seconds is not None
    assert run.seconds < PROBE.seconds


def test_the_probe_costs_no_more_than_the_document_says(served: Served) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = ended(aimed(PROBE, served.good, served), served)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = re.search(r"([\d.]+) s of processor time and (\d+) MiB", DOCUMENT)
    assert told is not None
    # Another machine may be slower, and this one busy: three times as much is another order.
    assert spent < 3 * float(told[1])
    assert run.mebibytes < 1.5 * int(told[2])


@pytest.mark.parametrize("command", [*GATES, PROBE], ids=by_file)
def test_a_command_runs_as_nobody_where_nothing_can_be_written(
    command: Command, served: Served
) -> None:
    for url, code in ((served.good, 0), (served.changed, 0 if command is PROBE else 1)):
        done = as_nobody(aimed(command, url, served)[1:], served)
        assert done.returncode == code, done.stdout + done.stderr
    assert list((served.folder / "empty").iterdir()) == []


def as_nobody(words: list[str], served: Served) -> subprocess.CompletedProcess[str]:
    """Runs mcpverify as the user of the pods, in a folder that is not its own."""
    setpriv = shutil.which("setpriv")
    prefix: list[str] = []
    if os.geteuid() == 0:
        if setpriv is None:
            pytest.skip("THERE IS NO setpriv: not tried as another user")
        user = ("--reuid", "65532", "--regid", "65532", "--clear-groups", "--bounding-set=-all")
        prefix = [setpriv, *user, "--no-new-privs"]
        tried = _unprivileged([*prefix, sys.executable, "-c", "import mcpverify"], served)
        if tried.returncode != 0:
            pytest.skip("ANOTHER USER MAY NOT READ THIS PYTHON: not tried as one")
    return _unprivileged([*prefix, sys.executable, "-m", "mcpverify", *words], served)


def _unprivileged(command: list[str], served: Served) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=served.folder / "empty",
        env=running.environment(Path("/"), {"MCP_TOKEN": "secret"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_the_load_tester_gets_the_exit_code_from_bash(served: Served) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    (command,) = (each for each in GATES if each.file == "flagger-canary.yaml")
    paths = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    env = running.environment(served.home, {"PATH": paths, "MCP_TOKEN": "secret"})
    for url, code in ((served.good, 0), (served.changed, 1)):
        line = shlex.join(aimed(command, url, served))
        done = subprocess.run(
            [bash, "-c", line], env=env, capture_output=True, check=False, timeout=30
        )
        assert done.returncode == code
        assert b"secret" not in done.stdout + done.stderr
