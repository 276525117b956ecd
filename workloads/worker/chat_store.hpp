#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/postgres/options.hpp"
#include "workloads/worker/export_request.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::worker {

/// One entry of the audit log.
struct AuditEntry {
    std::string job;  // of which job it is: written once, however often the job runs
    std::int64_t timestamp_ms = 0;
    std::string actor;
    std::string action;
    std::string target;
    std::string details;  // JSON
};

/// What the worker reads and writes of the platform's PostgreSQL. Throws postgres::Error.
class ChatStore {
 public:
    ChatStore(postgres::Options options, Log log);
    ~ChatStore();
    ChatStore(const ChatStore&) = delete;
    ChatStore& operator=(const ChatStore&) = delete;

    [[nodiscard]] awaitable<std::int64_t> count_messages(ExportRequest request, Deadline deadline);
    /// At most kPageMax messages after a place, in the order of room and sequence; "" is before
    /// all.
    [[nodiscard]] awaitable<std::vector<ExportedMessage>> messages_after(ExportRequest request,
                                                                         std::string room_id,
                                                                         std::int64_t seq,
                                                                         Deadline deadline);
    /// Up to which message the user has read the room; nothing when the user is no member.
    [[nodiscard]] awaitable<std::optional<std::int64_t>> last_read(std::string room_id,
                                                                   std::string user_id,
                                                                   Deadline deadline);
    /// Makes the table audit_log when there is none.
    [[nodiscard]] awaitable<void> record(AuditEntry entry, Deadline deadline);

    static constexpr std::size_t kPageMax = 1000;

 private:
    struct Part;

    std::unique_ptr<Part> part_;
};

}  // namespace chatflow::worker
