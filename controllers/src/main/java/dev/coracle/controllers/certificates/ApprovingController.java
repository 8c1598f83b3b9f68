package dev.coracle.controllers.certificates;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.List;

/** Approves kubelets' requests where whoever asks is allowed to have one ({@code approver/sarapprove.go}). */
public final class ApprovingController implements Controller, Reconciler {
    private static final GroupVersionResource REVIEWS =
            new GroupVersionResource("authorization.k8s.io", "v1", "subjectaccessreviews");

    private final ControllerContext world;
    private final Informer requests;
    private final Loop loop;

    public ApprovingController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "certificate_approver", 1);
        this.requests = loop.reconciles(Resources.CERTIFICATE_SIGNING_REQUESTS);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured o = requests.get(key).map(Revision::object).orElse(null);
        if (o == null
                || !o.string("status", "certificate").isEmpty()
                || Conditions.isTrue(o, "Approved")
                || Conditions.isTrue(o, "Denied")
                || !o.string("spec", "signerName").equals(Signers.KUBELET_CLIENT)) {
            return Result.DONE;
        }
        try {
            SigningRequest request = SigningRequest.of(o);
            if (Signers.wrong(request).isPresent()) {
                return Result.DONE;
            }
            boolean self = o.string("spec", "username").equals(request.commonName());
            if (self && isAllowed(o, "selfnodeclient")) {
                approve(o, "Auto approving self kubelet client certificate after SubjectAccessReview.");
            } else if (isAllowed(o, "nodeclient")) {
                approve(o, "Auto approving kubelet client certificate after SubjectAccessReview.");
            }
        } catch (IOException e) {
            // Nothing that could be approved; who signs says why.
        }
        return Result.DONE;
    }

    private boolean isAllowed(Unstructured o, String subresource) {
        Unstructured review = Unstructured.of("authorization.k8s.io/v1", "SubjectAccessReview")
                .set(o.string("spec", "username"), "spec", "user")
                .set(o.get("spec", "uid"), "spec", "uid")
                .set(o.get("spec", "groups"), "spec", "groups")
                .set(o.get("spec", "extra"), "spec", "extra")
                .set("create", "spec", "resourceAttributes", "verb")
                .set("certificates.k8s.io", "spec", "resourceAttributes", "group")
                .set("*", "spec", "resourceAttributes", "version")
                .set("certificatesigningrequests", "spec", "resourceAttributes", "resource")
                .set(subresource, "spec", "resourceAttributes", "subresource");
        return world.client()
                .create(REVIEWS, "", review, WriteOptions.DEFAULT)
                .object()
                .bool("status", "allowed");
    }

    private void approve(Unstructured o, String message) {
        Unstructured next = o.copy();
        List<Unstructured> conditions = Conditions.of(o);
        Conditions.set(
                conditions,
                "Approved",
                "True",
                "AutoApproved",
                message,
                world.environment().clock().now());
        next.set(conditions, "status", "conditions");
        world.client()
                .update(
                        Resources.CERTIFICATE_SIGNING_REQUESTS,
                        next,
                        new WriteOptions("approval", WriteOptions.DEFAULT.fieldManager(), false, false));
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
