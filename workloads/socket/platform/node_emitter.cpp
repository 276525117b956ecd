#include "workloads/socket/platform/node_emitter.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace chatflow::socket {
namespace {

using nlohmann::json;

constexpr int kEventPacket = 2;
constexpr int kBroadcastMessage = 3;
constexpr std::size_t kRoomsMax = 1000;

bool holds_binary(const json& value) {
    if (value.is_binary()) return true;
    return value.is_structured() && std::ranges::any_of(value, holds_binary);
}

bool read_names(const json& options, const char* name, std::vector<std::string>& places) {
    const auto list = options.find(name);
    if (list == options.end() || list->is_null()) return true;
    if (!list->is_array() || list->size() > kRoomsMax) return false;
    for (const json& entry : *list) {
        if (!entry.is_string()) return false;
        places.push_back(entry.get<std::string>());
    }
    return true;
}

std::optional<NodeBroadcast> broadcast(const json& packet, const json& options) {
    if (!packet.is_object() || !options.is_object()) return std::nullopt;
    if (packet.value("type", -1) != kEventPacket || packet.value("nsp", "") != "/") {
        return std::nullopt;
    }
    const auto data = packet.find("data");
    if (data == packet.end() || !data->is_array() || data->empty() || !data->front().is_string() ||
        holds_binary(*data)) {
        return std::nullopt;
    }
    NodeBroadcast found;
    if (!read_names(options, "rooms", found.rooms) ||
        !read_names(options, "except", found.except)) {
        return std::nullopt;
    }
    const auto flags = options.find("flags");
    found.is_volatile = flags != options.end() && flags->is_object() &&
                        flags->contains("volatile") && flags->at("volatile") == true;
    found.event = data->dump(-1, ' ', false, json::error_handler_t::replace);
    return found;
}

}  // namespace

std::optional<NodeBroadcast> parse_classic(std::string_view payload) {
    try {
        const auto value = json::from_msgpack(payload);
        if (!value.is_array() || value.size() != 3) return std::nullopt;
        return broadcast(value[1], value[2]);
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::optional<NodeBroadcast> parse_sharded(std::string_view payload) {
    try {
        const auto value =
            payload.starts_with('{') ? json::parse(payload) : json::from_msgpack(payload);
        if (value.at("type") != kBroadcastMessage) return std::nullopt;
        const auto& data = value.at("data");
        return broadcast(data.at("packet"), data.at("opts"));
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace chatflow::socket
