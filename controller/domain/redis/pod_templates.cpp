#include "controller/domain/redis/pod_templates.hpp"

#include "controller/domain/objects/common.hpp"
#include "controller/domain/objects/placement.hpp"
#include "controller/domain/redis/agent_settings.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/objects.hpp"
#include "controller/domain/redis/route.hpp"
#include "controller/domain/redis/tls.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using nlohmann::json;

constexpr int kUser = 999;  // redis, in the image
// Beyond what a hand-over takes: 12 s until the Sentinel prefers the target, then 4 s of pause.
constexpr int kGraceSeconds = 60;
constexpr int kLeftOutSeconds = 2;  // until no kube-proxy leads anybody to a pod that ends
constexpr const char* kProgram = "/usr/bin/chatflow-redis";
constexpr const char* kUsersFile = "/etc/chatflow/users/users.conf";
constexpr const char* kPasswordFile = "/etc/chatflow/auth/password";
constexpr const char* kConfig = "/etc/chatflow/config";
constexpr const char* kCertificates = "/etc/chatflow/tls";

json mount(const char* name, const char* path, bool read_only = false) {
    json mount = {{"name", name}, {"mountPath", path}};
    if (read_only) mount["readOnly"] = true;
    return mount;
}

std::string agent_settings_file() { return fmt::format("{}/{}", kConfig, kAgentSettingsFile); }

bool is_cluster(const api::RedisTopology& topology) {
    return topology.spec.mode == api::RedisMode::Cluster;
}

std::vector<std::string> tls_arguments(const api::RedisTopology& topology) {
    if (!topology.spec.tls.enabled) return {};
    return {"--tls-folder", kCertificates, "--server-name", server_name_of(topology)};
}

/// This server and the nodes that may be master; who the Sentinels are, and their times, is in a
/// file.
json server_arguments(const api::RedisTopology& topology, int port) {
    json arguments = json::array();
    const std::string& name = topology.metadata.name;
    const auto add = [&arguments](const char* option, const std::string& value) {
        arguments.push_back(option);
        arguments.push_back(value);
    };
    add("--name", name);
    add("--password-file", kPasswordFile);
    for (const std::string& argument : tls_arguments(topology)) arguments.push_back(argument);
    // With its domain: a pod's bare name is the pod's own address, in its /etc/hosts.
    add("--self", fmt::format("$(POD_NAME).$(POD_NAMESPACE).svc:{}", port));
    if (is_cluster(topology)) {
        arguments.push_back("--cluster");
        add("--node", fmt::format("{}-cluster:{}", name, kRedisPort));
        if (!topology.spec.appendonly) arguments.push_back("--ephemeral");
        return arguments;
    }
    add("--settings", agent_settings_file());
    for (int i = 0; i < kElectable; ++i)
        add("--node", fmt::format("{}-{}:{}", name, i, kRedisPort));
    return arguments;
}

json pod(const api::RedisTopology& topology, const std::string& part, json containers,
         json volumes) {
    json spec = {{"serviceAccountName", topology.metadata.name + "-redis"},
                 {"automountServiceAccountToken", part == "sentinel"},
                 {"terminationGracePeriodSeconds", kGraceSeconds},
                 {"securityContext", objects::pod_security(kUser)},
                 {"enableServiceLinks", false},
                 {"containers", std::move(containers)},
                 {"volumes", std::move(volumes)}};
    const auto labels = part_labels(topology.metadata.name, part);
    spec.update(objects::placed(topology.spec.placement, labels));
    return {{"metadata", {{"labels", labels}}}, {"spec", std::move(spec)}};
}

json password_volume(const std::string& topology) {
    return {{"name", "auth"},
            {"secret", {{"secretName", auth_secret_of(topology)}, {"defaultMode", 0440}}}};
}

json config_volume(const std::string& topology) {
    return {{"name", "config"}, {"configMap", {{"name", topology + "-redis"}}}};
}

/// Certificates, where they are asked for.
void add_tls(const api::RedisTopology& topology, json& volumes, json& containers) {
    if (!topology.spec.tls.enabled) return;
    volumes.push_back(
        {{"name", "tls"},
         {"secret", {{"secretName", tls_secret_of(topology)}, {"defaultMode", 0440}}}});
    for (json& container : containers) {
        container["volumeMounts"].push_back(mount("tls", kCertificates, true));
    }
}

/// Without the operator's first look it is not there yet.
json users_volume(const std::string& topology) {
    return {{"name", "users"},
            {"configMap", {{"name", users_file_of(topology)}, {"optional", true}}}};
}

