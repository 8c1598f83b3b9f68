"""The story that Debian's python3-kubernetes tells of a cluster; each chapter says on a line of its own that it held."""

import base64
import hashlib
import json
import multiprocessing
import os
import sys

from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock
from kubernetes.stream import portforward, stream

NS = "python"
PATIENCE = 30

config.load_kube_config()
core = client.CoreV1Api()


def settings(name):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data={"a": "1"})


def equal(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def refused(code, call):
    try:
        call()
    except ApiException as e:
        equal(e.status, code)
        return client.ApiClient().deserialize(Answer(e.body), "V1Status")
    raise AssertionError(f"{code} was to come")


class Answer:
    """What deserialize wants of a response."""

    def __init__(self, data):
        self.data = data


def start(server):
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NS)))
    container = client.V1Container(
        name="server", image="busybox", image_pull_policy="IfNotPresent", command=["sh", "-c", server]
    )
    pod = core.create_namespaced_pod(
        NS,
        client.V1Pod(
            metadata=client.V1ObjectMeta(name="server", labels={"app": "server"}),
            spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0),
        ),
    )
    for event in watch.Watch().stream(
        core.list_namespaced_pod, NS, resource_version=pod.metadata.resource_version, timeout_seconds=PATIENCE
    ):
        conditions = event["object"].status.conditions or []
        if any(c.type == "Ready" and c.status == "True" for c in conditions):
            return
    raise AssertionError("the pod is not ready")


def pods_are_read_as_they_are():
    pods = core.list_namespaced_pod(NS, label_selector="app=server")
    assert pods.metadata.resource_version
    equal([p.metadata.name for p in pods.items], ["server"])
    pod = pods.items[0]
    equal(pod.spec.containers[0].image, "busybox")
    equal(pod.status.phase, "Running")
    assert pod.status.container_statuses[0].state.running.started_at >= pod.metadata.creation_timestamp
    equal(core.list_namespaced_pod(NS, label_selector="app=other").items, [])
    equal(client.VersionApi().get_code().minor, "36")


def objects_are_changed_in_many_ways():
    core.create_namespaced_config_map(NS, settings("changed"))
    # A dict goes as a strategic merge patch, a list as a JSON patch.
    equal(core.patch_namespaced_config_map("changed", NS, {"data": {"b": "2"}}).data, {"a": "1", "b": "2"})
    patch = [{"op": "replace", "path": "/data/b", "value": "3"}]
    equal(core.patch_namespaced_config_map("changed", NS, patch).data, {"a": "1", "b": "3"})
    read = core.read_namespaced_config_map("changed", NS)
    # Its datetimes come back as text of Python's own form.
    read.data["c"] = "4"
    equal(core.replace_namespaced_config_map("changed", NS, read).data, {"a": "1", "b": "3", "c": "4"})
    equal(refused(409, lambda: core.replace_namespaced_config_map("changed", NS, read)).reason, "Conflict")
    equal(core.delete_namespaced_config_map("changed", NS).status, "Success")


def what_is_not_there_is_named():
    status = refused(404, lambda: core.read_namespaced_config_map("nobody", NS))
    equal(status.reason, "NotFound")
    equal(status.message, 'configmaps "nobody" not found')
    equal(status.details.kind, "configmaps")
    equal(status.details.name, "nobody")


def a_watch_sees_what_happens():
    seen = []
    core.create_namespaced_config_map(NS, settings("watched"))
    for event in watch.Watch().stream(
        core.list_namespaced_config_map, NS, field_selector="metadata.name=watched", timeout_seconds=PATIENCE
    ):
        seen.append((event["type"], event["object"].data["a"]))
        if event["type"] == "ADDED":
            core.patch_namespaced_config_map("watched", NS, {"data": {"a": "2"}})
        elif event["type"] == "MODIFIED":
            core.delete_namespaced_config_map("watched", NS)
        else:
            break
    equal(seen, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])


