/**
 * Jobs to Pods that come to an end. {@code Tally} counts what the pods have come to and says whether the Job is decided;
 * {@code PodPlan} says which pods to make and to delete; {@code Ledger} keeps the status, so that each pod that ended is
 * counted once whatever is interrupted where. {@code JobController} applies all three, {@code OrphanPods} lets go of pods
 * that nobody will count any more.
 *
 * <p>How a pod is counted: it has a finalizer, {@code batch.kubernetes.io/job-tracking}, and so stays to be seen however
 * it ends. Then, each step being one write and the next beginning when it has succeeded:
 *
 * <ol>
 *   <li>its uid is written to {@code status.uncountedTerminatedPods};
 *   <li>its finalizer is removed;
 *   <li>its uid is taken out of that list and the counter raised, in one.
 * </ol>
 *
 * <p>A pod with the finalizer that is listed is not listed again; one that is listed and has the finalizer no more is
 * counted: so it is whichever step was the last. An Indexed Job counts indexes, which are in {@code
 * status.completedIndexes} from the first step on.
 *
 * <p>All of it rests on what was read being no older than what was written: see {@code Memory}.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.job;