json environment() {
    return json::array(
        {{{"name", "POD_NAME"}, {"valueFrom", {{"fieldRef", {{"fieldPath", "metadata.name"}}}}}},
         {{"name", "POD_NAMESPACE"},
          {"valueFrom", {{"fieldRef", {{"fieldPath", "metadata.namespace"}}}}}}});
}

/// Asks the server itself, with the password of the file; a node that loads its data is not ready.
json answers_ping(const api::RedisTopology& topology, int port) {
    const std::string tls =
        topology.spec.tls.enabled ? fmt::format(" --tls --cacert {}/ca.crt", kCertificates) : "";
    const std::string command =
        fmt::format("REDISCLI_AUTH=$(cat {}) {} -p {}{} -t 2 ping | grep -q PONG", kPasswordFile,
                    programs_of(topology).client, port, tls);
    return {{"exec", {{"command", json::array({"sh", "-c", command})}}},
            {"periodSeconds", 5},
            {"timeoutSeconds", 3}};
}

json resources_of(const api::RedisResources& resources) {
    json all = json::object();
    for (const auto& [name, amount] : resources.requests) {
        all["requests"][name] = to_string(amount);
    }
    for (const auto& [name, amount] : resources.limits) all["limits"][name] = to_string(amount);
    return all;
}

}  // namespace

json topology_labels(const std::string& topology) {
    return {{kTopologyLabel, topology},
            {"app.kubernetes.io/name", "redis"},
            {"app.kubernetes.io/instance", topology},
            {"app.kubernetes.io/managed-by", "chatflow"}};
}

Programs programs_of(const api::RedisTopology& topology) {
    if (topology.spec.engine == api::RedisEngine::Valkey) {
        return {"/usr/bin/valkey-server", "/usr/bin/valkey-server", "/usr/bin/valkey-cli",
                "/usr/bin/valkey-check-rdb"};
    }
    return {"/usr/bin/redis-server", "/usr/bin/redis-sentinel", "/usr/bin/redis-cli",
            "/usr/bin/redis-check-rdb"};
}

json part_labels(const std::string& topology, const std::string& part) {
    return {{kTopologyLabel, topology}, {kPartLabel, part}};
}

json node_template(const api::RedisTopology& topology, const std::string& image) {
    json arguments =
        json::array({"start", "--server", programs_of(topology).server, "--include",
                     fmt::format("{}/redis.conf", kConfig), "--include-if-there", kUsersFile});
    json hand_over = json::array({kProgram, "hand-over"});
    for (const json& argument : server_arguments(topology, kRedisPort)) {
        arguments.push_back(argument);
        hand_over.push_back(argument);
    }
    // A hook's command is not expanded as a container's is, so a shell does it.
    std::string hook;
    for (const json& argument : hand_over) hook += argument.get<std::string>() + " ";
    std::erase_if(hook, [](char c) { return c == '(' || c == ')'; });
    // Services lead new connections to a pod for a moment after its deletion has begun.
    hook = fmt::format("sleep {} & {}; rc=$?; wait; exit $rc", kLeftOutSeconds, hook);
    json ports = json::array({{{"name", "redis"}, {"containerPort", kRedisPort}}});
    if (is_cluster(topology)) ports.push_back({{"name", "bus"}, {"containerPort", kBusPort}});
    if (topology.spec.tls.plain_port) {
        ports.push_back({{"name", "plain"}, {"containerPort", kPlainPort}});
        arguments.push_back("--plain-port");
        arguments.push_back(std::to_string(kPlainPort));
    }
    json container = {
        {"name", "redis"},
        {"image", image},
        {"command", json::array({kProgram})},
        {"args", std::move(arguments)},
        {"env", environment()},
        {"ports", std::move(ports)},
        {"readinessProbe", answers_ping(topology, kRedisPort)},
        {"lifecycle", {{"preStop", {{"exec", {{"command", json::array({"sh", "-c", hook})}}}}}}},
        {"securityContext", objects::container_security()},
        {"volumeMounts",
         json::array({mount("data", "/data"), mount("run", "/run/redis"),
                      mount("config", kConfig, true), mount("users", "/etc/chatflow/users", true),
                      mount("auth", "/etc/chatflow/auth", true)})}};
    if (json resources = resources_of(topology.spec.resources); !resources.empty()) {
        container["resources"] = std::move(resources);
    }
    json containers = json::array({std::move(container)});
    json volumes = json::array({{{"name", "run"}, {"emptyDir", json::object()}},
                                config_volume(topology.metadata.name),
                                users_volume(topology.metadata.name),
                                password_volume(topology.metadata.name)});
    add_tls(topology, volumes, containers);
    json node = pod(topology, "node", std::move(containers), std::move(volumes));
    node["metadata"]["annotations"][kRestartAnnotation] =
        fingerprint(node_config(topology.spec).restart);
    return node;
}

