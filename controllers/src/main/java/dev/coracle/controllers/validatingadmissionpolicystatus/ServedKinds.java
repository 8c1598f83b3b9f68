package dev.coracle.controllers.validatingadmissionpolicystatus;

import dev.coracle.apiserver.admission.policy.KindSchema;
import dev.coracle.apiserver.admission.policy.TypeChecking;
import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schemas;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds that there are while one policy is looked at. The schemas of those that are built in are known to every
 * component; those of custom ones stand in their definitions; those of kinds that other servers answer for are not
 * looked for.
 */
final class ServedKinds implements TypeChecking.Kinds {
    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private final Client client;
    private final Schemas schemas;
    private final List<ApiResource> resources;

    ServedKinds(Client client, Schemas schemas) {
        this.client = client;
        this.schemas = schemas;
        this.resources = client.resources();
    }

    @Override
    public List<GroupVersionKind> of(GroupVersionResource asked) {
        return resources.stream()
                .filter(r -> asked.group().isEmpty() || r.resource().group().equals(asked.group()))
                .filter(r -> r.resource().resource().equals(asked.resource())
                        || r.kind().toLowerCase(Locale.ROOT).equals(asked.resource()))
                .filter(r -> r.resource().version().equals(asked.version())
                        || schema(r, asked.version()).isPresent())
                .map(r -> kind(r, asked.version()))
                .toList();
    }

    @Override
    public Optional<KindSchema> schema(GroupVersionKind kind) {
        return resources.stream()
                .filter(r ->
                        r.resource().group().equals(kind.group()) && r.kind().equals(kind.kind()))
                .flatMap(r -> schema(r, kind.version()).stream())
                .findFirst();
    }

    private static GroupVersionKind kind(ApiResource r, String version) {
        return new GroupVersionKind(r.resource().group(), version, r.kind());
    }

    private Optional<KindSchema> schema(ApiResource r, String version) {
        Optional<KindSchema> known = schemas.of(kind(r, version)).map(KindSchema.BuiltIn::new);
        return known.isPresent() ? known : custom(r, version);
    }

    private Optional<KindSchema> custom(ApiResource r, String version) {
        String name = r.resource().resource() + "." + r.resource().group();
        try {
            return client.get(DEFINITIONS, "", name).object().objects("spec", "versions").stream()
                    .filter(v -> v.string("name").equals(version) && v.bool("served"))
                    .map(v -> v.object("schema", "openAPIV3Schema"))
                    .map(Unstructured::map)
                    .<KindSchema>map(KindSchema.Custom::new)
                    .findFirst();
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
