#pragma once

#include "hack/load/options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::load {

/// Writes the requests of a run as they go over the wire. Rooms take turns; of ten mixed requests
/// four read a room, five its newest messages, and one sends a message.
class Requests {
 public:
    /// `run` tells this run's messages from those of others.
    Requests(Target target, Mix mix, std::string run);

    /// An account for this run, and its renewal.
    [[nodiscard]] std::string sign_up(std::string_view password) const;
    [[nodiscard]] std::string renewal(std::string_view refresh_token) const;
    /// From now on in every request; messages then name no sender.
    void use_token(std::string_view access_token);

    [[nodiscard]] std::string new_room(std::size_t number) const;
    [[nodiscard]] std::string new_message(std::string_view room_id, std::uint64_t number) const;

    void use_rooms(std::vector<std::string> ids) { rooms_ = std::move(ids); }
    /// The request of that number. use_rooms() comes first.
    [[nodiscard]] std::string load(std::uint64_t number) const;

 private:
    [[nodiscard]] std::string get(std::string_view path) const;
    [[nodiscard]] std::string post(std::string_view path, std::string_view json) const;

    std::string host_;  // header
    Mix mix_;
    std::string run_;
    std::string authorization_;  // header, empty without a token
    std::vector<std::string> rooms_;
};

}  // namespace chatflow::load
