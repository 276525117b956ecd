#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/domain/redis/agent_settings.hpp"
#include "controller/domain/redis/start_gate.hpp"
#include "controller/redis_agent/options.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace chatflow::redis_agent {

/// redis.conf of one start: what the topology gives by files, then what only this node knows.
[[nodiscard]] std::string redis_conf(const Options& options, const redis_topology::Endpoint& self,
                                     const redis_topology::GateDecision& decision,
                                     const std::string& password);

/// … of a node of Redis Cluster.
[[nodiscard]] std::string cluster_conf(const Options& options, const redis_topology::Endpoint& self,
                                       const std::string& password);

/// sentinel.conf of a Sentinel without memory.
[[nodiscard]] std::string new_sentinel_conf(const Options& options,
                                            const redis_topology::AgentSettings& settings,
                                            const redis_topology::Endpoint& self,
                                            const redis_topology::Endpoint& master,
                                            const std::string& password);

/// The file that the Sentinel keeps its memory in, with this start's address and password.
[[nodiscard]] std::string kept_sentinel_conf(const std::string& kept, const Options& options,
                                             const redis_topology::Endpoint& self,
                                             const std::string& password);

/// Whether the files of a data folder hold keys: an append-only file with commands, or a snapshot
/// with more than a header.
[[nodiscard]] bool has_data(const std::filesystem::path& folder);
/// Of the beginning of a snapshot (RDB): what is not understood counts as keys.
[[nodiscard]] bool snapshot_has_keys(std::string_view beginning);

/// Whole or not at all, readable by us alone.
void write_secret_file(const std::filesystem::path& path, const std::string& text);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// The file of options.settings as it is now: the kubelet changes it. Throws when it is not right.
[[nodiscard]] redis_topology::AgentSettings read_settings(const Options& options);
/// How this program logs in at nodes and Sentinels, and whom it trusts.
[[nodiscard]] redis_topology::Credentials credentials_of(const Options& options);
/// Without the line's end; "" when no file is named.
[[nodiscard]] std::string read_password(const std::string& path);

}  // namespace chatflow::redis_agent
