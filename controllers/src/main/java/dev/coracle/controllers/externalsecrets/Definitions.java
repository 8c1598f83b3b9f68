package dev.coracle.controllers.externalsecrets;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The kinds as CustomResourceDefinitions, with what is supported of upstream's. Fields that it has besides stand in {@code
 * refused}, with their types: each becomes a field that must be empty, since one that is not declared would be dropped
 * without a word. There are no expressions in them: who turns this on would wait a second or two for their compiler.
 */
final class Definitions {
    private static final String SPEC_OF_STORE = """
            type: object
            required: [provider]
            properties:
              controller: {type: string, description: 'Which controller the store is for; here it is default, or none.'}
              refreshInterval: {type: integer, description: 'How often it is asked whether it answers, in seconds.'}
              conditions:
                type: array
                maxItems: 100
                description: From which namespaces a ClusterSecretStore may be used, where any of them holds.
                items:
                  type: object
                  properties:
                    namespaces: {type: array, items: {type: string, minLength: 1, maxLength: 63}}
                    namespaceRegexes: {type: array, items: {type: string}}
                    namespaceSelector:
                      type: object
                      x-kubernetes-map-type: atomic
                      properties:
                        matchLabels: {type: object, additionalProperties: {type: string}}
                        matchExpressions:
                          type: array
                          x-kubernetes-list-type: atomic
                          items:
                            type: object
                            required: [key, operator]
                            properties:
                              key: {type: string}
                              operator: {type: string}
                              values: {type: array, x-kubernetes-list-type: atomic, items: {type: string}}
              provider:
                type: object
                x-kubernetes-preserve-unknown-fields: true
                minProperties: 1
                maxProperties: 1
                description: Where the secrets are.
                oneOf: [{required: [aws]}, {required: [vault]}]
                properties:
                  aws:
                    type: object
                    required: [service, region, auth]
                    description: AWS Secrets Manager.
                    refused: {role: string, additionalRoles: strings, externalID: string, sessionTags: objects,
                      transitiveTagKeys: strings, secretsManager: object, customSessionTags: object, prefix: string}
                    properties:
                      service: {type: string, enum: [SecretsManager]}
                      region: {type: string, maxLength: 50, pattern: '^[a-z]{2,}(-[a-z]+)+-[0-9]+$'}
                      sessionTagsPolicy: {type: string, enum: [None]}
                      auth:
                        type: object
                        required: [secretRef]
                        refused: {jwt: object}
                        properties:
                          secretRef:
                            type: object
                            required: [accessKeyIDSecretRef, secretAccessKeySecretRef]
                            properties:
                              accessKeyIDSecretRef: KEY
                              secretAccessKeySecretRef: KEY
                              sessionTokenSecretRef: KEY
                  vault:
                    type: object
                    required: [server, auth]
                    description: HashiCorp Vault's KV engine.
                    refused: {tls: object, readYourWrites: boolean, forwardInconsistent: boolean, headers: object,
                      checkAndSet: object}
                    properties:
                      server: {type: string, maxLength: 2048, pattern: '^https?://[^@?#]+$'}
                      path: {type: string, maxLength: 1024, description: Of the mount.}
                      version: {type: string, enum: [v2], default: v2}
                      namespace: {type: string, maxLength: 1024}
                      caBundle: {type: string, format: byte, description: 'Who vouches for the server, PEM.'}
                      caProvider:
                        type: object
                        required: [type, name, key]
                        properties:
                          type: {type: string, enum: [Secret, ConfigMap]}
                          name: {type: string, minLength: 1, maxLength: 253}
                          key: {type: string, minLength: 1, maxLength: 253}
                          namespace: {type: string, minLength: 1, maxLength: 63}
                      auth:
                        type: object
                        refused: {appRole: object, ldap: object, jwt: object, cert: object, iam: object,
                          userPass: object, gcp: object}
                        oneOf: [{required: [tokenSecretRef]}, {required: [kubernetes]}]
                        properties:
                          namespace: {type: string, maxLength: 1024}
                          tokenSecretRef: KEY
                          kubernetes:
                            type: object
                            required: [role]
                            oneOf: [{required: [serviceAccountRef]}, {required: [secretRef]}]
                            properties:
                              mountPath: {type: string, maxLength: 1024, default: kubernetes}
                              role: {type: string}
                              secretRef: NAMED
                              serviceAccountRef:
                                type: object
                                required: [name]
                                properties:
                                  name: {type: string, minLength: 1, maxLength: 253}
                                  namespace: {type: string, minLength: 1, maxLength: 63}
                                  audiences: {type: array, items: {type: string}}
            refused: {retrySettings: object}
            """;
    private static final String STATUS_OF_STORE = """
            type: object
            properties:
              capabilities: {type: string}
              conditions: CONDITIONS
            """;
    private static final String SPEC = """
            type: object
            anyOf: [{required: [data]}, {required: [dataFrom]}]
            refused: {syncWindows: object}
            properties:
              secretStoreRef: STORE
              refreshPolicy: {type: string, enum: [CreatedOnce, Periodic, OnChange]}
              refreshInterval:
                type: string
                default: 1h
                maxLength: 50
                pattern: '^(0|-?([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$'
                description: How often the store is asked again; 0 for once.
              target:
                type: object
                default: {creationPolicy: Owner, deletionPolicy: Retain}
                refused: {manifest: object}
                properties:
                  name: {type: string, minLength: 1, maxLength: 253}
                  creationPolicy: {type: string, enum: [Owner, Orphan, Merge, None], default: Owner}
                  deletionPolicy: {type: string, enum: [Delete, Merge, Retain], default: Retain}
                  immutable: {type: boolean}
                  template:
                    type: object
                    refused: {templateFrom: objects}
                    properties:
                      type: {type: string}
                      engineVersion: {type: string, enum: [v2], default: v2}
                      mergePolicy: {type: string, enum: [Replace, Merge], default: Replace}
                      data: {type: object, additionalProperties: {type: string}}
                      metadata:
                        type: object
                        refused: {finalizers: strings}
                        properties:
                          labels: {type: object, additionalProperties: {type: string}}
                          annotations: {type: object, additionalProperties: {type: string}}
              data:
                type: array
                maxItems: 1000
                items:
                  type: object
                  required: [secretKey, remoteRef]
                  properties:
                    secretKey: {type: string, minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$'}
                    remoteRef: REMOTE
                    sourceRef: SOURCE
              dataFrom:
                type: array
                maxItems: 100
                items:
                  type: object
                  refused: {rewrite: objects}
                  oneOf: [{required: [extract]}, {required: [find]}]
                  properties:
                    sourceRef: SOURCE
                    extract: REMOTE
                    find:
                      type: object
                      required: [name]
                      refused: {tags: object}
                      properties:
                        path: {type: string}
                        name: {type: object, required: [regexp], properties: {regexp: {type: string}}}
                        conversionStrategy: {type: string, enum: [Default, Unicode], default: Default}
                        decodingStrategy: {type: string, enum: [Auto, Base64, Base64URL, None], default: None}
            """;
    private static final String STATUS = """
            type: object
            properties:
              refreshTime: {type: string, format: date-time, nullable: true}
              syncedResourceVersion: {type: string}
              binding: {type: object, x-kubernetes-map-type: atomic, properties: {name: {type: string, default: ''}}}
              conditions: CONDITIONS
            """;
    /** What stands for itself in several places. */
    private static final String PARTS = """
            KEY:
              type: object
              required: [name, key]
              properties:
                name: {type: string, minLength: 1, maxLength: 253}
                key: {type: string, minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$'}
                namespace: {type: string, minLength: 1, maxLength: 63}
            NAMED:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1, maxLength: 253}
                key: {type: string, minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$'}
                namespace: {type: string, minLength: 1, maxLength: 63}
            STORE:
              type: object
              properties:
                name: {type: string, minLength: 1, maxLength: 253}
                kind: {type: string, enum: [SecretStore, ClusterSecretStore]}
            SOURCE:
              type: object
              required: [storeRef]
              refused: {generatorRef: object}
              properties:
                storeRef:
                  type: object
                  required: [name]
                  properties:
                    name: {type: string, minLength: 1, maxLength: 253}
                    kind: {type: string, enum: [SecretStore, ClusterSecretStore]}
            REMOTE:
              type: object
              required: [key]
              properties:
                key: {type: string, minLength: 1, maxLength: 2048}
                property: {type: string, maxLength: 2048}
                version: {type: string, maxLength: 256}
                metadataPolicy: {type: string, enum: [None], default: None}
                conversionStrategy: {type: string, enum: [Default, Unicode], default: Default}
                decodingStrategy: {type: string, enum: [Auto, Base64, Base64URL, None], default: None}
            CONDITIONS:
              type: array
              items:
                type: object
                required: [status, type]
                properties:
                  type: {type: string}
                  status: {type: string}
                  reason: {type: string}
                  message: {type: string}
                  lastTransitionTime: {type: string, format: date-time}
            """;

