/**
 * What controllers share, so that each of them is its decision and little more. {@code Loop} is what wakes a controller and
 * the queue where its keys wait; {@code Owned} and {@code Claims} find what is an object's; {@code PodControl} makes and
 * deletes its pods, slowly where they are refused ({@code SlowStart}) and never twice ({@code Expectations}); {@code History}
 * keeps its templates; {@code FailedPods} keeps it from fighting a kubelet that refuses; {@code StatusPatch} and {@code Conditions} write how it does; {@code Pods} tells how a pod does;
 * {@code Live} asks the server where a copy will not do.
 *
 * <p>A new controller, whole:
 *
 * <pre>{@code
 * public final class PairController implements Controller, Reconciler {
 *     // …fields
 *     public PairController(ControllerContext world, EventRecorder events) {
 *         this.loop = new Loop(world, "pair", 2);                        // its queue's name and workers
 *         this.pairs = loop.reconciles(PAIRS);                           // what its keys are
 *         this.pods = loop.owns(Resources.PODS, "Pair",                  // and what it looks at in a pod
 *                 pod -> List.of(pod.labels(), Pods.isActive(pod)));
 *         this.claims = new Claims(world.client(), PAIRS, pods);
 *         this.control = new PodControl(world, events, pods);
 *         this.statuses = new StatusPatch(world.client(), PAIRS);
 *         control.forgets(pairs);
 *         loop.adopts(claims);
 *         loop.start(this);                                              // last
 *     }
 *     public Result reconcile(ObjectKey key) {                           // all informers are synced
 *         Unstructured pair = pairs.get(key).map(Revision::object).orElse(null);
 *         if (pair == null) {
 *             return Result.DONE;
 *         }
 *         boolean settled = control.isSettled(key);                      // before the pods are read
 *         List<Unstructured> active = claims.of(pair).stream().filter(Pods::isActive).toList();
 *         Unstructured template = pair.object("spec", "template");
 *         PodControl.Failure failure = settled && !pair.isDeleting() && active.size() < 2
 *                 ? control.create(pair, 2 - active.size(), i -> PodControl.pod(pair, template))
 *                 : null;
 *         statuses.write(pair, new Unstructured(new LinkedHashMap<>()).set(active.size(), "replicas"));
 *         if (failure != null) {
 *             throw failure.cause();                                     // to be tried again, after a while
 *         }
 *         return settled ? Result.DONE : Result.after(Expectations.LONG);
 *     }
 *     public WorkQueue<?> queue() {
 *         return loop.queue();
 *     }
 * }
 * }</pre>
 *
 * and a line in {@link dev.coracle.controllers.Controllers}. Where the decision is more than a few lines it is a class of
 * its own, from records to records, and has a test without a cluster: see {@code deployment.Rollout}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.kit;
