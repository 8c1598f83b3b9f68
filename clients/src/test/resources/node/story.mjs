// The story that @kubernetes/client-node tells of a cluster; each chapter says on a line of its own that it held.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import * as k8s from '@kubernetes/client-node';

const namespace = 'node';
const kubeconfig = new k8s.KubeConfig();
kubeconfig.loadFromDefault();
const core = kubeconfig.makeApiClient(k8s.CoreV1Api);

const settings = (name) => ({ metadata: { name }, data: { a: '1' } });

async function refused(code, call) {
  try {
    await call;
  } catch (e) {
    assert.equal(e.code, code);
    return JSON.parse(e.body);
  }
  assert.fail(`${code} was to come`);
}

/** Events as they come; whoever has seen enough leaves the loop. */
async function* watch(path, query) {
  const events = new PassThrough({ objectMode: true });
  const controller = await new k8s.Watch(kubeconfig).watch(
    path,
    query,
    (type, object) => events.write({ type, object }),
    () => events.end(),
  );
  try {
    yield* events;
  } finally {
    controller.abort();
  }
}

async function start(server) {
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const pod = await core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name: 'server', labels: { app: 'server' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          { name: 'server', image: 'busybox', imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', server] },
        ],
      },
    },
  });
  const query = { resourceVersion: pod.metadata.resourceVersion, timeoutSeconds: 30 };
  for await (const { object } of watch(`/api/v1/namespaces/${namespace}/pods`, query)) {
    if (object.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) return;
  }
  assert.fail('the pod is not ready');
}

/** Runs a program to its end. */
async function execute(command, stdin = null) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const status = await new Promise((resolve, reject) => {
    new k8s.Exec(kubeconfig)
      .exec(namespace, 'server', 'server', command, stdout, stderr, stdin, false, resolve)
      .catch(reject);
  });
  stdout.end();
  stderr.end();
  return { out: await text(stdout), err: await text(stderr), status };
}