def execute(*command, **options):
    return stream(
        core.connect_get_namespaced_pod_exec,
        "server",
        NS,
        command=list(command),
        container="server",
        stdout=True,
        stderr=True,
        **options,
    )


def programs_run_and_end_with_their_code():
    equal(execute("echo", "out"), "out\n")
    session = execute("sh", "-c", "echo out; echo err >&2; exit 3", _preload_content=False)
    session.run_forever(timeout=PATIENCE)
    equal(session.read_stdout(), "out\n")
    equal(session.read_stderr(), "err\n")
    equal(session.returncode, 3)


def files_are_uploaded_whole():
    # This client cannot close its input, so the reader knows how much to take.
    large = os.urandom(1 << 20)
    text = base64.b64encode(large).decode()
    session = execute(
        "sh", "-c", f"head -c {len(text)} | base64 -d | sha256sum", stdin=True, _preload_content=False
    )
    for i in range(0, len(text), 60_000):
        session.write_stdin(text[i : i + 60_000])
    session.run_forever(timeout=PATIENCE)
    equal(session.read_stdout().split()[0], hashlib.sha256(large).hexdigest())
    equal(session.returncode, 0)


def what_was_typed_arrives_though_the_client_hangs_up_at_once():
    session = execute("sh", "-c", "cat > /tmp/part && mv /tmp/part /tmp/typed", stdin=True, _preload_content=False)
    session.write_stdin("typed\n")
    session.close()
    # A second program waits for the first.
    arrived = "until [ -e /tmp/typed ]; do :; done; cat /tmp/typed"
    equal(execute("timeout", str(PATIENCE), "sh", "-c", arrived), "typed\n")


def a_log_is_read_and_followed():
    assert core.read_namespaced_pod_log("server", NS).startswith("started\n")
    lines = watch.Watch().stream(core.read_namespaced_pod_log, "server", NS)
    equal(next(lines), "started")
    execute("sh", "-c", "echo more > /proc/1/fd/1")
    equal(next(lines), "more")
    lines.close()


def a_port_is_forwarded():
    forward = portforward(core.connect_get_namespaced_pod_portforward, "server", NS, ports="8080")
    http = forward.socket(8080)
    http.settimeout(PATIENCE)
    http.sendall(b"GET /index.html HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n")
    answer = b""
    while True:
        piece = http.recv(1024)
        if not piece:
            break
        answer += piece
    http.close()
    equal(forward.error(8080), None)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer
    assert answer.endswith(b"\r\n\r\nhello\n"), answer


def lead(who, started):
    # Of this version's electors none knows Leases, and none gives up what it has.
    leaderelection.LeaderElection(
        electionconfig.Config(
            ConfigMapLock("office", NS, who),
            lease_duration=3,
            renew_deadline=2,
            retry_period=1,
            onstarted_leading=started.set,
            onstopped_leading=None,
        )
    ).run()


def holder():
    annotations = core.read_namespaced_config_map("office", NS).metadata.annotations
    return json.loads(annotations["control-plane.alpha.kubernetes.io/leader"])["holderIdentity"]


def leadership_passes_on():
    leads = {who: multiprocessing.Event() for who in ("first", "second")}
    electors = {w: multiprocessing.Process(target=lead, args=(w, e), daemon=True) for w, e in leads.items()}
    electors["first"].start()
    assert leads["first"].wait(PATIENCE)
    electors["second"].start()
    equal(holder(), "first")
    electors["first"].kill()
    assert leads["second"].wait(PATIENCE)
    equal(holder(), "second")
    electors["second"].kill()


start(sys.argv[1])
for chapter in (
    pods_are_read_as_they_are,
    objects_are_changed_in_many_ways,
    what_is_not_there_is_named,
    a_watch_sees_what_happens,
    programs_run_and_end_with_their_code,
    files_are_uploaded_whole,
    what_was_typed_arrives_though_the_client_hangs_up_at_once,
    a_log_is_read_and_followed,
    a_port_is_forwarded,
    leadership_passes_on,
):
    chapter()
    print(chapter.__name__, flush=True)
core.delete_namespace(NS)
