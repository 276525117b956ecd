#include "controller/domain/redis/backup_objects.hpp"

#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/pod_templates.hpp"

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using nlohmann::json;

constexpr const char* kBackups = "/backup";
constexpr int kAttempts = 2;             // beyond the first
constexpr int kSecondsMax = 6 * 3600;    // a Job that takes longer hangs
constexpr int kKeptSeconds = 24 * 3600;  // of a Job that ended, for its log

std::string backup_claim_of(const std::string& topology) { return topology + "-backup"; }
/// Of the shard's first node, as the StatefulSet will call it.
std::string first_claim_of(const api::RedisTopology& topology, int shard) {
    return fmt::format("data-{}-{}", topology.metadata.name,
                       shard * (1 + topology.spec.replicas_per_shard));
}

/// Without an owner: nothing deletes it but the user.
DesiredObject claim(const std::string& name, const api::RedisStorage& storage, json labels) {
    json object = {{"apiVersion", "v1"},
                   {"kind", "PersistentVolumeClaim"},
                   {"metadata", {{"name", name}, {"labels", std::move(labels)}}},
                   {"spec",
                    {{"accessModes", json::array({"ReadWriteOnce"})},
                     {"resources", {{"requests", {{"storage", to_string(storage.size)}}}}}}}};
    if (!storage.class_name.empty()) object["spec"]["storageClassName"] = storage.class_name;
    return {.group = "",
            .version = "v1",
            .plural = "persistentvolumeclaims",
            .name = name,
            .json = object.dump(),
            .create_only = true};
}

DesiredObject job(const api::RedisTopology& topology, const std::string& name, const json& labels,
                  const json& annotations, json pod) {
    const json rest = {{"metadata", {{"annotations", annotations}}},
                       {"spec",
                        {{"backoffLimit", kAttempts},
                         {"activeDeadlineSeconds", kSecondsMax},
                         {"ttlSecondsAfterFinished", kKeptSeconds},
                         {"template", std::move(pod)}}}};
    DesiredObject object = owned_object(topology, "batch/v1", "Job", "jobs", name, rest.dump());
    json labelled = json::parse(object.json);
    labelled["metadata"]["labels"].update(labels);
    object.json = labelled.dump();
    object.create_only = true;
    return object;
}

std::string image_of(const api::RedisTopology& topology, const std::string& image) {
    return topology.spec.image.empty() ? image : topology.spec.image;
}

}  // namespace

DesiredObject backup_claim(const api::RedisTopology& topology) {
    const std::string& name = topology.metadata.name;
    return claim(backup_claim_of(name), topology.spec.backup->storage, topology_labels(name));
}

DesiredObject backup_job(const api::RedisTopology& topology, const std::string& name,
                         const std::string& request_id, const std::vector<std::string>& from,
                         const std::string& image) {
    const std::string& own = topology.metadata.name;
    json arguments = json::array({"backup", "--folder", kBackups, "--backup", name, "--keep",
                                  std::to_string(topology.spec.backup->keep)});
    for (const std::string& pod : from) {
        arguments.push_back("--node");
        arguments.push_back(
            fmt::format("{}.{}.svc:{}", pod, topology.metadata.name_space, kRedisPort));
    }
    json pod = job_template(topology, image_of(topology, image), std::move(arguments),
                            {{"backup", backup_claim_of(own), kBackups}});
    json annotations = {{kBackupAnnotation, name}, {kRequestAnnotation, request_id}};
    return job(topology, fmt::format("{}-backup-{}", own, name), part_labels(own, "backup"),
               annotations, std::move(pod));
}

DesiredObject first_data_claim(const api::RedisTopology& topology, int shard) {
    const std::string& name = topology.metadata.name;
    return claim(first_claim_of(topology, shard), topology.spec.storage, part_labels(name, "node"));
}

DesiredObject restore_job(const api::RedisTopology& topology, const FirstData& data,
                          const std::string& image) {
    const std::string& own = topology.metadata.name;
    const bool is_cluster = topology.spec.mode == api::RedisMode::Cluster;
    json arguments = json::array({"restore", "--from", kBackups, "--folder", "/data"});
    const auto add = [&arguments](const char* option, const std::string& value) {
        arguments.push_back(option);
        arguments.push_back(value);
    };
    if (!data.backup.empty()) add("--backup", data.backup);
    if (is_cluster) {
        add("--shard", std::to_string(data.shard));
        add("--shards", std::to_string(topology.spec.shards));
    }
    if (topology.spec.appendonly) arguments.push_back("--appendonly");
    const std::string& from = topology.spec.bootstrap->from_backup->topology;
    json pod = job_template(topology, image_of(topology, image), std::move(arguments),
                            {{"backup", backup_claim_of(from), kBackups},
                             {"data", first_claim_of(topology, data.shard), "/data"}});
    json annotations = {{kBackupAnnotation, data.backup},
                        {kShardAnnotation, std::to_string(data.shard)}};
    const std::string name =
        is_cluster ? fmt::format("{}-restore-{}", own, data.shard) : own + "-restore";
    return job(topology, name, part_labels(own, "restore"), annotations, std::move(pod));
}

}  // namespace chatflow::redis_topology
