package dev.coracle.apiserver.builtin;

import dev.coracle.apiserver.builtin.admissionregistration.MutatingAdmissionPolicies;
import dev.coracle.apiserver.builtin.admissionregistration.MutatingAdmissionPolicyBindings;
import dev.coracle.apiserver.builtin.admissionregistration.MutatingWebhookConfigurations;
import dev.coracle.apiserver.builtin.admissionregistration.ValidatingAdmissionPolicies;
import dev.coracle.apiserver.builtin.admissionregistration.ValidatingAdmissionPolicyBindings;
import dev.coracle.apiserver.builtin.admissionregistration.ValidatingWebhookConfigurations;
import dev.coracle.apiserver.builtin.apiextensions.CustomResourceDefinitions;
import dev.coracle.apiserver.builtin.apiregistration.ApiServices;
import dev.coracle.apiserver.builtin.apps.ControllerRevisions;
import dev.coracle.apiserver.builtin.apps.DaemonSets;
import dev.coracle.apiserver.builtin.apps.Deployments;
import dev.coracle.apiserver.builtin.apps.ReplicaSets;
import dev.coracle.apiserver.builtin.apps.StatefulSets;
import dev.coracle.apiserver.builtin.autoscaling.HorizontalPodAutoscalers;
import dev.coracle.apiserver.builtin.batch.CronJobs;
import dev.coracle.apiserver.builtin.batch.Jobs;
import dev.coracle.apiserver.builtin.certificates.SigningRequests;
import dev.coracle.apiserver.builtin.coordination.Leases;
import dev.coracle.apiserver.builtin.core.ConfigMaps;
import dev.coracle.apiserver.builtin.core.EndpointsLists;
import dev.coracle.apiserver.builtin.core.Events;
import dev.coracle.apiserver.builtin.core.LimitRanges;
import dev.coracle.apiserver.builtin.core.Namespaces;
import dev.coracle.apiserver.builtin.core.Nodes;
import dev.coracle.apiserver.builtin.core.PersistentVolumeClaims;
import dev.coracle.apiserver.builtin.core.PersistentVolumes;
import dev.coracle.apiserver.builtin.core.PodTemplates;
import dev.coracle.apiserver.builtin.core.Pods;
import dev.coracle.apiserver.builtin.core.ReplicationControllers;
import dev.coracle.apiserver.builtin.core.ResourceQuotas;
import dev.coracle.apiserver.builtin.core.Secrets;
import dev.coracle.apiserver.builtin.core.ServiceAccounts;
import dev.coracle.apiserver.builtin.core.Services;
import dev.coracle.apiserver.builtin.discovery.EndpointSlices;
import dev.coracle.apiserver.builtin.events.NewEvents;
import dev.coracle.apiserver.builtin.flowcontrol.FlowSchemas;
import dev.coracle.apiserver.builtin.flowcontrol.PriorityLevels;
import dev.coracle.apiserver.builtin.networking.IngressClasses;
import dev.coracle.apiserver.builtin.networking.Ingresses;
import dev.coracle.apiserver.builtin.networking.IpAddresses;
import dev.coracle.apiserver.builtin.networking.NetworkPolicies;
import dev.coracle.apiserver.builtin.networking.ServiceCidrs;
import dev.coracle.apiserver.builtin.node.RuntimeClasses;
import dev.coracle.apiserver.builtin.policy.PodDisruptionBudgets;
import dev.coracle.apiserver.builtin.rbac.ClusterRoleBindings;
import dev.coracle.apiserver.builtin.rbac.ClusterRoles;
import dev.coracle.apiserver.builtin.rbac.RoleBindings;
import dev.coracle.apiserver.builtin.rbac.Roles;
import dev.coracle.apiserver.builtin.resource.DeviceClasses;
import dev.coracle.apiserver.builtin.resource.ResourceClaimTemplates;
import dev.coracle.apiserver.builtin.resource.ResourceClaims;
import dev.coracle.apiserver.builtin.resource.ResourceSlices;
import dev.coracle.apiserver.builtin.scheduling.PriorityClasses;
import dev.coracle.apiserver.builtin.storage.CsiDrivers;
import dev.coracle.apiserver.builtin.storage.CsiNodes;
import dev.coracle.apiserver.builtin.storage.CsiStorageCapacities;
import dev.coracle.apiserver.builtin.storage.StorageClasses;
import dev.coracle.apiserver.builtin.storage.VolumeAttachments;
import dev.coracle.apiserver.builtin.storage.VolumeAttributesClasses;
import dev.coracle.apiserver.definition.ResourceDefinition;
import java.util.List;

