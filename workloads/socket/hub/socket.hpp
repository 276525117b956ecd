#pragma once

#include "workloads/socket/hub/hub.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace chatflow::socket {

/// A client in one namespace.
struct Hub::Socket : Member {
    std::string id;
    std::string name_space;
    Session* session = nullptr;
    bool is_accepted = false;
    struct Questions {
        std::uint64_t next = 0;
        std::map<std::uint64_t, OnAnswer> open;
    };
    std::unique_ptr<Questions> questions;  // of ask()
};

/// What the hub keeps with a session.
struct Hub::Client final : SessionData {
    std::vector<std::unique_ptr<Socket>> sockets;
    /// A packet whose attachments have not all come.
    struct Incomplete {
        std::string text;
        std::size_t expected = 0;
        std::size_t bytes = 0;
        std::vector<std::string> attachments;
    };
    std::unique_ptr<Incomplete> incomplete;

    [[nodiscard]] Socket* in(std::string_view name_space) const {
        for (const auto& socket : sockets) {
            if (socket->name_space == name_space) return socket.get();
        }
        return nullptr;
    }
};

}  // namespace chatflow::socket