    private static final String COLUMNS_OF_STORE = """
            - {name: AGE, type: date, jsonPath: '.metadata.creationTimestamp'}
            - {name: Status, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].reason'}
            - {name: Capabilities, type: string, jsonPath: '.status.capabilities'}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            """;
    private static final String COLUMNS = """
            - {name: StoreType, type: string, jsonPath: '.spec.secretStoreRef.kind'}
            - {name: Store, type: string, jsonPath: '.spec.secretStoreRef.name'}
            - {name: Refresh Interval, type: string, jsonPath: '.spec.refreshInterval'}
            - {name: Status, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].reason'}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            """;

    private Definitions() {}

    static List<Unstructured> all() {
        return List.of(
                definition("SecretStore", "ss", "Namespaced", SPEC_OF_STORE, STATUS_OF_STORE, COLUMNS_OF_STORE),
                definition("ClusterSecretStore", "css", "Cluster", SPEC_OF_STORE, STATUS_OF_STORE, COLUMNS_OF_STORE),
                definition("ExternalSecret", "es", "Namespaced", SPEC, STATUS, COLUMNS));
    }

    private static Unstructured definition(
            String kind, String shortName, String scope, String spec, String status, String columns) {
        String singular = kind.toLowerCase(java.util.Locale.ROOT);
        Unstructured definition = Unstructured.of("apiextensions.k8s.io/v1", "CustomResourceDefinition")
                .set(singular + "s." + ExternalSecrets.GROUP, "metadata", "name")
                .set("controller", "metadata", "labels", "external-secrets.io/component")
                .set(ExternalSecrets.GROUP, "spec", "group")
                .set(scope, "spec", "scope")
                .set(
                        Map.of(
                                "kind",
                                kind,
                                "listKind",
                                kind + "List",
                                "plural",
                                singular + "s",
                                "singular",
                                singular,
                                "categories",
                                List.of("external-secrets"),
                                "shortNames",
                                List.of(shortName)),
                        "spec",
                        "names");
        for (String version : List.of("v1", "v1beta1")) {
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("apiVersion", Map.of("type", "string"));
            schema.put("kind", Map.of("type", "string"));
            schema.put("metadata", Map.of("type", "object"));
            schema.put("spec", schema(spec));
            schema.put("status", schema(status));
            definition.add(
                    new Unstructured(new LinkedHashMap<>())
                            .set(version, "name")
                            .set(true, "served")
                            .set(version.equals("v1"), "storage")
                            .set(Map.of(), "subresources", "status")
                            .set(Yaml.parseAll(columns).getFirst(), "additionalPrinterColumns")
                            .set("object", "schema", "openAPIV3Schema", "type")
                            .set(List.of("spec"), "schema", "openAPIV3Schema", "required")
                            .set(schema, "schema", "openAPIV3Schema", "properties"),
                    "spec",
                    "versions");
        }
        return definition;
    }

