#include "controller/clients/kube/kubeconfig.hpp"

#include "libs/base/base64.hpp"

#include <cctype>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <yaml-cpp/yaml.h>

namespace chatflow::kube {

namespace {

struct Entry {
    YAML::Node node;
    std::filesystem::path folder;
};

/// The files as one, and the errors found while reading it.
class Merged {
 public:
    explicit Merged(const std::vector<KubeconfigText>& files) {
        for (const KubeconfigText& file : files) add(file);
    }

    std::string current_context() {
        for (const Entry& file : files_) {
            auto name = text(file.node, "current-context");
            if (!name.empty()) return name;
        }
        return "";
    }

    // files: {clusters: [{name: a, cluster: {…}}]}
    std::optional<Entry> find(const char* list, const char* field, const std::string& name) {
        for (const Entry& file : files_) {
            const YAML::Node entries = file.node[list];
            if (!entries || !entries.IsSequence()) continue;
            for (const YAML::Node& entry : entries) {
                if (!entry.IsMap()) continue;
                if (text(entry, "name") == name && entry[field]) {
                    return Entry{entry[field], file.folder};
                }
            }
        }
        refuse(std::string(list), "has no entry named \"" + name + "\"");
        return std::nullopt;
    }

    std::string text(const YAML::Node& node, const char* field) {
        if (!node.IsMap()) return "";
        const YAML::Node value = node[field];
        if (!value || value.IsNull()) return "";
        if (!value.IsScalar()) {
            refuse(field, "must be a text");
            return "";
        }
        return value.Scalar();
    }

    bool flag(const YAML::Node& node, const char* field) { return text(node, field) == "true"; }

    // "<field>-data" holds the content in Base64, "<field>" the name of a file.
    TextOrFile data_or_file(const Entry& entry, const std::string& field) {
        std::string data = text(entry.node, (field + "-data").c_str());
        // Some files have it in lines.
        std::erase_if(data, [](unsigned char letter) { return std::isspace(letter) != 0; });
        const std::string file = text(entry.node, field.c_str());
        if (data.empty()) return {.file = file.empty() ? "" : entry.folder / file};
        auto decoded = decode_base64(data);
        if (!decoded) refuse(field + "-data", "must be Base64");
        return {.text = decoded.value_or("")};
    }

    void refuse(std::string path, std::string message) {
        errors_.push_back({std::move(path), std::move(message)});
    }

    FieldErrors& errors() { return errors_; }

 private:
    void add(const KubeconfigText& file) {
        try {
            YAML::Node node = YAML::Load(file.text);
            if (!node.IsMap()) return refuse("kubeconfig", "must be a map");
            files_.push_back({node, file.folder});
        } catch (const YAML::Exception& failure) {
            refuse("kubeconfig", std::string("is no YAML: ") + failure.what());
        }
    }

