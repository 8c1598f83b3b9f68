/**
 * When a CronJob is due. Server and controller read schedules alike, and both as Kubernetes does, which is no other
 * library's way: {@code ?} is a star, Sunday is no 7, {@code @every 90s} is one, and what becomes of a time that the clock
 * skips or has twice is as it is there.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.machinery.cron;
