#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::kube {

/// A text that is given, or in a file that may change while we run. Both empty: there is none.
struct TextOrFile {
    std::string text;
    std::filesystem::path file;

    [[nodiscard]] bool is_given() const { return !text.empty() || !file.empty(); }
    bool operator==(const TextOrFile&) const = default;
};

/// A program that prints an ExecCredential (client.authentication.k8s.io).
struct ExecPlugin {
    std::string api_version;  // "client.authentication.k8s.io/v1" or "…/v1beta1"
    std::string command;      // a path, or a name to be found in PATH
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;  // besides our own
    bool provide_cluster_info = false;

    bool operator==(const ExecPlugin&) const = default;
};

/// How one cluster is reached and who we are there: what a context of a kubeconfig says, or the
/// ServiceAccount of a pod.
struct ClusterAccess {
    std::string server;  // "https://10.96.0.1:443"
    std::string name_space = "default";
    TextOrFile authorities;  // PEM; none: the system's
    std::string server_name;
    bool skip_verification = false;

    TextOrFile client_certificate;
    TextOrFile client_key;
    TextOrFile token;
    std::string user;  // basic authentication
    std::string password;
    std::optional<ExecPlugin> exec;

    bool operator==(const ClusterAccess&) const = default;
};

}  // namespace chatflow::kube
