#include "controller/domain/redis/replies.hpp"

#include <charconv>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

std::string_view cut_until(std::string_view& text, char separator) {
    const auto at = text.find(separator);
    const std::string_view piece = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return piece;
}

std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::int64_t number(const Fields& fields, std::string_view name, std::int64_t otherwise = 0) {
    const auto found = fields.find(name);
    return found == fields.end() ? otherwise : number(found->second);
}

std::string text(const Fields& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

Endpoint endpoint_of(const std::string& host, std::int64_t port) {
    return {host, static_cast<std::uint16_t>(port)};
}

/// "ip=10.0.0.1,port=6379,state=online,offset=14,lag=0"
FollowerView follower_from(std::string_view line) {
    Fields fields;
    while (!line.empty()) {
        std::string_view pair = cut_until(line, ',');
        const auto name = cut_until(pair, '=');
        fields.emplace(name, pair);
    }
    return {.endpoint = endpoint_of(text(fields, "ip"), number(fields, "port")),
            .online = text(fields, "state") == "online",
            .offset = number(fields, "offset"),
            .lag_seconds = number(fields, "lag", -1)};
}

/// "keys=3,expires=0,avg_ttl=0" of each database.
std::int64_t keys_in(const Fields& info) {
    std::int64_t keys = 0;
    for (auto db = info.lower_bound("db"); db != info.end() && db->first.starts_with("db"); ++db) {
        if (db->second.starts_with("keys=")) keys += number(std::string_view(db->second).substr(5));
    }
    return keys;
}

/// Whether a Sentinel's flags say that the instance cannot be counted on.
bool is_down(std::string_view flags) {
    return flags.contains("s_down") || flags.contains("o_down") || flags.contains("disconnected");
}

}  // namespace

std::map<std::string, std::string, std::less<>> parse_info(std::string_view text) {
    Fields lines;
    while (!text.empty()) {
        std::string_view line = cut_until(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        const auto name = cut_until(line, ':');
        lines.emplace(name, line);
    }
    return lines;
}

NodeView node_from_info(Endpoint endpoint, std::string_view info_text) {
    const Fields info = parse_info(info_text);
    NodeView node{.endpoint = std::move(endpoint)};
    const bool is_master = text(info, "role") == "master";
    node.role = is_master ? NodeRole::Master : NodeRole::Replica;
    node.keys = keys_in(info);
    node.loading = text(info, "loading") == "1";
    node.offset =
        is_master ? number(info, "master_repl_offset") : number(info, "slave_repl_offset");
    if (is_master) {
        const auto count = number(info, "connected_slaves");
        for (std::int64_t i = 0; i < count; ++i) {
            node.followers.push_back(follower_from(text(info, fmt::format("slave{}", i))));
        }
    } else {
        node.master = endpoint_of(text(info, "master_host"), number(info, "master_port"));
        node.link_up = text(info, "master_link_status") == "up";
        node.priority = number(info, "slave_priority", 100);
    }
    node.run_id = text(info, "run_id");
    node.used_memory = number(info, "used_memory");
    node.maxmemory = number(info, "maxmemory");
    node.evicted_keys = number(info, "evicted_keys");
    node.keyspace_hits = number(info, "keyspace_hits");
    node.keyspace_misses = number(info, "keyspace_misses");
    node.connected_clients = number(info, "connected_clients");
    node.commands_processed = number(info, "total_commands_processed");
    return node;
}

std::string queue_of_key(std::string_view key) {
    constexpr std::string_view kEnd = ":meta";
    for (const std::string_view begin : {"bull:", "{bull}:"}) {
        const bool fits = key.starts_with(begin) && key.ends_with(kEnd) &&
                          key.size() > begin.size() + kEnd.size();
        if (!fits) continue;
        return std::string(key.substr(begin.size(), key.size() - begin.size() - kEnd.size()));
    }
    return {};
}

SentinelView sentinel_from_fields(Endpoint endpoint, const Fields& master,
                                  const std::vector<Fields>& replicas) {
    const std::string flags = text(master, "flags");
    SentinelView view{.endpoint = std::move(endpoint),
                      .reachable = true,
                      .master = endpoint_of(text(master, "ip"), number(master, "port")),
                      .epoch = number(master, "config-epoch"),
                      .master_is_down = is_down(flags),
                      .master_down_ms = number(master, "s-down-time"),
                      .failing_over = flags.contains("failover_in_progress"),
                      .other_sentinels = number(master, "num-other-sentinels"),
                      .quorum = number(master, "quorum"),
                      .down_after_ms = number(master, "down-after-milliseconds"),
                      .failover_timeout_ms = number(master, "failover-timeout")};
    for (const Fields& replica : replicas) {
        const std::string state = text(replica, "flags");
        view.replicas.push_back({endpoint_of(text(replica, "ip"), number(replica, "port")),
                                 !is_down(state) && text(replica, "role-reported") == "slave",
                                 number(replica, "slave-priority", 100),
                                 number(replica, "master-link-down-time")});
    }
    return view;
}

}  // namespace chatflow::redis_topology
