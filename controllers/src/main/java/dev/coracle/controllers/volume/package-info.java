/**
 * Claims and volumes. {@code VolumeController} binds and provisions, {@code ReclaimController} takes volumes back, {@code
 * ExpandController} grows them, {@code Protection} holds claims that pods use, {@code Directories} touches the disk.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.volume;
