# SPDX-License-Identifier: MIT
"""A List of pods as kubectl prints it: fleet.py COUNT BYTES-PER-POD"""
import json
import sys

count, size = int(sys.argv[1]), int(sys.argv[2])
out = sys.stdout
out.write('{"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [\n')
for n in range(count):
    context = {}
    if n % 10 == 0:
        context = {"privileged": True}
    elif n % 10 == 1:
        context = {"capabilities": {"add": ["SYS_ADMIN"]}}
    elif n % 10 == 2:
        context = {"allowPrivilegeEscalation": False, "runAsNonRoot": True,
                   "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"]}}
    pod = {"apiVersion": "v1", "kind": "Pod",
           "metadata": {"name": f"web-{n}", "namespace": f"team-{n % 50}",
                        "annotations": {"note": ""}},
           "spec": {"containers": [{"name": "main", "image": "registry/web:1", "securityContext": context,
                                    "env": [{"name": f"V{i}", "value": "x" * 40} for i in range(30)]}],
                    "volumes": [{"name": "t", "emptyDir": {}}]},
           "status": {"phase": "Running", "conditions": [{"type": f"C{i}", "status": "True",
                      "lastTransitionTime": "2026-01-01T00:00:00Z"} for i in range(8)]}}
    pod["metadata"]["annotations"]["note"] = "y" * max(0, size - len(json.dumps(pod, indent=1)))
    out.write(json.dumps(pod, indent=1) + (",\n" if n + 1 < count else "\n"))
out.write("]}\n")
