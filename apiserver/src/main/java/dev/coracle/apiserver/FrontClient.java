package dev.coracle.apiserver;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Write;
import dev.coracle.apiserver.authentication.TokenRequests;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.client.Client;
import dev.coracle.client.ForwardingClient;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.function.Consumer;

/** Beside what is stored, what is only answered: tokens, reviews of who someone is and may do, and measurements. */
final class FrontClient extends ForwardingClient {
    private final Authorizer authorizer;
    private final TokenRequests tokens;
    private final Reviews reviews;
    private final Elsewhere elsewhere;
    private final AdmissionChain admission;
    private final UserInfo user;
    private final Consumer<String> warnings;

    FrontClient(
            Client stored,
            Authorizer authorizer,
            TokenRequests tokens,
            Reviews reviews,
            Elsewhere elsewhere,
            AdmissionChain admission,
            UserInfo user,
            Consumer<String> warnings) {
        super(stored);
        this.authorizer = authorizer;
        this.tokens = tokens;
        this.reviews = reviews;
        this.elsewhere = elsewhere;
        this.admission = admission;
        this.user = user;
        this.warnings = warnings;
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        if (!reviews.serves(resource)) {
            return to.create(resource, namespace, object, options);
        }
        authorizer.require(
                user, new Attributes("create", resource.group(), resource.resource(), "", namespace, "", ""));
        var request = AdmissionRequest.creating(
                object.groupVersionKind(),
                resource,
                "",
                namespace,
                object.name(),
                object,
                user,
                options.dryRun(),
                warnings);
        Unstructured answer =
                admission.around(request, Write.of(() -> reviews.answer(user, resource, namespace, object)));
        return new Revision(resource, 0, answer.json(), answer);
    }

    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        authorizer.require(
                user,
                new Attributes(
                        name.isEmpty() ? "list" : "get",
                        resource.group(),
                        resource.resource(),
                        subresource,
                        namespace,
                        name,
                        ""));
        return elsewhere.read(user, resource, namespace, name, subresource, parameters);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        if (!resource.equals(Resources.SERVICE_ACCOUNTS) || !subresource.equals("token")) {
            return to.post(resource, namespace, name, subresource, body);
        }
        authorizer.require(user, new Attributes("create", "", "serviceaccounts", "token", namespace, name, ""));
        var kind = new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest");
        var request =
                AdmissionRequest.creating(kind, resource, subresource, namespace, name, body, user, false, warnings);
        return admission.around(request, Write.of(() -> tokens.answer(namespace, name, body)));
    }
}