    std::vector<Entry> files_;
    FieldErrors errors_;
};

std::optional<ExecPlugin> read_exec(Merged& merged, const Entry& user) {
    const YAML::Node exec = user.node["exec"];
    if (!exec || !exec.IsMap()) return std::nullopt;
    ExecPlugin plugin{.api_version = merged.text(exec, "apiVersion"),
                      .command = merged.text(exec, "command"),
                      .provide_cluster_info = merged.flag(exec, "provideClusterInfo")};
    if (plugin.api_version != "client.authentication.k8s.io/v1" &&
        plugin.api_version != "client.authentication.k8s.io/v1beta1") {
        merged.refuse("users.exec.apiVersion",
                      "must be client.authentication.k8s.io/v1 or …/v1beta1, not \"" +
                          plugin.api_version + "\"");
    }
    if (plugin.command.empty()) merged.refuse("users.exec.command", "must be given");
    // A relative path is relative to the file; a bare name is looked for in PATH.
    if (plugin.command.contains('/')) plugin.command = user.folder / plugin.command;
    for (const YAML::Node& argument : exec["args"]) plugin.arguments.push_back(argument.Scalar());
    for (const YAML::Node& variable : exec["env"]) {
        plugin.environment.emplace_back(merged.text(variable, "name"),
                                        merged.text(variable, "value"));
    }
    return plugin;
}

void read_cluster(Merged& merged, const Entry& cluster, ClusterAccess& access) {
    access.server = merged.text(cluster.node, "server");
    if (access.server.empty()) merged.refuse("clusters.cluster.server", "must be given");
    access.authorities = merged.data_or_file(cluster, "certificate-authority");
    access.server_name = merged.text(cluster.node, "tls-server-name");
    access.skip_verification = merged.flag(cluster.node, "insecure-skip-tls-verify");
    if (!merged.text(cluster.node, "proxy-url").empty()) {
        merged.refuse("clusters.cluster.proxy-url", "is not supported");
    }
}

void read_user(Merged& merged, const Entry& user, ClusterAccess& access) {
    access.client_certificate = merged.data_or_file(user, "client-certificate");
    access.client_key = merged.data_or_file(user, "client-key");
    if (access.client_certificate.is_given() != access.client_key.is_given()) {
        merged.refuse("users.user", "must have both client-certificate and client-key, or neither");
    }
    // As in kubectl, the file wins.
    const std::string token_file = merged.text(user.node, "tokenFile");
    if (!token_file.empty()) {
        access.token.file = user.folder / token_file;
    } else {
        access.token.text = merged.text(user.node, "token");
    }
    access.user = merged.text(user.node, "username");
    access.password = merged.text(user.node, "password");
    access.exec = read_exec(merged, user);
    if (user.node["auth-provider"]) {
        merged.refuse("users.user.auth-provider",
                      "is not supported any more; use an exec credential plugin");
    }
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

std::expected<ClusterAccess, FieldErrors> resolve_kubeconfig(
    const std::vector<KubeconfigText>& files, std::string_view context) {
    Merged merged(files);
    const std::string wanted = context.empty() ? merged.current_context() : std::string(context);
    if (wanted.empty()) merged.refuse("current-context", "must be given, as no context was chosen");
    if (!merged.errors().empty()) return std::unexpected(std::move(merged.errors()));

    ClusterAccess access;
    if (const auto chosen = merged.find("contexts", "context", wanted)) {
        const auto name_space = merged.text(chosen->node, "namespace");
        if (!name_space.empty()) access.name_space = name_space;
        const auto cluster =
            merged.find("clusters", "cluster", merged.text(chosen->node, "cluster"));
        if (cluster) read_cluster(merged, *cluster, access);
        const auto user_name = merged.text(chosen->node, "user");
        const auto user =
            user_name.empty() ? std::nullopt : merged.find("users", "user", user_name);
        if (user && user->node.IsMap()) read_user(merged, *user, access);
    }
    if (!merged.errors().empty()) return std::unexpected(std::move(merged.errors()));
    return access;
}

std::expected<ClusterAccess, FieldErrors> load_kubeconfig(std::string_view paths,
                                                          std::string_view context) {
    std::vector<KubeconfigText> files;
    for (std::size_t start = 0; start <= paths.size();) {
        const std::size_t end = std::min(paths.find(':', start), paths.size());
        const std::filesystem::path path(paths.substr(start, end - start));
        start = end + 1;
        if (path.empty()) continue;
        if (auto text = read_file(path)) {
            files.push_back({std::move(*text), std::filesystem::absolute(path).parent_path()});
        }
    }
    if (files.empty()) {
        return std::unexpected(FieldErrors{{"kubeconfig", std::string(paths) + " cannot be read"}});
    }
    return resolve_kubeconfig(files, context);
}

ClusterAccess in_cluster_access(std::string_view host, std::string_view port,
                                const std::filesystem::path& folder) {
    // The HTTP library takes no IPv6 addresses in URLs; the API server's certificate has this name.
    const std::string reached = host.contains(':') ? "kubernetes.default.svc" : std::string(host);
    ClusterAccess access{.server = "https://" + reached + ":" + std::string(port)};
    access.authorities.file = folder / "ca.crt";
    access.token.file = folder / "token";
    if (auto name_space = read_file(folder / "namespace"); name_space && !name_space->empty()) {
        access.name_space = *name_space;
    }
    return access;
}

}  // namespace chatflow::kube
