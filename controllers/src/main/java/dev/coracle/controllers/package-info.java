/**
 * The loops that bring the real state to the desired one. {@link dev.coracle.controllers.Controllers} lists them; each has
 * a package of its own and one shape: informers feed a queue of keys, a reconciler decides one key from the informers'
 * copies and writes through the client. What they share is in {@code kit}, whose package comment shows a whole controller.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers;