json sentinel_template(const api::RedisTopology& topology, const std::string& image,
                       const std::string& certificates) {
    json arguments =
        json::array({"sentinel", "--server", programs_of(topology).sentinel, "--identity",
                     fmt::format("{}/$(POD_NAME)", topology.metadata.uid)});
    for (const json& argument : server_arguments(topology, kSentinelPort)) {
        arguments.push_back(argument);
    }
    json sentinel = {
        {"name", "sentinel"},
        {"image", image},
        {"command", json::array({kProgram})},
        {"args", std::move(arguments)},
        {"env", environment()},
        {"ports", json::array({{{"name", "sentinel"}, {"containerPort", kSentinelPort}}})},
        {"readinessProbe", answers_ping(topology, kSentinelPort)},
        {"securityContext", objects::container_security()},
        {"resources", {{"requests", {{"cpu", "20m"}, {"memory", "32Mi"}}}}},
        {"volumeMounts",
         json::array({mount("data", "/data"), mount("run", "/run/redis"),
                      mount("config", kConfig, true), mount("auth", "/etc/chatflow/auth", true)})}};
    json route = json::array({"route", "--name", topology.metadata.name, "--namespace",
                              "$(POD_NAMESPACE)", "--password-file", kPasswordFile, "--sentinel",
                              fmt::format("127.0.0.1:{}", kSentinelPort), "--settings",
                              agent_settings_file()});
    for (const std::string& argument : tls_arguments(topology)) route.push_back(argument);
    json agent = {{"name", "route"},
                  {"image", image},
                  {"command", json::array({kProgram})},
                  {"args", std::move(route)},
                  {"env", environment()},
                  {"securityContext", objects::container_security()},
                  {"resources", {{"requests", {{"cpu", "20m"}, {"memory", "32Mi"}}}}},
                  {"volumeMounts", json::array({mount("config", kConfig, true),
                                                mount("auth", "/etc/chatflow/auth", true)})}};
    json containers = json::array({std::move(sentinel), std::move(agent)});
    json volumes = json::array({{{"name", "run"}, {"emptyDir", json::object()}},
                                config_volume(topology.metadata.name),
                                password_volume(topology.metadata.name)});
    add_tls(topology, volumes, containers);
    json made = pod(topology, "sentinel", std::move(containers), std::move(volumes));
    if (!certificates.empty()) {
        made["metadata"]["annotations"][kCertificatesAnnotation] = certificates;
    }
    return made;
}

json job_template(const api::RedisTopology& topology, const std::string& image, json arguments,
                  const std::vector<MountedClaim>& claims) {
    const Programs programs = programs_of(topology);
    const auto add = [&arguments](const std::string& option, const std::string& value) {
        arguments.push_back(option);
        arguments.push_back(value);
    };
    add("--name", topology.metadata.name);
    add("--password-file", kPasswordFile);
    add("--client", programs.client);
    add("--check", programs.check);
    for (const std::string& argument : tls_arguments(topology)) arguments.push_back(argument);
    json mounts = json::array({mount("auth", "/etc/chatflow/auth", true)});
    json volumes = json::array({password_volume(topology.metadata.name)});
    for (const MountedClaim& claim : claims) {
        mounts.push_back(mount(claim.name.c_str(), claim.path.c_str()));
        volumes.push_back(
            {{"name", claim.name}, {"persistentVolumeClaim", {{"claimName", claim.claim}}}});
    }
    json containers =
        json::array({{{"name", "redis"},
                      {"image", image},
                      {"command", json::array({kProgram})},
                      {"args", std::move(arguments)},
                      {"terminationMessagePolicy", "FallbackToLogsOnError"},
                      {"securityContext", objects::container_security()},
                      {"resources", {{"requests", {{"cpu", "50m"}, {"memory", "64Mi"}}}}},
                      {"volumeMounts", std::move(mounts)}}});
    add_tls(topology, volumes, containers);
    json made = pod(topology, "backup", std::move(containers), std::move(volumes));
    made["spec"]["restartPolicy"] = "Never";
    made["spec"].erase("affinity");
    made["spec"].erase("terminationGracePeriodSeconds");
    return made;
}

}  // namespace chatflow::redis_topology
