/**
 * API Priority and Fairness (KEP-1040): every request belongs to a flow of a FlowSchema, which belongs to a priority level; a
 * level has so many seats, and who finds none waits in one of its queues, or is told to come again. So the greedy fill queues of
 * their own, and others go by.
 *
 * <p>{@link dev.coracle.apiserver.flowcontrol.FlowControl} lets requests in; {@link dev.coracle.apiserver.flowcontrol.Level} is
 * one level's seats and queues; {@link dev.coracle.apiserver.flowcontrol.FlowSchema} and
 * {@link dev.coracle.apiserver.flowcontrol.PriorityLevel} are what objects say.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.flowcontrol;