const chapters = {
  async 'pods are read as they are'() {
    const pods = await core.listNamespacedPod({ namespace, labelSelector: 'app=server' });
    assert.ok(pods.metadata.resourceVersion);
    assert.deepEqual(pods.items.map((p) => p.metadata.name), ['server']);
    const [pod] = pods.items;
    assert.equal(pod.spec.containers[0].image, 'busybox');
    assert.equal(pod.status.phase, 'Running');
    assert.ok(pod.status.containerStatuses[0].state.running.startedAt >= pod.metadata.creationTimestamp);
    assert.deepEqual((await core.listNamespacedPod({ namespace, labelSelector: 'app=other' })).items, []);
    assert.equal((await kubeconfig.makeApiClient(k8s.VersionApi).getCode()).minor, '36');
  },

  async 'objects are changed in many ways'() {
    await core.createNamespacedConfigMap({ namespace, body: settings('changed') });
    const patched = async (strategy, body) =>
      (
        await core.patchNamespacedConfigMap(
          { name: 'changed', namespace, body },
          k8s.setHeaderOptions('Content-Type', strategy),
        )
      ).data;
    const { StrategicMergePatch, MergePatch, JsonPatch } = k8s.PatchStrategy;
    assert.deepEqual(await patched(StrategicMergePatch, { data: { b: '2' } }), { a: '1', b: '2' });
    assert.deepEqual(await patched(MergePatch, { data: { a: null } }), { b: '2' });
    assert.deepEqual(await patched(JsonPatch, [{ op: 'replace', path: '/data/b', value: '3' }]), { b: '3' });
    // Its times are Dates, which are written with milliseconds.
    const read = await core.readNamespacedConfigMap({ name: 'changed', namespace });
    read.data.c = '4';
    const replace = () => core.replaceNamespacedConfigMap({ name: 'changed', namespace, body: read });
    assert.deepEqual((await replace()).data, { b: '3', c: '4' });
    assert.equal((await refused(409, replace())).reason, 'Conflict');
    assert.equal((await core.deleteNamespacedConfigMap({ name: 'changed', namespace })).status, 'Success');
  },

  async 'fields have owners'() {
    const applied = async (fieldManager, a, force) => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a } };
      const options = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply);
      return core.patchNamespacedConfigMap({ name: 'applied', namespace, body, fieldManager, force }, options);
    };
    assert.deepEqual((await applied('first', '1')).data, { a: '1' });
    assert.equal((await refused(409, applied('second', '2'))).details.causes[0].reason, 'FieldManagerConflict');
    assert.deepEqual((await applied('second', '2', true)).data, { a: '2' });
    await core.deleteNamespacedConfigMap({ name: 'applied', namespace });
  },

  async 'what is not there is named'() {
    const status = await refused(404, core.readNamespacedConfigMap({ name: 'nobody', namespace }));
    assert.equal(status.reason, 'NotFound');
    assert.equal(status.message, 'configmaps "nobody" not found');
    assert.equal(status.details.kind, 'configmaps');
    assert.equal(status.details.name, 'nobody');
  },

  async 'a watch sees what happens'() {
    const seen = [];
    const options = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch);
    await core.createNamespacedConfigMap({ namespace, body: settings('watched') });
    const query = { fieldSelector: 'metadata.name=watched', timeoutSeconds: 30 };
    for await (const { type, object } of watch(`/api/v1/namespaces/${namespace}/configmaps`, query)) {
      seen.push(`${type} ${object.data.a}`);
      if (type === 'ADDED') {
        await core.patchNamespacedConfigMap({ name: 'watched', namespace, body: { data: { a: '2' } } }, options);
      } else if (type === 'MODIFIED') {
        await core.deleteNamespacedConfigMap({ name: 'watched', namespace });
      } else {
        break;
      }
    }
    assert.deepEqual(seen, ['ADDED 1', 'MODIFIED 2', 'DELETED 2']);
  },

  async 'programs run and end with their code'() {
    const { out, err, status } = await execute(['sh', '-c', 'echo out; echo err >&2; exit 3']);
    assert.equal(out, 'out\n');
    assert.equal(err, 'err\n');
    assert.equal(status.reason, 'NonZeroExitCode');
    assert.deepEqual(status.details.causes, [{ reason: 'ExitCode', message: '3' }]);
    assert.equal((await execute(['true'])).status.status, 'Success');
  },

  async 'files are uploaded whole'() {
    for (const content of [Buffer.from('small\n'), randomBytes(1 << 20)]) {
      const { out, status } = await execute(['sha256sum'], Readable.from([content]));
      assert.equal(out.split(' ')[0], createHash('sha256').update(content).digest('hex'));
      assert.equal(status.status, 'Success');
    }
    const directory = await mkdtemp(join(tmpdir(), 'story-'));
    try {
      await writeFile(join(directory, 'copied'), 'copied\n');
      await new k8s.Cp(kubeconfig).cpToPod(namespace, 'server', 'server', directory, '/tmp');
      // It tells that it has begun, not that all has arrived.
      const arrived = 'until [ -s /tmp/copied ]; do :; done; cat /tmp/copied';
      assert.equal((await execute(['timeout', '30', 'sh', '-c', arrived])).out, 'copied\n');
    } finally {
      await rm(directory, { recursive: true });
    }
  },

  async 'a log is read and followed'() {
    assert.match(await core.readNamespacedPodLog({ name: 'server', namespace }), /^started\n/);
    const log = new PassThrough({ encoding: 'utf8' });
    const controller = await new k8s.Log(kubeconfig).log(namespace, 'server', 'server', log, { follow: true });
    let told = '';
    for await (const piece of log) {
      if (told === '') await execute(['sh', '-c', 'echo more > /proc/1/fd/1']);
      told += piece;
      if (told.endsWith('more\n')) break;
    }
    assert.equal(told, 'started\nmore\n');
    controller.abort();
  },

  async 'a port is forwarded'() {
    const forward = new k8s.PortForward(kubeconfig);
    const server = createServer((socket) => forward.portForward(namespace, 'server', [8080], socket, null, socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = createConnection(server.address().port, '127.0.0.1');
    socket.write('GET /index.html HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const piece of socket) {
      answer += piece;
      if (answer.endsWith('hello\n')) break;
    }
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    server.close();
  },

  // It encodes the slash of the path, as all clients do that are made from the OpenAPI document.
  async 'a node is asked through the server'() {
    const [node] = (await core.listNode()).items;
    const { name } = node.metadata;
    const told = await core.connectGetNodeProxyWithPath({ name, path: 'stats/summary' });
    assert.equal(told.node.nodeName, name);
  },

  // This client has no elector of its own: a Lease changes hands by hand, with its times as the client has them.
  async 'leadership passes on'() {
    const api = kubeconfig.makeApiClient(k8s.CoordinationV1Api);
    const now = () => new k8s.V1MicroTime();
    await api.createNamespacedLease({
      namespace,
      body: {
        metadata: { name: 'office' },
        spec: { holderIdentity: 'first', leaseDurationSeconds: 15, acquireTime: now(), renewTime: now() },
      },
    });
    const seen = await api.readNamespacedLease({ name: 'office', namespace });
    const take = async (lease, holderIdentity) => {
      lease.spec = { ...lease.spec, holderIdentity, renewTime: now() };
      return api.replaceNamespacedLease({ name: 'office', namespace, body: lease });
    };
    await take(await api.readNamespacedLease({ name: 'office', namespace }), 'first');
    assert.equal((await refused(409, take(seen, 'second'))).reason, 'Conflict');
    const released = await take(await api.readNamespacedLease({ name: 'office', namespace }), '');
    assert.equal((await take(released, 'second')).spec.holderIdentity, 'second');
  },
};

await start(process.argv[2]);
for (const [chapter, tell] of Object.entries(chapters)) {
  await tell();
  console.log(chapter);
}
await core.deleteNamespace({ name: namespace });
// Sockets that a client keeps for later hold nobody up.
process.exit();
