#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace chatflow::worker {

/// A job of the queue `exports`: all messages of a room, or all that a user has sent.
struct ExportRequest {
    std::string room_id;  // a UUID; or empty, and then
    std::string user_id;

    bool operator==(const ExportRequest&) const = default;
};

/// From a job's data; the error names what is wrong with it.
[[nodiscard]] std::expected<ExportRequest, std::string> parse_export_request(std::string_view json);

[[nodiscard]] bool is_uuid(std::string_view text);

/// A message as a line of the file.
struct ExportedMessage {
    std::string room_id;
    std::int64_t seq = 0;
    std::string id;
    std::string sender;
    std::string body;
    std::string created_at;  // RFC 3339
};
[[nodiscard]] std::string export_line(const ExportedMessage& message);

/// The name of a job's file: no other job's, and nothing that leads out of the folder.
[[nodiscard]] std::string export_file(std::string_view job_id, std::int64_t timestamp_ms);

/// 0 to 99: it is not done before it is done.
[[nodiscard]] int export_percent(std::int64_t done, std::int64_t total);

}  // namespace chatflow::worker