    private static Object schema(String yaml) {
        return whole(
                Yaml.parseAll(yaml).getFirst(),
                new Unstructured(object(Yaml.parseAll(PARTS).getFirst())));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object o) {
        return (Map<String, Object>) o;
    }

    /** With the parts in their places, and the fields that are refused. */
    private static Object whole(Object schema, Unstructured parts) {
        if (schema instanceof String s && parts.has(s)) {
            return whole(Json.copy(parts.object(s).map()), parts);
        }
        if (schema instanceof List<?> list) {
            List<Object> all = new ArrayList<>();
            list.forEach(o -> all.add(whole(o, parts)));
            return all;
        }
        if (!(schema instanceof Map<?, ?>)) {
            return schema;
        }
        Unstructured node = new Unstructured(new LinkedHashMap<>());
        object(schema).forEach((k, v) -> node.set(whole(v, parts), k));
        Map<String, String> refused = node.strings("refused");
        node.remove("refused");
        refused.forEach((field, type) -> node.set(refused(type), "properties", field));
        return node.map();
    }

    /** With nothing in it that would be dropped, and nothing that may be in it. */
    private static Object refused(String type) {
        String schema = switch (type) {
            case "object" -> "type: object, maxProperties: 0, x-kubernetes-preserve-unknown-fields: true";
            case "objects" ->
                "type: array, maxItems: 0, items: {type: object," + " x-kubernetes-preserve-unknown-fields: true}";
            case "strings" -> "type: array, maxItems: 0, items: {type: string}";
            case "boolean" -> "type: boolean, enum: [false]";
            default -> "type: string, maxLength: 0";
        };
        return Yaml.parseAll("{" + schema + ", description: Not supported.}").getFirst();
    }
}
