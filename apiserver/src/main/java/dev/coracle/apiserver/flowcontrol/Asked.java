package dev.coracle.apiserver.flowcontrol;

import dev.coracle.apiserver.authentication.UserInfo;

/**
 * What schemas look at.
 *
 * @param resource {@code pods}, or {@code pods/status}; {@code ""} for what is no resource
 * @param namespace {@code ""} for what lies in none, or in all
 */
public record Asked(UserInfo user, String verb, String group, String resource, String namespace, String path) {}
