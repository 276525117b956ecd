#pragma once

#include "controller/clients/kube/cluster_access.hpp"
#include "libs/base/field_error.hpp"

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::kube {

/// One kubeconfig and the folder that its relative paths start from.
struct KubeconfigText {
    std::string text;
    std::filesystem::path folder;
};

/// What `context` (empty: the current context) of these files says. As with kubectl, the first
/// file that has a name, or a current context, wins. Errors name the field.
[[nodiscard]] std::expected<ClusterAccess, FieldErrors> resolve_kubeconfig(
    const std::vector<KubeconfigText>& files, std::string_view context);

/// The same from files; `paths` is separated by colons, as in $KUBECONFIG. Files that do not exist
/// are left out when there are several.
[[nodiscard]] std::expected<ClusterAccess, FieldErrors> load_kubeconfig(std::string_view paths,
                                                                        std::string_view context);

/// The ServiceAccount of the pod that we run in. `host` and `port` are $KUBERNETES_SERVICE_HOST and
/// $KUBERNETES_SERVICE_PORT; `folder` holds token, ca.crt and namespace.
[[nodiscard]] ClusterAccess in_cluster_access(std::string_view host, std::string_view port,
                                              const std::filesystem::path& folder);

inline constexpr const char* kServiceAccountFolder =
    "/var/run/secrets/kubernetes.io/serviceaccount";

}  // namespace chatflow::kube
