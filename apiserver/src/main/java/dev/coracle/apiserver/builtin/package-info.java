/**
 * The resources that ship in the box. {@link dev.coracle.apiserver.builtin.BuiltIns} lists them in one screen; each is told whole
 * in one class of its group's package, with classes of rules beside it that several share. The rules are upstream's, and so
 * are the words, since people look them up.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.apiserver.builtin;
