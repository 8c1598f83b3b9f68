package dev.coracle.controllers.certificates;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs the requests for the cluster's own signers that are approved, or says why not. */
public final class SigningController implements Controller, Reconciler {
    private final ControllerContext world;
    /** Read when the first request is to be signed: few clusters see any. */
    private volatile @Nullable Authority authority;

    private final Informer requests;
    private final StatusPatch statuses;
    private final Loop loop;

    public SigningController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "certificate", 2);
        this.requests = loop.reconciles(Resources.CERTIFICATE_SIGNING_REQUESTS);
        this.statuses = new StatusPatch(world.client(), Resources.CERTIFICATE_SIGNING_REQUESTS);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured o = requests.get(key).map(Revision::object).orElse(null);
        if (o == null
                || world.config().caKey().isEmpty()
                || !SigningRequest.isApproved(o)
                || !o.string("status", "certificate").isEmpty()
                || Conditions.isTrue(o, "Failed")
                || !Signers.isOurs(o.string("spec", "signerName"))) {
            return Result.DONE;
        }
        Unstructured status = o.copy().object("status").copy();
        try {
            SigningRequest request = SigningRequest.of(o);
            Optional<String> wrong = Signers.wrong(request);
            if (wrong.isEmpty()) {
                String pem = authority().sign(request, Duration.ofSeconds(o.integer(0, "spec", "expirationSeconds")));
                status.set(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)), "certificate");
            } else {
                fail(o, status, wrong.get());
            }
        } catch (IOException e) {
            fail(o, status, String.valueOf(e.getMessage()));
        }
        statuses.writeUnchanged(o, status);
        return Result.DONE;
    }

    private Authority authority() {
        Authority known = authority;
        if (known == null) {
            known = new Authority(world.config().caCertificate(), world.config().caKey(), world.environment());
            authority = known;
        }
        return known;
    }

    private void fail(Unstructured o, Unstructured status, String why) {
        List<Unstructured> conditions = Conditions.of(o);
        Conditions.set(
                conditions,
                "Failed",
                "True",
                "SignerValidationFailure",
                why,
                world.environment().clock().now());
        status.set(conditions, "conditions");
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
