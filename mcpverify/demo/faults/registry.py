"""All faults, by name, in the order in which they are listed."""

from collections.abc import Mapping

from mcpverify.demo.faults import answers, http, shutdown
from mcpverify.demo.faults.fault import Fault, Misbehavior

_KNOWN = {**answers.MISBEHAVIORS, **http.MISBEHAVIORS, **shutdown.MISBEHAVIORS}

FAULTS: Mapping[Fault, Misbehavior] = {fault: _KNOWN[fault] for fault in Fault}
