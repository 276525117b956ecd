#include "controller/redis_agent/resolve.hpp"

#include <array>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

namespace chatflow::redis_agent {
namespace {

std::string text_of(const addrinfo& address) {
    std::array<char, NI_MAXHOST> text{};
    getnameinfo(address.ai_addr, address.ai_addrlen, text.data(), text.size(), nullptr, 0,
                NI_NUMERICHOST);
    return text.data();
}

}  // namespace

std::optional<redis_topology::Endpoint> resolve(const Place& place) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(place.host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    const addrinfo* best = found;
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
        if (address->ai_family == AF_INET) {
            best = address;
            break;
        }
    }
    return redis_topology::Endpoint{text_of(*best), place.port};
}

std::vector<redis_topology::Endpoint> resolve(const std::vector<Place>& places) {
    std::vector<redis_topology::Endpoint> endpoints;
    for (const Place& place : places) {
        if (auto endpoint = resolve(place)) endpoints.push_back(std::move(*endpoint));
    }
    return endpoints;
}

}  // namespace chatflow::redis_agent
