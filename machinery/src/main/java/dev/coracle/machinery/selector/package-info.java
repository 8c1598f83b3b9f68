/** Label and field selectors. */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.selector;
