"""The Kubernetes recipes as objects: rendered, taken apart, with the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "recipes" / "kubernetes"
FILES = tuple(
    sorted(each.name for each in FOLDER.glob("*.yaml") if each.name != "helm-values.yaml")
)
CUSTOM = ("AnalysisTemplate", "Rollout", "Canary")

_HELM = re.compile(r"\{\{ \.(Values|Release)\.([\w.]+) \}\}")
_ARGO = re.compile(r"\{\{args\.([\w-]+)\}\}")
RELEASE = {"Name": "weather"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command line of ours in an object. `seconds` is what the controller gives it, or None."""

    file: str
    words: tuple[str, ...]
    seconds: int | None = None


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def rendered(name: str, **values: str) -> str:
    """The file as the cluster gets it: simple Helm values filled in, no other template syntax."""
    given = yaml.safe_load(text("helm-values.yaml"))
    given["mcpverify"] |= values
    return _HELM.sub(lambda found: _value(found, given), text(name))


def _value(found: re.Match[str], given: Any) -> str:
    value: Any = RELEASE if found[1] == "Release" else given
    for step in found[2].split("."):
        value = value[step]
    assert isinstance(value, str)
    return value


def objects(name: str, **values: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(rendered(name, **values)))


@cache
def custom() -> list[tuple[str, dict[str, Any]]]:
    return [(name, each) for name in FILES for each in objects(name) if each["kind"] in CUSTOM]


def core(name: str) -> Iterator[dict[str, Any]]:
    """The core objects of a file, those within custom ones as what the controller makes of them."""
    for each in objects(name):
        match each["kind"]:
            case "AnalysisTemplate":
                for metric in each["spec"]["metrics"]:
                    job = metric["provider"]["job"]
                    meta = {"name": "analysis"} | job.get("metadata", {})
                    yield {
                        "apiVersion": "batch/v1",
                        "kind": "Job",
                        "metadata": meta,
                        "spec": job["spec"],
                    }
            case "Rollout":
                spec = {key: each["spec"][key] for key in ("replicas", "selector", "template")}
                yield {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "metadata": each["metadata"],
                    "spec": spec,
                }
            case "Canary":
                pass
            case _:
                yield each


def pods(name: str) -> Iterator[dict[str, Any]]:
    """The spec of each pod that the objects of a file start."""
    for each in core(name):
        if each["kind"] == "Pod":
            yield each["spec"]
        elif "template" in each["spec"]:
            yield each["spec"]["template"]["spec"]


def commands() -> Iterator[Command]:
    """Every command line of ours, with the time that its controller gives it."""
    for name in FILES:
        for each in core(name):
            yield from _of_core(name, each)
        for each in objects(name):
            if each["kind"] == "Canary":
                for hook in each["spec"]["analysis"]["webhooks"]:
                    words = shlex.split(hook["metadata"]["cmd"])
                    yield Command(name, tuple(words), int(hook["timeout"].removesuffix("s")))


def _of_core(name: str, each: dict[str, Any]) -> Iterator[Command]:
    if each["kind"] == "Service":
        return
    spec = each["spec"] if each["kind"] == "Pod" else each["spec"]["template"]["spec"]
    limit = spec.get("activeDeadlineSeconds", each["spec"].get("activeDeadlineSeconds"))
    for container in spec["containers"]:
        if container.get("command") == ["mcpverify"]:
            yield Command(name, ("mcpverify", *container["args"]), limit)
        probe = container.get("readinessProbe", {})
        if words := probe.get("exec", {}).get("command"):
            yield Command(name, tuple(words), probe["timeoutSeconds"])


def filled(word: str, **arguments: str) -> str:
    """An argument as Argo Rollouts fills it in."""
    return _ARGO.sub(lambda found: arguments[found[1]], word)


def asked(name: str) -> set[str]:
    """The arguments of Argo Rollouts that a file uses."""
    return set(_ARGO.findall(text(name)))