/** The resources that ship in the box, in one screen. */
public final class BuiltIns {
    private BuiltIns() {}

    public static List<ResourceDefinition> all() {
        return List.of(
                // core
                Pods.DEFINITION,
                Services.DEFINITION,
                EndpointsLists.DEFINITION,
                ConfigMaps.DEFINITION,
                Secrets.DEFINITION,
                Events.DEFINITION,
                ServiceAccounts.DEFINITION,
                PersistentVolumeClaims.DEFINITION,
                ResourceQuotas.DEFINITION,
                LimitRanges.DEFINITION,
                Nodes.DEFINITION,
                Namespaces.DEFINITION,
                PersistentVolumes.DEFINITION,
                ReplicationControllers.DEFINITION,
                PodTemplates.DEFINITION,
                // apps
                Deployments.DEFINITION,
                ReplicaSets.DEFINITION,
                StatefulSets.DEFINITION,
                DaemonSets.DEFINITION,
                ControllerRevisions.DEFINITION,
                // autoscaling; the version that clients should prefer comes first
                HorizontalPodAutoscalers.DEFINITION,
                HorizontalPodAutoscalers.V1,
                // events.k8s.io
                NewEvents.DEFINITION,
                // batch
                Jobs.DEFINITION,
                CronJobs.DEFINITION,
                // policy
                PodDisruptionBudgets.DEFINITION,
                // discovery.k8s.io
                EndpointSlices.DEFINITION,
                // networking.k8s.io
                Ingresses.DEFINITION,
                IngressClasses.DEFINITION,
                NetworkPolicies.DEFINITION,
                ServiceCidrs.DEFINITION,
                IpAddresses.DEFINITION,
                // node.k8s.io
                RuntimeClasses.DEFINITION,
                // storage.k8s.io
                StorageClasses.DEFINITION,
                CsiDrivers.DEFINITION,
                CsiNodes.DEFINITION,
                CsiStorageCapacities.DEFINITION,
                VolumeAttachments.DEFINITION,
                VolumeAttributesClasses.DEFINITION,
                // resource.k8s.io
                DeviceClasses.DEFINITION,
                ResourceClaims.DEFINITION,
                ResourceClaimTemplates.DEFINITION,
                ResourceSlices.DEFINITION,
                // coordination.k8s.io
                Leases.DEFINITION,
                // scheduling.k8s.io
                PriorityClasses.DEFINITION,
                // rbac.authorization.k8s.io
                Roles.DEFINITION,
                RoleBindings.DEFINITION,
                ClusterRoles.DEFINITION,
                ClusterRoleBindings.DEFINITION,
                // admissionregistration.k8s.io
                MutatingWebhookConfigurations.DEFINITION,
                ValidatingWebhookConfigurations.DEFINITION,
                MutatingAdmissionPolicies.DEFINITION,
                MutatingAdmissionPolicyBindings.DEFINITION,
                ValidatingAdmissionPolicies.DEFINITION,
                ValidatingAdmissionPolicyBindings.DEFINITION,
                // certificates.k8s.io
                SigningRequests.DEFINITION,
                // flowcontrol.apiserver.k8s.io
                FlowSchemas.DEFINITION,
                PriorityLevels.DEFINITION,
                // apiextensions.k8s.io
                CustomResourceDefinitions.DEFINITION,
                // apiregistration.k8s.io
                ApiServices.DEFINITION);
    }
}
