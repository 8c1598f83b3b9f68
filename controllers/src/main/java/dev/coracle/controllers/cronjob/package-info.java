/**
 * CronJobs to Jobs. {@code Timetable} says which time is due, {@code Turn} what is to be done about it, {@code Roster} what
 * has become of the Jobs that were made; {@code CronJobController} does it. A Job's name is made of the time it was due, so
 * that there is one of each whoever asks twice.
 */
@org.jspecify.annotations.NullMarked
package dev.coracle.controllers.cronjob;
