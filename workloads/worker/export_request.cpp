#include "workloads/worker/export_request.hpp"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using nlohmann::json;

constexpr std::size_t kUserIdMax = 255;
constexpr std::size_t kFileNameMax = 150;  // file systems allow 255 bytes

}  // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
            return false;
        }
    }
    return true;
}

std::expected<ExportRequest, std::string> parse_export_request(std::string_view text) {
    using Wrong = std::unexpected<std::string>;
    const json data = json::parse(text, nullptr, false);
    if (!data.is_object()) return Wrong("must be an object with roomId or userId");
    const auto room = data.find("roomId");
    const auto user = data.find("userId");
    if ((room == data.end()) == (user == data.end())) {
        return Wrong("must have one of roomId and userId");
    }
    if (room != data.end()) {
        if (!room->is_string() || !is_uuid(room->get<std::string>())) {
            return Wrong("roomId: must be a UUID");
        }
        return ExportRequest{.room_id = room->get<std::string>(), .user_id = ""};
    }
    if (!user->is_string() || user->get<std::string>().empty() ||
        user->get<std::string>().size() > kUserIdMax) {
        return Wrong("userId: must be a text of 1 to " + std::to_string(kUserIdMax) + " bytes");
    }
    return ExportRequest{.room_id = "", .user_id = user->get<std::string>()};
}

std::string export_line(const ExportedMessage& message) {
    const json line = {{"roomId", message.room_id}, {"seq", message.seq},
                       {"id", message.id},          {"sender", message.sender},
                       {"body", message.body},      {"createdAt", message.created_at}};
    return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string export_file(std::string_view job_id, std::int64_t timestamp_ms) {
    std::string name(job_id.substr(0, kFileNameMax));
    std::ranges::replace_if(
        name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_'; },
        '-');
    // The numbers begin anew when a queue is emptied; the moment does not.
    return std::to_string(timestamp_ms) + "-" + name + ".jsonl";
}

int export_percent(std::int64_t done, std::int64_t total) {
    if (total <= 0 || done <= 0) return 0;
    return static_cast<int>(std::min<std::int64_t>(done * 100 / total, 99));
}

}  // namespace chatflow::worker
