package dev.coracle.bench.jmh;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;

/** A pod as clusters are full of. */
public final class Sample {
    private Sample() {}

    @SuppressWarnings("unchecked")
    public static Unstructured pod() {
        return new Unstructured((Map<String, Object>) Yaml.parseAll("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: worker-service-7d9c5b7c4d-x2x7k
                  namespace: flowforge
                  uid: 0f6a3f1e-2b1c-4a4b-9d58-6f3a7e1b2c3d
                  resourceVersion: "123456"
                  creationTimestamp: "2026-11-23T10:00:00Z"
                  labels: {app: worker-service, pod-template-hash: 7d9c5b7c4d, tier: backend, version: v1}
                  annotations: {prometheus.io/scrape: "true", prometheus.io/port: "8080"}
                  ownerReferences:
                  - {apiVersion: apps/v1, kind: ReplicaSet, name: worker-service-7d9c5b7c4d,
                     uid: 7c1d7b5e-0b7e-4a57-8c35-0d1f2a3b4c5d, controller: true, blockOwnerDeletion: true}
                spec:
                  restartPolicy: Always
                  serviceAccountName: default
                  terminationGracePeriodSeconds: 30
                  nodeName: coracle-worker
                  tolerations:
                  - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}
                  - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}
                  containers:
                  - name: main
                    image: flowforge/worker-service:v1
                    imagePullPolicy: IfNotPresent
                    command: [/app/bin/worker, --verbose]
                    ports: [{name: http, containerPort: 8080, protocol: TCP}]
                    env:
                    - {name: DB_HOST, value: postgresql}
                    - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: flowforge-secrets, key: DB_PASSWORD}}}
                    resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: "1", memory: 256Mi}}
                    readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 5}
                    livenessProbe: {httpGet: {path: /health, port: 8080}, periodSeconds: 10}
                    volumeMounts: [{name: config, mountPath: /config, readOnly: true}]
                  - name: sidecar
                    image: flowforge/sidecar:v1
                    resources: {requests: {cpu: 10m, memory: 16Mi}}
                  volumes:
                  - {name: config, configMap: {name: flowforge-config, defaultMode: 420}}
                status:
                  phase: Running
                  podIP: 10.244.1.17
                  hostIP: 172.30.0.3
                  qosClass: Burstable
                  startTime: "2026-11-23T10:00:01Z"
                  conditions:
                  - {type: PodScheduled, status: "True", lastTransitionTime: "2026-11-23T10:00:00Z"}
                  - {type: Initialized, status: "True", lastTransitionTime: "2026-11-23T10:00:01Z"}
                  - {type: ContainersReady, status: "True", lastTransitionTime: "2026-11-23T10:00:03Z"}
                  - {type: Ready, status: "True", lastTransitionTime: "2026-11-23T10:00:03Z"}
                """).getFirst());
    }
}
