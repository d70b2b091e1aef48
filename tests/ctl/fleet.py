# SPDX-License-Identifier: MIT
"""A List of pods as kubectl prints it: fleet.py COUNT BYTES-PER-POD"""
import json
import sys

CONTEXTS = {
    0: {"privileged": True},
    1: {"capabilities": {"add": ["SYS_ADMIN"]}},
    2: {"allowPrivilegeEscalation": False, "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"]}},
}


def pod(context, size):
    """The text of one, with @NAME and @SPACE for what differs."""
    value = {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "@NAME", "namespace": "@SPACE", "annotations": {"note": ""}},
             "spec": {"containers": [{"name": "main", "image": "registry/web:1",
                                      "securityContext": context,
                                      "env": [{"name": f"V{i}", "value": "x" * 40} for i in range(30)]}],
                      "volumes": [{"name": "t", "emptyDir": {}}]},
             "status": {"phase": "Running", "conditions": [
                 {"type": f"C{i}", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
                 for i in range(8)]}}
    value["metadata"]["annotations"]["note"] = "y" * max(0, size - len(json.dumps(value, indent=1)))
    return json.dumps(value, indent=1)


count, size = int(sys.argv[1]), int(sys.argv[2])
texts = [pod(CONTEXTS.get(n, {}), size) for n in range(10)]
out = sys.stdout
out.write('{"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [\n')
for n in range(count):
    text = texts[n % 10].replace("@NAME", f"web-{n}", 1).replace("@SPACE", f"team-{n % 50}", 1)
    out.write(text + (",\n" if n + 1 < count else "\n"))
out.write("]}\n")
