/**
 * {@code coracle kubectl}: kubectl's verbs, for people who have no kubectl. {@link dev.coracle.cli.kubectl.Verbs} lists
 * them in one screen; a verb's class is loaded when it is asked for.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.cli.kubectl;
