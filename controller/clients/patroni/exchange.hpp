#pragma once

#include "controller/clients/http_transport.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::patroni {

struct Address {
    std::string ip;
    std::uint16_t port = 8008;
};

/// One request on a connection of its own, as HTTP/1.0: Patroni tells no length and ends an answer
/// by closing, which cpprestsdk takes for a broken connection now and then. Throws TransportError
/// or DeadlineExceeded.
[[nodiscard]] awaitable<clients::HttpResponse> exchange(Address address,
                                                        clients::HttpRequest request,
                                                        Deadline deadline);

/// Status and body of a whole answer; nothing when it is none. Headers are left out.
[[nodiscard]] std::optional<clients::HttpResponse> read_answer(std::string_view bytes);

}  // namespace chatflow::patroni
