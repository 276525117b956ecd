#include "workloads/socket/platform/session_record.hpp"

#include <nlohmann/json.hpp>

namespace chatflow::socket {

using nlohmann::json;

std::string to_json(const SessionRecord& record) {
    const json value = {{"user", record.user}, {"member", record.member}, {"rooms", record.rooms}};
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<SessionRecord> parse_session(std::string_view text) {
    try {
        const auto value = json::parse(text);
        SessionRecord record;
        record.user = value.at("user").get<std::string>();
        record.member = value.at("member").get<std::string>();
        record.rooms = value.at("rooms").get<std::map<std::string, rooms::MessageId>>();
        return record;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace chatflow::socket
