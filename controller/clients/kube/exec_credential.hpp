#pragma once

#include "controller/clients/kube/cluster_access.hpp"
#include "controller/clients/kube/credential_source.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chatflow::kube {

/// What a plugin says in ExecCredential.status.
struct ExecCredential {
    std::string token;
    std::string certificate_pem;
    std::string key_pem;
    std::optional<TimePoint> expires_at;  // none: good until the server says 401

    bool operator==(const ExecCredential&) const = default;
};

/// Reads the plugin's standard output; throws CredentialError.
[[nodiscard]] ExecCredential parse_exec_credential(std::string_view output,
                                                   const std::string& api_version);

/// The KUBERNETES_EXEC_INFO for a plugin.
[[nodiscard]] std::string exec_info_for(const ClusterAccess& access,
                                        const std::string& authorities_pem);

/// Runs the plugin and waits; blocks, so call it in a BlockingPool. Kills it at the deadline.
/// Throws CredentialError. What the plugin prints is not shown in messages: it may be secret.
[[nodiscard]] ExecCredential run_exec_plugin(const ExecPlugin& plugin, const std::string& exec_info,
                                             Deadline deadline);

}  // namespace chatflow::kube
