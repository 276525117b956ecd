#pragma once

#include "libs/base/deadline.hpp"
#include "libs/http/url.hpp"

#include <cstddef>
#include <expected>
#include <string>

namespace chatflow::socket {

/// Where keys are read from.
struct KeyServer {
    http::HttpUrl url;
    std::string ca_file;  // PEM, for https; empty: the system's authorities
};

/// The body of a 200, at most `bytes_max`; else what went wrong. Redirects are not followed. Blocks
/// until the deadline at the latest, and a name look-up may take longer: for a thread of its own.
[[nodiscard]] std::expected<std::string, std::string> fetch(const KeyServer& server,
                                                            std::size_t bytes_max,
                                                            Deadline deadline);

}  // namespace chatflow::socket
