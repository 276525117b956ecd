#pragma once

#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/line_buffer.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

/// One line of a watch. ERROR lines are not delivered: they are thrown as ApiError.
struct WatchEvent {
    enum class Type { Added, Modified, Deleted, Bookmark };
    Type type = Type::Added;
    nlohmann::json object;
};

/// "metadata.resourceVersion" of an event's object; empty when it has none.
[[nodiscard]] std::string resource_version_of(const nlohmann::json& object);

/// Whether this is the bookmark that ends the initial events of a WatchList.
[[nodiscard]] bool ends_initial_events(const WatchEvent& event);

/// Reads one line; throws ApiError for an ERROR event, TransportError for what is no event.
[[nodiscard]] WatchEvent parse_watch_event(std::string_view line);

/// The events of one watch request. One reader. Destroying it closes the connection.
class WatchStream {
 public:
    explicit WatchStream(std::unique_ptr<clients::HttpStream> stream);

    /// Nothing when the server has ended the watch (its timeout, or a shutdown). Throws ApiError
    /// for an ERROR event (410: list again) and TransportError when the connection broke; half a
    /// line is never taken for an event.
    [[nodiscard]] awaitable<std::optional<WatchEvent>> next();

    // etcd refuses objects above 1.5 MiB; JSON may need several bytes for one of theirs.
    static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;

 private:
    std::unique_ptr<clients::HttpStream> stream_;
    LineBuffer lines_{kLineBytesMax};
};

}  // namespace chatflow::kube
