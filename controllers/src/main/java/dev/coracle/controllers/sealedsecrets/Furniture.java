package dev.coracle.controllers.sealedsecrets;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the cluster has while sealed secrets are turned on: the kind, the Service before the certificate, and everybody's
 * right to ask it. Where it is there already it is left as it is.
 */
public final class Furniture {
    private static final String DEFINITION = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: sealedsecrets.bitnami.com}
            spec:
              group: bitnami.com
              scope: Namespaced
              names: {kind: SealedSecret, listKind: SealedSecretList, plural: sealedsecrets, singular: sealedsecret}
              versions:
              - name: v1alpha1
                served: true
                storage: true
                subresources: {status: {}}
                additionalPrinterColumns:
                - {name: Status, type: string, jsonPath: '.status.conditions[0].message'}
                - {name: Synced, type: string, jsonPath: '.status.conditions[0].status'}
                - {name: Age, type: date, jsonPath: '.metadata.creationTimestamp'}
                schema:
                  openAPIV3Schema:
                    type: object
                    description: A Secret whose values only the cluster can open.
                    required: [spec]
                    properties:
                      apiVersion: {type: string}
                      kind: {type: string}
                      metadata: {type: object}
                      spec:
                        type: object
                        required: [encryptedData]
                        properties:
                          data:
                            type: string
                            format: byte
                            description: Of long ago, and no longer opened.
                          encryptedData:
                            type: object
                            x-kubernetes-preserve-unknown-fields: true
                            additionalProperties: {type: string}
                            description: What each key of the Secret holds, sealed, in base64.
                          template:
                            type: object
                            description: What the Secret is like besides.
                            properties:
                              type: {type: string, description: The Secret's type.}
                              immutable: {type: boolean, description: Whether the Secret can be changed once it is made.}
                              data:
                                type: object
                                nullable: true
                                additionalProperties: {type: string, nullable: true}
                                description: Keys whose text is put together from the opened values.
                              metadata:
                                type: object
                                nullable: true
                                x-kubernetes-preserve-unknown-fields: true
                                description: The Secret's labels and annotations.
                      status:
                        type: object
                        properties:
                          observedGeneration: {type: integer, format: int64}
                          conditions:
                            type: array
                            items:
                              type: object
                              required: [status, type]
                              properties:
                                type: {type: string, description: Synced.}
                                status: {type: string, description: 'True, False or Unknown.'}
                                lastUpdateTime: {type: string, format: date-time}
                                lastTransitionTime: {type: string, format: date-time}
                                reason: {type: string}
                                message: {type: string}
            """;
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata:
              name: sealed-secrets-controller
              namespace: kube-system
              labels: {app.kubernetes.io/name: sealed-secrets}
            spec:
              ports:
              - {port: 8080, protocol: TCP, targetPort: 8080}
            """;
    private static final String ROLE = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: sealed-secrets-service-proxier, namespace: kube-system}
            rules:
            - {apiGroups: [''], resources: [services], resourceNames: [sealed-secrets-controller], verbs: [get]}
            - apiGroups: ['']
              resources: [services/proxy]
              resourceNames:
              - 'http:sealed-secrets-controller:'
              - 'http:sealed-secrets-controller:http'
              - sealed-secrets-controller
              verbs: [create, get]
            """;
    private static final String BINDING = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: sealed-secrets-service-proxier, namespace: kube-system}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: sealed-secrets-service-proxier}
            subjects:
            - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}
            """;

    private Furniture() {}

    private static Map<GroupVersionResource, String> all() {
        Map<GroupVersionResource, String> all = new LinkedHashMap<>();
        all.put(new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions"), DEFINITION);
        all.put(Resources.SERVICES, SERVICE);
        all.put(Resources.ROLES, ROLE);
        all.put(Resources.ROLE_BINDINGS, BINDING);
        return all;
    }

    /** @param client of one who may make kinds and roles */
    public static void put(Client client) {
        all().forEach((resource, yaml) -> {
            Unstructured o = object(yaml);
            if (Live.find(client, resource, o.namespace(), o.name()).isEmpty()) {
                client.create(resource, o.namespace(), o, WriteOptions.DEFAULT);
            }
        });
    }

    /** Takes the way to the certificate away. Kind and objects stay, and with them the Secrets that are theirs. */
    public static void remove(Client client) {
        for (GroupVersionResource r : List.of(Resources.ENDPOINT_SLICES, Resources.SERVICES)) {
            Live.find(client, r, KeyRing.NAMESPACE, SealedSecrets.SERVICE)
                    .ifPresent(o -> Live.delete(client, r, o.object()));
        }
    }

    @SuppressWarnings("unchecked")
    private static Unstructured object(String yaml) {
        return new Unstructured((Map<String, Object>) Yaml.parseAll(yaml).getFirst());
    }
}
