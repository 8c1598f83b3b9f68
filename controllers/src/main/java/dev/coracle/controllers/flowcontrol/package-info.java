/** Says of each FlowSchema whether the priority level that it names is there. */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.flowcontrol;
