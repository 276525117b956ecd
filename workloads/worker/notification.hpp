#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::worker {

enum class ChannelKind { InApp, Email, Webhook };

/// One way on which a notification goes out.
struct Channel {
    ChannelKind kind = ChannelKind::InApp;
    std::string to;  // an address, a URL; empty: of InApp

    /// "in-app", "email:ada@example.com": what tells it from the others of its notification.
    [[nodiscard]] std::string key() const;
    bool operator==(const Channel&) const = default;
};

/// A job of the queue `notifications`.
struct Notification {
    std::string user_id;
    std::string title;
    std::string text;
    std::string room_id;   // of a message; empty: of nothing that is read
    std::int64_t seq = 0;  // the message's in its room
    std::vector<Channel> channels;

    bool operator==(const Notification&) const = default;
};

inline constexpr std::size_t kChannelsMax = 10;

/// From a job's data; the error names what is wrong with it.
[[nodiscard]] std::expected<Notification, std::string> parse_notification(std::string_view json);

/// Whether its message was read before it went out. `last_read`: the user's, of that room.
[[nodiscard]] bool is_read_already(const Notification& notification,
                                   std::optional<std::int64_t> last_read);

/// Channels by which it went out, as the job's progress keeps them, so that a retry leaves them
/// out.
[[nodiscard]] std::vector<std::string> parse_delivered(std::string_view progress);
[[nodiscard]] std::string delivered_json(const std::vector<std::string>& keys);

/// What services and clients get.
[[nodiscard]] std::string to_json(const Notification& notification, const std::string& id);

}  // namespace chatflow::worker
